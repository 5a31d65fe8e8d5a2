package io.smtpdup.tools;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import io.smtpdup.config.KeyChange;

/** Reads settings, routes and certificates anew while mail flows. Safe for use by several threads: one reload at a time. */
@FunctionalInterface
public interface Reload {

    /**
     * Reads and checks everything, and has it in force when this returns; or leaves everything as it is when anything is wrong.
     * Takes seconds: not for a thread that others wait for. May be called by who answers a request of the management port.
     *
     * @param reason for the log: who wants it, in a few words
     */
    ReloadResult now(String reason);

    /** How the latest one went; empty before the first. */
    default Optional<Latest> latest() {
        return Optional.empty();
    }

    /**
     * A reload that is over.
     *
     * @param at by the clock on the wall
     * @param reason who wanted it
     * @param problems why nothing has changed, a line each; empty when what the files said then is in force
     * @param needsRestart keys that wait for the next start, as the latest one has found them that was not refused
     */
    record Latest(Instant at, String reason, List<String> problems, List<KeyChange> needsRestart) {

        public Latest {
            problems = List.copyOf(problems);
            needsRestart = List.copyOf(needsRestart);
        }
    }

    /** False where only a restart can read anything anew; {@link #now} then says so. */
    default boolean isPossible() {
        return true;
    }
}
