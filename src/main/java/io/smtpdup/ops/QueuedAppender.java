package io.smtpdup.ops;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import org.jspecify.annotations.Nullable;

/**
 * Stands before another appender, so that whoever logs never waits for it: a thread of its own writes, the first line at once
 * and those that follow it together, so that busy mail does not wake it for each. When the other one
 * takes nothing, because standard output is a pipe that nobody reads or a disk hangs, some thousand lines wait, and what
 * comes then is lost and counted, as is what a full disk or a closed pipe does not take; how many it were is the next line that
 * can be written.
 *
 * <p>Logback's own AsyncAppender either waits or loses without a word.
 */
public final class QueuedAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {

    private static final AtomicLong LOST_BY_ALL = new AtomicLong();

    /** Of the heap for each line that may wait; a line is one or two kilobytes. */
    private static final int HEAP_FOR_A_LINE = 32 << 10;

    /** While lines are lost all the time, so many are written between two that tell how many. */
    private static final int BETWEEN_REPORTS = 1000;

    /** What is logged within this time after a line is written with one call. */
    private static final long TOGETHER_MILLIS = 20;

    /** Lines that leave the queue together; beyond it there may be others. */
    private static final int MOST_TOGETHER = 256;

    private static final long POLL_MILLIS = 10;

    private static final Duration AT_THE_END = Duration.ofSeconds(1);

    private final Appender<ILoggingEvent> target;

    private final BooleanSupplier failed;

    private final BlockingQueue<ILoggingEvent> lines;

    /** Lines that wait, and the one that is being written. */
    private final AtomicInteger pending = new AtomicInteger();

    private final AtomicLong lost = new AtomicLong();

    private @Nullable Thread writer;

    /** @param target started; it ends with this one */
    public QueuedAppender(Appender<ILoggingEvent> target) {
        this(target, (int) Math.max(512, Math.min(16384, Runtime.getRuntime().maxMemory() / HEAP_FOR_A_LINE)), StandardOutput::hasFailed);
    }

    /** @param failed whether what the target has written last has not got where it should */
    QueuedAppender(Appender<ILoggingEvent> target, int capacity, BooleanSupplier failed) {
        this.target = target;
        this.failed = failed;
        lines = new ArrayBlockingQueue<>(capacity);
        setName(target.getName());
        setContext(target.getContext());
    }

    /** From now on lines that standard output does not take count as lost. */
    public static void watchStandardOutput() {
        StandardOutput.install();
    }

    /** How many lines were lost since the process began. */
    public static long lost() {
        return LOST_BY_ALL.get();
    }

    @Override
    public void start() {
        super.start();
        writer = new Thread(this::write, "log-" + getName());
        writer.setDaemon(true);
        writer.start();
    }

    @Override
    protected void append(ILoggingEvent line) {
        if (line.getThrowableProxy() instanceof ThrowableProxy failure) {
            Emergency.consider(failure.getThrowable());
        }
        line.prepareForDeferredProcessing();
        pending.incrementAndGet();
        if (!lines.offer(line)) {
            pending.decrementAndGet();
            lose();
        }
    }

    private void lose() {
        LOST_BY_ALL.incrementAndGet();
        lost.incrementAndGet();
    }

    /** Waits until all is written that was logged before. Returns false when that took too long. */
    public boolean flush(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        while (pending.get() > 0) {
            if (System.nanoTime() > end) {
                return false;
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    /** Gives what waits a moment. A target that hangs cannot be stopped, and is left alone. */
    @Override
    public void stop() {
        if (isStarted()) {
            super.stop();
            boolean idle = flush(AT_THE_END);
            if (writer != null) {
                writer.interrupt();
            }
            if (idle) {
                target.stop();
            }
        }
    }

    private void write() {
        List<ILoggingEvent> together = new ArrayList<>(MOST_TOGETHER);
        try {
            for (int written = 0; !Thread.currentThread().isInterrupted();) {
                together.add(lines.take());
                lines.drainTo(together, MOST_TOGETHER - 1);
                together.forEach(target::doAppend);
                written += together.size();
                if (failed.getAsBoolean()) {
                    together.forEach(line -> lose());
                } else if (lost.get() > 0 && (lines.isEmpty() || written >= BETWEEN_REPORTS)) {
                    written = 0;
                    report(lost.getAndSet(0));
                }
                pending.addAndGet(-together.size());
                together.clear();
                if (lines.isEmpty()) {
                    Thread.sleep(TOGETHER_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            // it is stopped
        }
    }

    private void report(long number) {
        target.doAppend(new LoggingEvent(QueuedAppender.class.getName(),
                ((LoggerContext) getContext()).getLogger(QueuedAppender.class), Level.WARN,
                "{} log lines were lost because nobody took them", null, new Object[] {number}));
        if (failed.getAsBoolean()) {
            lost.addAndGet(number);
        }
    }
}
