package io.smtpdup.spool;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.jms.Connection;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import org.apache.activemq.artemis.api.core.ActiveMQNotConnectedException;
import org.apache.activemq.artemis.jms.client.ActiveMQConnection;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jms.connection.CachingConnectionFactory;

/**
 * The connection by which routes reach the broker: one, shared by all of them, with sessions kept for the next message.
 * While the broker cannot be used it fails at once, so that nobody waits for a broker that is known to be away.
 *
 * <p>One object for senders and consumers: by its identity Spring finds that a message which is sent while another is being
 * consumed belongs into the same transaction.
 */
final class BrokerConnections implements PlainConnections {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerConnections.class);

    private final ActiveMQConnectionFactory factory;

    private final BrokerState state;

    private final int sessions;

    private final ExceptionListener onFailure;

    private final Set<ActiveMQConnection> open = ConcurrentHashMap.newKeySet();

    private volatile CachingConnectionFactory shared;

    /**
     * @param sessions how many are kept
     * @param onFailure hears when a connection breaks
     */
    BrokerConnections(ActiveMQConnectionFactory factory, BrokerState state, int sessions, ExceptionListener onFailure) {
        this.factory = factory;
        this.state = state;
        this.sessions = sessions;
        this.onFailure = onFailure;
        shared = share();
    }

    /** Has every call of its connections end in bounded time, and none end before the broker has its message on disk. */
    static void harden(ActiveMQConnectionFactory factory) {
        factory.setBlockOnDurableSend(true);
        factory.setBlockOnNonDurableSend(true);
        factory.setBlockOnAcknowledge(true);
        factory.setMinLargeMessageSize(Spool.STREAMED_FROM);
        factory.setCompressLargeMessage(false);
        // A consumer takes a copy when it has time for it: what it held in reserve would wait behind a backup that hangs.
        factory.setConsumerWindowSize(0);
        // No credits to send by: who has none waits without an end for a broker to find room.
        factory.setProducerWindowSize(-1);
        factory.setInitialConnectAttempts(1);
        factory.setReconnectAttempts(0);
        // The pause after a failed attempt, also after the last: a client waits for it when the broker has failed.
        factory.setRetryInterval(1);
    }

    @Override
    public Connection createConnection() throws JMSException {
        requireUsable();
        return shared.createConnection();
    }

    /**
     * Parts with the connection that is open, and ends what waits for an answer on it. Takes no time: a broker that does
     * not answer would make each session wait when it is closed.
     */
    void reset() {
        CachingConnectionFactory old = shared;
        shared = share();
        Thread closer = new Thread(() -> {
            try {
                for (ActiveMQConnection connection : open) {
                    open.remove(connection);
                    connection.getSessionFactory().getConnection().fail(new ActiveMQNotConnectedException("the broker is away"));
                }
            } catch (RuntimeException e) {
                LOG.debug("the connection is closed already", e);
            }
            old.destroy();
        }, "spool-reset");
        closer.setDaemon(true);
        closer.start();
    }

    /** Closes the connection in good order. */
    void close() {
        shared.destroy();
    }

    private CachingConnectionFactory share() {
        CachingConnectionFactory connections = new CachingConnectionFactory(new Opener());
        connections.setSessionCacheSize(sessions);
        connections.setCacheConsumers(false);
        connections.setExceptionListener(onFailure);
        return connections;
    }

    private void requireUsable() throws JMSException {
        String problem = state.problem().orElse(null);
        if (problem != null) {
            JMSException refusal = new JMSException("the broker cannot be used");
            refusal.setLinkedException(new SpoolException(problem)); // what Spring's message shows, when it is another text
            throw refusal;
        }
    }

    /**
     * Opens the connection, while those who want it too wait at Spring's lock: when it fails they must not try, and wait,
     * one after the other.
     */
    private final class Opener implements PlainConnections {

        @Override
        public Connection createConnection() throws JMSException {
            requireUsable();
            try {
                ActiveMQConnection connection = (ActiveMQConnection) factory.createConnection();
                open.removeIf(old -> old.getSessionFactory().isClosed());
                open.add(connection);
                return connection;
            } catch (JMSException e) {
                String reason = BrokerFailure.reason(e);
                state.down(reason);
                LOG.debug("no connection", e);
                throw e;
            }
        }
    }
}
