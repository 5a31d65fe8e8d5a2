package io.smtpdup.spool;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.SessionFailureListener;

/**
 * A few sessions on one connection, by which copies go into their queues without anybody waiting: the broker says later
 * which ones it has. Only the {@link SpoolMonitor} opens them, so that no client waits for a connection.
 */
final class Senders implements Inlet {

    private static final int SESSIONS = 4;

    private final SharedConnection connection;

    private final SharedConnection large;

    private final Deque<BrokerSession> idle = new ArrayDeque<>();

    private final Runnable onFailure;

    private final Sender[] senders = IntStream.range(0, SESSIONS).mapToObj(i -> new Sender()).toArray(Sender[]::new);

    private final AtomicInteger next = new AtomicInteger();

    /**
     * @param access {@link BrokerAccess#withoutWaiting}
     * @param large for large copies
     * @param onFailure hears that a session was lost, with all that it had sent; must not wait
     */
    Senders(BrokerAccess access, SharedConnection large, Runnable onFailure) {
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
            sender.session = null;
        }
        connection.reset();
    }

    @Override
    public void close() {
        connection.close();
    }

    private final class Sender implements SessionFailureListener {

        private volatile ClientSession session;

        private ClientProducer producer;

        void open() throws Exception {
            if (session == null || session.isClosed()) {
                ClientSession opened = connection.session(false);
                opened.addFailureListener(this);
                synchronized (this) {
                    producer = opened.createProducer();
                    session = opened;
                }
            }
        }

        void send(StoredMail mail, Sent sent) throws ActiveMQException, IOException {
            ClientSession current = session;
            if (current == null || current.isClosed()) {
                throw new IOException("it is not connected");
            }
            ClientMessage message = mail.message(current);
            synchronized (this) {
                producer.send(SimpleString.of(sent.queue()), message, sent);
            }
        }

        @Override
        public void connectionFailed(ActiveMQException failure, boolean failedOver) {
            if (!failedOver) {
                session = null;
            }
            onFailure.run();
        }

        @Override
        public void connectionFailed(ActiveMQException failure, boolean failedOver, String scaleDownTarget) {
            connectionFailed(failure, failedOver);
        }

        @Override
        public void beforeReconnect(ActiveMQException failure) {
            onFailure.run();
        }
    }
}
