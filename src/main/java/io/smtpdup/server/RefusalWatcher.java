package io.smtpdup.server;

/**
 * Hears of each recipient that the next server has refused for good in its own words; what we refuse ourselves, or in the place of a
 * server that does not answer, is none of these. A listener tells the one bean of this type in the registry, if there is one.
 */
@FunctionalInterface
public interface RefusalWatcher {

    /** Called while the client waits for the reply: returns at once, and throws nothing. By any thread. */
    void refused(Refusal refusal);
}
