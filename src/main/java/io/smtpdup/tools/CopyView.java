package io.smtpdup.tools;

import java.time.Instant;
import java.util.List;

import io.smtpdup.spool.QueuedCopy;

/**
 * One copy, wherever it is. What is not known, or does not apply, is null.
 *
 * @param key names a dead letter among those of the same mail
 * @param state in-flight, waiting, deferred or dead
 * @param recipients all of them, or the first of a great many
 * @param attempts how often it was tried
 * @param client the address from which its mail came
 * @param primaryReply what the primary said when it took the mail
 */
public record CopyView(
        String id,
        String backup,
        String state,
        String from,
        List<String> recipients,
        int recipientCount,
        long size,
        Instant acceptedAt,
        int attempts,
        Instant lastAttemptAt,
        String lastReply,
        Instant nextAttemptAt,
        Instant deadAt,
        String key,
        String client,
        String primaryReply) {

    static CopyView of(String backup, String state, QueuedCopy copy) {
        return new CopyView(copy.id(), backup, state, copy.reversePath(), copy.recipients(), copy.recipientCount(), copy.size(),
                copy.acceptedAt(), copy.attempts(), copy.lastAttemptAt(), copy.lastReply(), copy.dueAt(), copy.deadAt(),
                copy.key(), copy.client(), copy.primaryReply());
    }
}
