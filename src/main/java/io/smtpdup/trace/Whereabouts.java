package io.smtpdup.trace;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Where a mail's copy for one backup is, or how it ended.
 *
 * @param destination as the log calls it, host:port
 * @param backup its name in the settings; null when that is not known
 * @param state {@code in-flight}, {@code waiting}, {@code deferred}, {@code dead} or {@code damaged} for a copy that was found there;
 *     otherwise that of the last event: {@code delivered}, {@code partial}, {@code deferred}, {@code failed}, {@code unknown},
 *     {@code dead-lettered}, {@code requeued}, {@code deleted}, {@code replayed}, {@code moved}, {@code lost}, {@code damaged}
 * @param found whether the copy was found there, rather than concluded from the last event
 * @param recipients of a copy that was found; empty for all
 * @param attempts how often it was tried
 * @param at when it was tried last, or what happened last; null when nothing did
 * @param reply what the backup said then; null when nothing
 * @param nextAttemptAt when a deferred copy is tried again; null for others
 * @param key of the copy, see {@code /spool/dead/export}; null for none
 */
public record Whereabouts(String destination, @Nullable String backup, String state, boolean found, List<String> recipients, long attempts,
        @Nullable Instant at, @Nullable String reply, @Nullable Instant nextAttemptAt, @Nullable String key) {
}
