package io.smtpdup.spool;

import java.io.IOException;

import io.smtpdup.ops.Emergency;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.camel.Exchange;
import org.apache.camel.RollbackExchangeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that takes copies out of a queue, one after the other, in a session of its own, and has the route deal with each.
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

    private BrokerSession session;

    private ClientConsumer queue;

    /** Copies that are done and of which the broker is not told yet. */
    private int done;

    /** Whether it was told without waiting for its answer, which the client would take for that to a later call. */
    private boolean unanswered;

    /** Whether it is with a copy, so that it must not be interrupted. */
    private boolean busy = true;

    private volatile boolean open = true;

    Taker(SpoolConsumer consumer, String name) {
        this.consumer = consumer;
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
                ClientMessage message = next();
                if (message != null) {
                    take(message);
                }
            } catch (Exception | Error e) {
                Emergency.consider(e);
                leave();
                if (open) {
                    consumer.lost(e);
                    pause();
                }
            }
        }
        try {
            tell();
        } catch (ActiveMQException | RuntimeException e) {
            LOG.debug("copies that are done come again", e);
        }
        leave();
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

    private ClientMessage next() throws Exception {
        if (session == null) {
            if (!Boolean.TRUE.equals(idle(() -> consumer.awaitBroker(LOOK_MILLIS)))) {
                return null;
            }
            session = consumer.session();
            queue = session.consumer(consumer.queue(), null);
        }
        ClientMessage message = idle(() -> queue.receive(LOOK_MILLIS));
        if (message == null && open && (queue.isClosed() || session.isClosed())) {
            throw new IOException("the connection to the broker is gone");
        }
        return message;
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

    private void take(ClientMessage message) throws ActiveMQException {
        Delivery delivery = new Delivery(session, consumer.budget(), this::tell);
        Exchange exchange = consumer.createExchange(false);
        Throwable failure;
        try {
            QueuedMail mail = QueuedMail.read(message, exchange);
            mail.headers().put(CopyConstants.TAKEN, message.getDeliveryCount());
            mail.headers().put(CopyConstants.KEY, QueuedMail.name(message));
            exchange.getMessage().setHeaders(mail.headers());
            exchange.getMessage().setBody(mail.content());
            delivery.bind(exchange);
            consumer.getProcessor().process(exchange);
            failure = exchange.getException() == null && exchange.isRollbackOnly()
                    ? new RollbackExchangeException(exchange) : exchange.getException();
        } catch (Exception | Error e) {
            failure = e;
        }
        boolean sent = delivery.end();
        consumer.releaseExchange(exchange, false);
        if (failure != null) {
            giveBack(message, failure);
        } else if (sent) {
            message.acknowledge();
            session.commit();
        } else {
            done(message);
        }
    }

    private void giveBack(ClientMessage message, Throwable failure) throws ActiveMQException {
        Emergency.consider(failure);
        boolean expected = SpoolConsumer.isExpected(failure);
        tell();
        message.acknowledge(); // so that it counts as given out
        session.session().rollback();
        if (!expected) {
            pause();
        }
    }

    private synchronized void done(ClientMessage message) throws ActiveMQException {
        message.acknowledge();
        done++;
        if (done >= consumer.acknowledgeEvery()) {
            tellSoon();
        } else if (done == 1) {
            consumer.tellWithin();
        }
    }

    /** Tells the broker of the copies that are done, and waits for nothing. Any thread may do this. */
    synchronized void tellSoon() throws ActiveMQException {
        if (done > 0) {
            done = 0;
            unanswered = true;
            session.session().commit(false);
        }
    }

    /** Tells the broker of the copies that are done, and waits until it has heard of all that it was ever told of. */
    private synchronized void tell() throws ActiveMQException {
        if (done > 0 || unanswered) {
            done = 0;
            session.commit();
            unanswered = false;
        }
    }

    private synchronized void leave() {
        done = 0;
        unanswered = false;
        if (session != null) {
            session.abandon();
        }
        session = null;
        queue = null;
    }
}
