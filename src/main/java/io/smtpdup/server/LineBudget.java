package io.smtpdup.server;

import java.time.Duration;

/** Lets so many log lines of a kind pass in a while, and counts the others. Used by many threads. */
final class LineBudget {

    private final int lines;

    private final long period;

    private long begun;

    private int used;

    private int withheld;

    LineBudget(int lines, Duration period) {
        this.lines = lines;
        this.period = period.toNanos();
        this.begun = System.nanoTime();
    }

    /** How many lines were withheld before this one; -1 when this one is to be withheld as well. */
    synchronized int take() {
        long now = System.nanoTime();
        if (now - begun >= period) {
            begun = now;
            used = 0;
        }
        if (used == lines) {
            withheld++;
            return -1;
        }
        used++;
        int before = withheld;
        withheld = 0;
        return before;
    }
}
