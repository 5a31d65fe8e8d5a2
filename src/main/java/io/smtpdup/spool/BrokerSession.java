package io.smtpdup.spool;

import java.util.HashSet;
import java.util.Set;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.SendAcknowledgementHandler;

/**
 * A session in which messages are sent to any queue and waited for, so that each is on the broker's disk when the call, or
 * the commit, is over. Used by one thread at a time, which closes it.
 */
public final class BrokerSession implements AutoCloseable {

    private final ClientSession session;

    private final ClientSessionFactory connection;

    private final ClientProducer producer;

    private final Set<String> known = new HashSet<>();

    /** @param connection ends with the session; null when others use it too */
    BrokerSession(ClientSession session, ClientSessionFactory connection) throws ActiveMQException {
        this.session = session;
        this.connection = connection;
        producer = session.createProducer();
        session.start();
    }

    /** For what is not said here. */
    public ClientSession session() {
        return session;
    }

    /** Sends a message to a queue, which is made when it is not there: the broker would drop the message without a word. */
    public void send(String queue, ClientMessage message) throws ActiveMQException {
        make(queue);
        producer.send(SimpleString.of(queue), message);
    }

    /** As {@link #send(String, ClientMessage)}, in a session of {@link BrokerAccess#withoutWaiting}. */
    void send(String queue, ClientMessage message, SendAcknowledgementHandler handler) throws ActiveMQException {
        make(queue);
        producer.send(SimpleString.of(queue), message, handler);
    }

    private void make(String queue) throws ActiveMQException {
        if (!known.contains(queue)) {
            String problem = QueueKeeper.make(session, queue);
            if (problem != null) {
                throw new ActiveMQException(queue + " " + problem);
            }
            known.add(queue);
        }
    }

    /** @param filter which messages it gets, as the broker writes it; null for all */
    public ClientConsumer consumer(String queue, String filter) throws ActiveMQException {
        return session.createConsumer(queue, filter);
    }

    /** Shows messages and leaves them where they are. */
    ClientConsumer browser(String queue, String filter) throws ActiveMQException {
        return session.createConsumer(queue, filter, true);
    }

    /** Waits until it is on the broker's disk. */
    public void commit() throws ActiveMQException {
        session.commit();
    }

    /** Whether it is of no use any more, because its connection is gone. */
    boolean isClosed() {
        return session.isClosed() || connection != null && connection.isClosed();
    }

    /** Tells the broker, so that it has nothing to clear away. */
    @Override
    public void close() throws ActiveMQException {
        try {
            session.close();
        } finally {
            if (connection != null) {
                connection.close();
            }
        }
    }

    /** As {@link #close}, of a session that may be in the middle of something. */
    void abandon() {
        try {
            close();
        } catch (ActiveMQException | RuntimeException e) {
            drop();
        }
    }

    /** As {@link #close}, without a word to a broker that may not answer. Any thread may do this. */
    void drop() {
        if (connection != null) {
            BrokerAccess.drop(connection);
        }
    }
}
