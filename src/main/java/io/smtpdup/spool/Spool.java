package io.smtpdup.spool;

import java.nio.file.Path;
import java.util.List;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import org.apache.activemq.artemis.api.jms.ActiveMQJMSClient;
import org.apache.activemq.artemis.api.jms.JMSFactoryType;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jms.connection.CachingConnectionFactory;

/**
 * The durable queues of one relay: the directory, the broker on it, and the component {@code jms} by which routes reach
 * the queues. Life: {@link #start} before the routes, {@link #stop} after them. Until it is started nothing is opened, so
 * that routes can be checked without touching an operator's spool.
 */
public final class Spool {

    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

    /** Octets from which a message is streamed to and from a file of its own, and never in memory as a whole. */
    static final int STREAMED_FROM = 100 * 1024;

    /** The journal answers within milliseconds; a sender that waits longer than this has a broken disk before it. */
    private static final int CALL_TIMEOUT_MILLIS = 10_000;

    private final SpoolDirectory directory;

    private final EmbeddedBroker broker;

    private final ActiveMQConnectionFactory factory;

    private final CachingConnectionFactory connections;

    private final ManagementLine managementLine;

    /**
     * @param path the spool's directory, which need not exist yet
     * @param senders how many threads may send at a time; each keeps its session
     */
    public Spool(Path path, int senders) {
        directory = new SpoolDirectory(path);
        broker = new EmbeddedBroker(directory);
        factory = factory(broker);
        connections = new CachingConnectionFactory(factory);
        connections.setSessionCacheSize(senders);
        connections.setCacheConsumers(false);
        managementLine = new ManagementLine(factory, BrokerManagement.PATIENCE);
    }

    /** A new component for the scheme {@code jms}, for one Camel context. */
    public Component component() {
        return new SpoolComponent(connections, directory);
    }

    /**
     * Opens the queues, and makes those that are not there yet.
     *
     * @throws SpoolException when the directory cannot be used
     */
    public void start(List<String> queues) throws Exception {
        directory.open();
        broker.start(queues);
    }

    /** Whether copies can be put in and taken out. */
    public boolean isOpen() {
        return broker.isActive() && directory.hasRoom();
    }

    /** A connection of the caller's own, who closes it; not started. */
    public Connection createConnection() throws JMSException {
        return factory.createConnection();
    }

    /** What the queues hold, and how to steer them. */
    public BrokerManagement management() {
        return new BrokerManagement(managementLine);
    }

    /** Closes everything that is open; copies that were being sent are in their queue again at the next start. */
    public void stop() {
        try {
            connections.destroy();
            managementLine.close();
            factory.close();
            broker.stop();
        } catch (Exception e) {
            LOG.error("the spool did not stop cleanly; nothing that was in it is lost: {}", e.toString());
            LOG.debug("stack trace", e);
        } finally {
            directory.close();
        }
    }

    private static ActiveMQConnectionFactory factory(EmbeddedBroker broker) {
        ActiveMQConnectionFactory factory =
                ActiveMQJMSClient.createConnectionFactoryWithoutHA(JMSFactoryType.CF, broker.address());
        factory.setBlockOnDurableSend(true);
        factory.setMinLargeMessageSize(STREAMED_FROM);
        // A consumer takes a copy when it has time for it: what it held in reserve would wait behind a backup that hangs.
        factory.setConsumerWindowSize(0);
        factory.setInitialConnectAttempts(1);
        factory.setReconnectAttempts(0);
        // The pause after a failed attempt, also after the last: a client waits for it when the broker has failed.
        factory.setRetryInterval(1);
        factory.setCallTimeout(CALL_TIMEOUT_MILLIS);
        return factory;
    }
}
