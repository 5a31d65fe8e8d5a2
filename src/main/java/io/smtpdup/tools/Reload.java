package io.smtpdup.tools;

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

    /** False where only a restart can read anything anew; {@link #now} then says so. */
    default boolean isPossible() {
        return true;
    }
}
