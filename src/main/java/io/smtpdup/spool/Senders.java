package io.smtpdup.spool;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.SendAcknowledgementHandler;
import org.apache.activemq.artemis.api.core.client.SessionFailureListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A few sessions on one connection, by which copies go into their queues without anybody waiting: the broker says later
 * which ones it has. Only the {@link SpoolMonitor} opens them, so that no client waits for a connection.
 */
final class Senders implements Inlet {

    private static final Logger LOG = LoggerFactory.getLogger(Senders.class);

    private static final int SESSIONS = 4;

    /** Copies that the broker refuses until a session has another in its place. */
    private static final int REFUSALS = 100;

    private static final String NOT_CONNECTED = "it is not connected";

    private final SharedConnection connection;

    private final SharedConnection large;

    private final Deque<BrokerSession> idle = new ArrayDeque<>();

    private final Consumer<Object> onFailure;

    private final Sender[] senders = IntStream.range(0, SESSIONS).mapToObj(i -> new Sender()).toArray(Sender[]::new);

    private final AtomicInteger next = new AtomicInteger();

    /**
     * @param access {@link BrokerAccess#withoutWaiting}
     * @param large for large copies
     * @param onFailure hears by what copies went that are lost, see {@link Sent#went}; must not wait
     */
    Senders(BrokerAccess access, SharedConnection large, Consumer<Object> onFailure) {
        connection = new SharedConnection(access);
        this.large = large;
        this.onFailure = onFailure;
    }

    @Override
    public void open() throws Exception {
        for (Sender sender : senders) {
            sender.open();
        }
    }

    @Override
    public void send(StoredMail mail, Sent sent) throws ActiveMQException, IOException {
        senders[Math.floorMod(next.getAndIncrement(), SESSIONS)].send(mail, sent);
    }

    @Override
    public void sendLarge(StoredMail mail, Sent sent) throws Exception {
        BrokerSession session = session();
        try {
            session.send(sent.queue(), mail.message(session.session()));
        } catch (Exception | Error e) {
            sent.end(e instanceof Exception failure ? failure : new IllegalStateException(e));
            session.abandon();
            throw e;
        }
        keep(session);
        sent.end(null);
    }

    private BrokerSession session() throws Exception {
        synchronized (idle) {
            for (BrokerSession session = idle.poll(); session != null; session = idle.poll()) {
                if (!session.isClosed()) {
                    return session;
                }
            }
        }
        return new BrokerSession(large.session(false), null);
    }

    private void keep(BrokerSession session) {
        synchronized (idle) {
            idle.push(session);
        }
    }

    @Override
    public void reset() {
        for (Sender sender : senders) {
            sender.line = null;
        }
        connection.reset();
    }

    @Override
    public void close() {
        connection.close();
    }

    /** Has a session, or none while there is no connection. */
    private final class Sender {

        private volatile Line line;

        /** Those that were in use and still have copies on their way; of the monitor's thread. */
        private final List<Line> retired = new ArrayList<>();

        void open() throws Exception {
            Line current = line;
            if (current == null || current.isLost() || current.isWorn()) {
                line = new Line(connection.session(false));
                if (current != null) {
                    retired.add(current);
                }
            }
            retired.removeIf(Line::hasEnded);
        }

        void send(StoredMail mail, Sent sent) throws ActiveMQException, IOException {
            Line current = line;
            if (current == null) {
                throw new IOException(NOT_CONNECTED);
            }
            current.send(mail, sent);
        }
    }

    /** A session and what is on its way in it. */
    private final class Line implements SessionFailureListener {

        private final ClientSession session;

        private final ClientProducer producer;

        private final AtomicInteger onTheirWay = new AtomicInteger();

        private final AtomicInteger refused = new AtomicInteger();

        private volatile boolean lost;

        Line(ClientSession session) throws ActiveMQException {
            this.session = session;
            producer = session.createProducer();
            session.addFailureListener(this);
        }

        boolean isLost() {
            return lost || session.isClosed();
        }

        /** What the broker refuses the client keeps for as long as the session lives. */
        boolean isWorn() {
            return refused.get() >= REFUSALS;
        }

        /** Ends it when nobody waits for anything in it. */
        boolean hasEnded() {
            if (!isLost() && onTheirWay.get() > 0) {
                return false;
            }
            try {
                session.close();
            } catch (ActiveMQException | RuntimeException e) {
                LOG.debug("it is gone already", e);
            }
            return true;
        }

        void send(StoredMail mail, Sent sent) throws ActiveMQException, IOException {
            ClientMessage message = mail.message(session);
            sent.goesBy(this);
            if (isLost()) { // or who tells of that has seen this copy
                throw new IOException(NOT_CONNECTED);
            }
            onTheirWay.incrementAndGet();
            synchronized (this) {
                producer.send(SimpleString.of(sent.queue()), message, new SendAcknowledgementHandler() {

                    @Override
                    public void sendAcknowledged(Message acknowledged) {
                        onTheirWay.decrementAndGet();
                        sent.sendAcknowledged(acknowledged);
                    }

                    @Override
                    public void sendFailed(Message unsent, Exception failure) {
                        onTheirWay.decrementAndGet();
                        refused.incrementAndGet();
                        sent.sendFailed(unsent, failure);
                    }
                });
            }
        }

        @Override
        public void connectionFailed(ActiveMQException failure, boolean failedOver) {
            lost |= !failedOver;
            onFailure.accept(this);
        }

        @Override
        public void connectionFailed(ActiveMQException failure, boolean failedOver, String scaleDownTarget) {
            connectionFailed(failure, failedOver);
        }

        @Override
        public void beforeReconnect(ActiveMQException failure) {
            onFailure.accept(this);
        }
    }
}
