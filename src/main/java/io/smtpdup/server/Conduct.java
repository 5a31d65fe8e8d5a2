package io.smtpdup.server;

import java.util.EnumMap;
import java.util.Map;

/**
 * How one client behaves: what it got wrong, said for nothing, and was refused since it last sent a mail. A client that goes
 * on and on with any of these is no mail client, or looks for addresses. Used by one thread.
 */
final class Conduct {

    /** What counts, each against a limit of its own. */
    enum Kind {
        /** A 5xx of ours. */
        ERROR,
        /** A command that brings no mail nearer, like NOOP or RSET. */
        EMPTY,
        /** A refusal that is the next server's, or because of a passing lack of ours. */
        REFUSAL,
        /** A recipient beyond what one mail may have: costs nobody anything, and comes by the thousand with a large list. */
        SURPLUS
    }

    /** How many times the recipients of a mail a client may name in vain. */
    private static final int SURPLUS_TIMES = 100;

    /** Lines that the log has of one client for what it was refused, until it sends a mail. */
    static final int LINES = 20;

    private final Map<Kind, Integer> limits = new EnumMap<>(Kind.class);
    private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    private int lines;
    private int unlogged;

    Conduct(SmtpServerConfiguration configuration) {
        limits.put(Kind.ERROR, configuration.getMaxErrors());
        limits.put(Kind.EMPTY, configuration.getMaxEmptyCommands());
        limits.put(Kind.REFUSAL, configuration.getMaxRefusals());
        limits.put(Kind.SURPLUS, SURPLUS_TIMES * configuration.getMaxRecipients());
    }

    /** Counts one. Returns true when it was one too many. */
    boolean count(Kind kind) {
        int count = counts.merge(kind, 1, Integer::sum);
        return limits.get(kind) > 0 && count > limits.get(kind);
    }

    int errors() {
        return counts.getOrDefault(Kind.ERROR, 0);
    }

    int emptyCommands() {
        return counts.getOrDefault(Kind.EMPTY, 0);
    }

    int refusals() {
        return counts.getOrDefault(Kind.REFUSAL, 0);
    }

    /** The content of a mail has come to its end, so that what was said before it was not for nothing. */
    void contentSent() {
        counts.remove(Kind.EMPTY);
        counts.remove(Kind.SURPLUS);
    }

    /** A mail was taken: this is a mail client, whatever it got wrong before. */
    void mailTaken() {
        counts.clear();
        lines = 0;
    }

    /** Another client speaks on the same connection. */
    void anotherClient() {
        counts.remove(Kind.ERROR);
        counts.remove(Kind.REFUSAL);
    }

    /** Whether one more refusal may have a line in the log; when not, it is counted for the summary. */
    boolean mayLog() {
        if (lines < LINES) {
            lines++;
            return true;
        }
        unlogged++;
        return false;
    }

    /** How many refusals the log has no line of. */
    int unlogged() {
        return unlogged;
    }
}
