package io.smtpdup.recipients;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** So many questions a second for one backup, whoever asks them. Safe for use by several threads. */
final class Pace {

    private final int rate;

    private final LongSupplier nanoTime;

    private long freeAt;

    /**
     * @param rate questions a second
     * @param nanoTime a monotonic clock
     */
    Pace(int rate, LongSupplier nanoTime) {
        this.rate = rate;
        this.nanoTime = nanoTime;
        freeAt = nanoTime.getAsLong();
    }

    /** At most so many leave together. */
    int together() {
        return Math.min(rate, 10);
    }

    /** Takes the next turn for so many questions, and tells how many nanoseconds it is away. */
    synchronized long next(int questions) {
        long now = nanoTime.getAsLong();
        long turn = Math.max(now, freeAt);
        freeAt = turn + TimeUnit.SECONDS.toNanos(questions) / rate;
        return turn - now;
    }
}
