package io.smtpdup.server;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * Lets so many log lines of a kind pass in a while, and tells at the end of that while how many others there were: whoever
 * knocks at the door a thousand times a second must not fill the disk. Used by many threads.
 */
final class LineBudget {

    private final int lines;
    private final long period;
    private final Executor atTheEnd;
    private final IntConsumer summary;
    private long begun;
    private int used;
    private int withheld;

    /**
     * @param lines that pass in each period
     * @param summary hears at the end of a period how many did not, when there were any
     */
    LineBudget(int lines, Duration period, IntConsumer summary) {
        this.lines = lines;
        this.period = period.toNanos();
        this.atTheEnd = CompletableFuture.delayedExecutor(this.period, TimeUnit.NANOSECONDS);
        this.summary = summary;
        this.begun = System.nanoTime() - this.period;
    }

    /** Whether one more line may be written now. */
    synchronized boolean take() {
        long now = System.nanoTime();
        if (now - begun >= period && withheld == 0) {
            begun = now;
            used = 0;
        }
        if (used < lines) {
            used++;
            return true;
        }
        if (withheld++ == 0) {
            atTheEnd.execute(this::end);
        }
        return false;
    }

    private void end() {
        int count;
        synchronized (this) {
            count = withheld;
            withheld = 0;
            used = 0;
            begun = System.nanoTime();
        }
        summary.accept(count);
    }
}
