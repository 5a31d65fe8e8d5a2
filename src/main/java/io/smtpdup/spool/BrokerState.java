package io.smtpdup.spool;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the broker can be used, as known now. While it cannot, nobody even tries, so that a client whose copies cannot be
 * kept does not wait either; only the {@link SpoolMonitor} tries, and says when it can be used again.
 */
final class BrokerState {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerState.class);

    private final Broker broker;

    /** Null when the broker can be used. */
    private final AtomicReference<String> problem = new AtomicReference<>("the broker has not been reached yet");

    private volatile boolean known;

    BrokerState(Broker broker) {
        this.broker = broker;
    }

    /** @return whether that is news */
    boolean down(String reason) {
        String before = problem.getAndSet(reason);
        boolean news = before == null || !known;
        known = true;
        if (news) {
            LOG.error("the spool's broker ({}) cannot be used, copies go to the overflow until it can: {}", broker, reason);
        }
        return news;
    }

    void up() {
        if (problem.getAndSet(null) != null && known) {
            LOG.warn("the spool's broker ({}) can be used again", broker);
        }
        known = true;
        synchronized (this) {
            notifyAll();
        }
    }

    /** Waits until it can be used, for so long at most. Returns whether it can. */
    synchronized boolean await(long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = millis; problem.get() != null && left > 0; left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())) {
            wait(left);
        }
        return problem.get() == null;
    }

    /** For good. */
    void close() {
        problem.set("the spool is closed");
    }

    /** @throws IOException when it cannot be used, with the reason */
    void requireUsable() throws IOException {
        String reason = problem.get();
        if (reason != null) {
            throw new IOException(reason);
        }
    }

    /** Why it cannot be used; empty when it can. */
    Optional<String> problem() {
        return Optional.ofNullable(problem.get());
    }
}
