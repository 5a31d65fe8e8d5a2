package io.smtpdup.spool;

import java.io.IOException;

import io.smtpdup.ops.Emergency;
import org.apache.camel.Exchange;
import org.apache.camel.RollbackExchangeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that takes copies out of a queue, one after the other, and has the route deal with each.
 * A copy whose route is through is done, and the broker is told of several at a time. One whose route has failed goes back
 * to the head of the queue.
 */
final class Taker implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Taker.class);

    /** Between two questions whether there really is nothing; a copy that comes wakes the thread at once. */
    private static final long LOOK_MILLIS = 30_000;

    private static final long PAUSE_MILLIS = 1000;

    private final SpoolConsumer consumer;

    private final Thread thread;

    private final Outlet outlet;

    /** Whether it is with a copy, so that it must not be interrupted. */
    private boolean busy = true;

    private volatile boolean open = true;

    Taker(SpoolConsumer consumer, Outlet outlet, String name) {
        this.consumer = consumer;
        this.outlet = outlet;
        thread = new Thread(this, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Ends it when the copy that it has, if any, is done. Takes no time. */
    synchronized void stop() {
        open = false;
        if (!busy) {
            thread.interrupt();
        }
    }

    void join(long millis) throws InterruptedException {
        thread.join(millis);
    }

    @Override
    public void run() {
        while (open) {
            try {
                Outlet.Taken taken = next();
                if (taken != null) {
                    take(taken);
                }
            } catch (Exception | Error e) {
                Emergency.consider(e);
                outlet.close();
                if (open) {
                    consumer.lost(e);
                    pause();
                }
            }
        }
        try {
            outlet.tell();
        } catch (Exception e) {
            LOG.debug("delivered copies will arrive again", e);
        }
        outlet.close();
    }

    private void pause() {
        try {
            idle(() -> {
                Thread.sleep(PAUSE_MILLIS);
                return null;
            });
        } catch (Exception e) {
            LOG.debug("the pause ends", e);
        }
    }

    private Outlet.Taken next() throws Exception {
        if (!outlet.isOpen()) {
            if (!Boolean.TRUE.equals(idle(() -> consumer.awaitBroker(LOOK_MILLIS)))) {
                return null;
            }
            outlet.open();
        }
        Outlet.Taken taken = idle(() -> outlet.next(LOOK_MILLIS));
        if (taken == null && open && !outlet.isOpen()) {
            throw new IOException("the connection to the broker is gone");
        }
        return taken;
    }

    @FunctionalInterface
    private interface Wait<T> {

        T get() throws Exception;
    }

    /** Does something that {@link #stop} may end, and then returns null. */
    private <T> T idle(Wait<T> wait) throws Exception {
        synchronized (this) {
            if (!open) {
                return null;
            }
            busy = false;
        }
        try {
            return wait.get();
        } catch (Exception e) {
            if (open) {
                throw e;
            }
            return null;
        } finally {
            synchronized (this) {
                busy = true;
                Thread.interrupted();
            }
        }
    }

    private void take(Outlet.Taken taken) throws Exception {
        Delivery delivery = new Delivery(outlet, consumer.budget());
        Exchange exchange = consumer.createExchange(false);
        Throwable failure;
        try {
            QueuedMail mail = QueuedMail.read(taken.message(), exchange);
            mail.headers().put(CopyConstants.TAKEN, taken.deliveries());
            mail.headers().put(CopyConstants.KEY, QueuedMail.name(taken.message()));
            exchange.getMessage().setHeaders(mail.headers());
            exchange.getMessage().setBody(mail.content());
            delivery.bind(exchange);
            consumer.getProcessor().process(exchange);
            failure = exchange.getException() == null && exchange.isRollbackOnly()
                    ? new RollbackExchangeException(exchange) : exchange.getException();
        } catch (Exception | Error e) {
            failure = e;
        }
        delivery.end();
        consumer.releaseExchange(exchange, false);
        if (failure == null) {
            outlet.done();
        } else {
            giveBack(failure);
        }
    }

    /** Tells the broker of the copies that are done, and waits for nothing. Any thread may do this. */
    void tellSoon() throws Exception {
        outlet.tellSoon();
    }

    private void giveBack(Throwable failure) throws Exception {
        Emergency.consider(failure);
        boolean expected = SpoolConsumer.isExpected(failure);
        outlet.back();
        if (!expected) {
            pause();
        }
    }
}
