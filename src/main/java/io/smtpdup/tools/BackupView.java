package io.smtpdup.tools;

import java.time.Instant;

/**
 * How a backup is doing.
 *
 * @param name as in its queue's
 * @param address host:port of the server that gets its copies; null for a backup that is not in the list, when none does
 * @param role backup; primary for a server that was a backup and is the primary now; left for one that was a backup
 * @param state active, away or paused; for a backup that is not in the list, elsewhere when another relay has it, or unread
 * @param since when it came into this state; null when that is not known
 * @param waiting copies that wait for their turn
 * @param deferred copies that wait for their time
 * @param inFlight copies that are being sent
 * @param dead dead letters
 * @param damaged copies that were set aside, because they cannot be read or are not what was queued
 * @param oldest when the oldest copy that is not dead was accepted; null when there is none
 * @param lastError the latest trouble with the server, since the start; null for none
 * @param lastErrorAt null exactly when there is no error
 * @param nextTry when a backup that is away is tried again; null for others, and while it is tried
 */
public record BackupView(
        String name,
        String address,
        String role,
        String state,
        Instant since,
        long waiting,
        long deferred,
        long inFlight,
        long dead,
        long damaged,
        Instant oldest,
        String lastError,
        Instant lastErrorAt,
        Instant nextTry) {
}
