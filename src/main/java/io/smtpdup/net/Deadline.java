package io.smtpdup.net;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A moment by which a peer must have done what is expected of it, and what happens when it has not: usually its socket is
 * closed, which is the only way to wake a thread that blocks in a read or a write. One thread looks after all of them, about
 * ten times a second, so that setting a deadline costs no more than a write to memory.
 *
 * <p>Any thread may call any method, at any time.
 */
public final class Deadline implements AutoCloseable {

    private static final long LOOK_NANOS = 100_000_000;

    private static final long NONE = Long.MAX_VALUE;

    private static final Set<Deadline> OPEN = ConcurrentHashMap.newKeySet();

    /** {@link System#nanoTime} counts from anywhere; from here it fits beside {@link #NONE}. */
    private static final long START = System.nanoTime();

    static {
        Thread sweeper = new Thread(Deadline::sweep, "deadlines");
        sweeper.setDaemon(true);
        sweeper.start();
    }

    private final Runnable action;

    private volatile long end = NONE;

    private volatile boolean passed;

    /**
     * A deadline that is not set yet.
     *
     * @param action runs in the thread of all deadlines each time one passes, so that it must not wait: it closes a plain
     *     socket, never a TLS one, which would say goodbye first
     */
    public Deadline(Runnable action) {
        this.action = action;
        OPEN.add(this);
    }

    /** Sets it anew, from now on; {@link #hasPassed} begins anew too. Zero and less is past at the next look. */
    public synchronized void within(Duration time) {
        passed = false;
        end = now() + time.toNanos();
    }

    /**
     * Nothing is expected any more: the action has run when this returns, or it will not. Otherwise one that was called for in the
     * last instant would strike what is waited for next.
     */
    public synchronized void lift() {
        end = NONE;
    }

    /** Whether the action has been called for since the deadline was set. */
    public boolean hasPassed() {
        return passed;
    }

    /** Ends it for good; its action will not run any more. */
    @Override
    public void close() {
        lift();
        OPEN.remove(this);
    }

    private static long now() {
        return System.nanoTime() - START;
    }

    private static void sweep() {
        while (true) {
            LockSupport.parkNanos(LOOK_NANOS);
            long now = now();
            for (Deadline deadline : OPEN) {
                deadline.look(now);
            }
        }
    }

    private void look(long now) {
        if (end > now) {
            return;
        }
        synchronized (this) {
            if (end > now) {
                return;
            }
            end = NONE;
            passed = true;
            try {
                action.run();
            } catch (RuntimeException | Error e) {
                // who waits for the peer finds its socket as it is; the other deadlines must be kept
            }
        }
    }
}
