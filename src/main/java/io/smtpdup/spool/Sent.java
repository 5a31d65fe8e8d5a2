package io.smtpdup.spool;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.SendAcknowledgementHandler;
import org.apache.camel.Exchange;

/**
 * A copy on its way into its queue, of which it is not known yet whether the broker has it. The first word about it counts:
 * the broker's, that of its connection, which has failed, or that of the clock.
 */
final class Sent implements SendAcknowledgementHandler {

    private static final ThreadLocal<Boolean> TELLING = ThreadLocal.withInitial(() -> false);

    private final Exchange exchange;

    private final String queue;

    /** When it has taken too long, by {@link System#nanoTime}. */
    private volatile long due;

    private final BiConsumer<Sent, Exception> onEnd;

    private final AtomicBoolean ended = new AtomicBoolean();

    private volatile SendBudget.Share share;

    private volatile Object way;

    /** @param onEnd hears once, with null when the copy is on the broker's disk; must not wait */
    Sent(Exchange exchange, String queue, Duration patience, BiConsumer<Sent, Exception> onEnd) {
        this.exchange = exchange;
        this.queue = queue;
        this.onEnd = onEnd;
        within(patience);
    }

    /** It may take so long from now on. */
    void within(Duration patience) {
        due = System.nanoTime() + patience.toNanos();
    }

    Exchange exchange() {
        return exchange;
    }

    String queue() {
        return queue;
    }

    boolean isLate(long now) {
        return now - due > 0;
    }

    /** Before it goes: by which session. */
    void goesBy(Object session) {
        way = session;
    }

    /** Whether it went by that session, so that it ends when the session does. */
    boolean went(Object session) {
        return way == session;
    }

    /** What it takes of the heap until it ends. */
    void holds(SendBudget.Share taken) {
        share = taken;
    }

    @Override
    public void sendAcknowledged(Message message) {
        end(null);
    }

    @Override
    public void sendFailed(Message message, Exception failure) {
        end(failure);
    }

    /** Whether the first word about it was said. */
    boolean hasEnded() {
        return ended.get();
    }

    void end(Exception failure) {
        if (ended.compareAndSet(false, true)) {
            if (share != null) {
                share.close();
            }
            TELLING.set(true);
            try {
                onEnd.accept(this, failure);
            } finally {
                TELLING.set(false);
            }
        }
    }

    /** Whether this thread is the broker's, which has just said what became of a copy: it must not wait for another one. */
    static boolean isTelling() {
        return TELLING.get();
    }
}
