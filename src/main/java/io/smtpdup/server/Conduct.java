package io.smtpdup.server;

import java.util.Arrays;

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

    private SmtpServerConfiguration limits;
    private final int[] counts = new int[Kind.values().length];
    private int lines;
    private int unlogged;

    /** @param limits for each kind; 0 is none */
    Conduct(SmtpServerConfiguration limits) {
        this.limits = limits;
    }

    /** Has other limits from now on. */
    void limits(SmtpServerConfiguration changed) {
        limits = changed;
    }

    /** Counts one. Returns true when it was one too many. */
    boolean count(Kind kind) {
        int count = ++counts[kind.ordinal()];
        int limit = switch (kind) {
            case ERROR -> limits.getMaxErrors();
            case EMPTY -> limits.getMaxEmptyCommands();
            case REFUSAL -> limits.getMaxRefusals();
            case SURPLUS -> SURPLUS_TIMES * limits.getMaxRecipients();
        };
        return limit > 0 && count > limit;
    }

    int errors() {
        return counts[Kind.ERROR.ordinal()];
    }

    int emptyCommands() {
        return counts[Kind.EMPTY.ordinal()];
    }

    int refusals() {
        return counts[Kind.REFUSAL.ordinal()];
    }

    private void forget(Kind kind) {
        counts[kind.ordinal()] = 0;
    }

    /** The content of a mail has come to its end, so that what was said before it was not for nothing. */
    void contentSent() {
        forget(Kind.EMPTY);
        forget(Kind.SURPLUS);
    }

    /** A mail was taken: this is a mail client, whatever it got wrong before. */
    void mailTaken() {
        Arrays.fill(counts, 0);
        lines = 0;
    }

    /** Another client speaks on the same connection. */
    void anotherClient() {
        forget(Kind.ERROR);
        forget(Kind.REFUSAL);
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
