package io.smtpdup.spool;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMAcceptorFactory;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMConnectorFactory;
import org.apache.activemq.artemis.core.remoting.impl.invm.TransportConstants;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.core.settings.impl.DeletionPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker that keeps the copies until their backups have them: its queues are files under the spool's directory, and a
 * message is on the disk when its sender goes on. It can be reached from this process only. Life: {@link #start}, then
 * {@link #stop}, each once.
 */
final class EmbeddedBroker {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);

    /** Brokers in one process find their connections by number. */
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    /**
     * How long a write waits for others to share its fsync. The broker's default of 3.3 ms is meant for spinning disks: on
     * an SSD that is many times what the fsync itself takes, and each client would wait for it.
     */
    private static final long GROUP_COMMIT_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private static final int MEGABYTE = 1 << 20;

    /** A queue longer than this goes on in files, so that a backup may be away for a week and the heap does not notice. */
    private static final int QUEUE_IN_MEMORY = 8 * MEGABYTE;

    private static final int PAGE = 2 * MEGABYTE;

    /** Where the broker puts what it can do nothing else with. By our settings that is nothing; it must not be nowhere. */
    private static final String UNDELIVERABLE = "undeliverable";

    private final SpoolDirectory directory;

    private final String number = String.valueOf(NUMBERS.incrementAndGet());

    private ActiveMQServer server;

    EmbeddedBroker(SpoolDirectory directory) {
        this.directory = directory;
    }

    /** How to connect to this broker, started or not. */
    TransportConfiguration address() {
        return new TransportConfiguration(InVMConnectorFactory.class.getName(), Map.of(
                TransportConstants.SERVER_ID_PROP_NAME, number));
    }

    /** Starts and returns when the queues are there and what they had on disk is known again. */
    void start(List<String> queues) throws Exception {
        server = new ActiveMQServerImpl(configuration());
        server.registerActivationFailureListener(failure -> LOG.error("the spool cannot start: {}", failure.toString()));
        server.registerIOCriticalErrorListener((failure, message, file) ->
                LOG.error("the spool has failed, copies are lost until the relay is restarted: {} ({})", message, file));
        server.start();
        if (!server.waitForActivation(1, TimeUnit.MINUTES) || !server.isActive()) {
            throw new SpoolException("the spool in " + directory.resolve("") + " cannot start, see the log");
        }
        queues.forEach(this::make);
        make(UNDELIVERABLE);
    }

    private void make(String queue) {
        try {
            server.createQueue(
                    QueueConfiguration.of(queue).setAddress(queue).setRoutingType(RoutingType.ANYCAST).setDurable(true), true);
        } catch (Exception e) {
            throw new SpoolException("cannot make the queue " + queue + ": " + e);
        }
    }

    /** False before the start, after the stop, and when the disk has failed. */
    boolean isActive() {
        return server != null && server.isActive();
    }

    void stop() throws Exception {
        if (server != null) {
            server.stop();
        }
    }

    private Configuration configuration() throws Exception {
        Configuration configuration = new ConfigurationImpl()
                .setName("spool")
                .setPersistenceEnabled(true)
                .setSecurityEnabled(false)
                .setJMXManagementEnabled(false)
                .setWildcardRoutingEnabled(false)
                .addAcceptorConfiguration(new TransportConfiguration(InVMAcceptorFactory.class.getName(), Map.of(
                        TransportConstants.SERVER_ID_PROP_NAME, number)));
        store(configuration);
        configuration.addAddressSetting("#", queues());
        return configuration;
    }

    private void store(Configuration configuration) {
        configuration.setJournalType(JournalType.NIO)
                .setJournalDirectory(directory.resolve("journal").toString())
                .setBindingsDirectory(directory.resolve("bindings").toString())
                .setLargeMessagesDirectory(directory.resolve("large-messages").toString())
                .setPagingDirectory(directory.resolve("paging").toString())
                .setJournalSyncTransactional(true)
                .setJournalSyncNonTransactional(true)
                .setJournalDatasync(true)
                .setJournalBufferTimeout_NIO((int) GROUP_COMMIT_NANOS)
                .setLargeMessageSync(true)
                .setPageSyncTimeout((int) GROUP_COMMIT_NANOS)
                .setGlobalMaxSize(Runtime.getRuntime().maxMemory() / 4)
                // At its disk limit the broker blocks who sends, and that would be the client. A full disk shall be an error.
                .setMaxDiskUsage(-1);
    }

    /** No queue ever goes away by itself, and no message is ever dropped for its age or its number of deliveries. */
    private static AddressSettings queues() {
        return new AddressSettings()
                .setDefaultAddressRoutingType(RoutingType.ANYCAST)
                .setDefaultQueueRoutingType(RoutingType.ANYCAST)
                .setAutoCreateAddresses(true)
                .setAutoCreateQueues(true)
                .setAutoDeleteAddresses(false)
                .setAutoDeleteQueues(false)
                .setAutoDeleteCreatedQueues(false)
                .setConfigDeleteAddresses(DeletionPolicy.OFF)
                .setConfigDeleteQueues(DeletionPolicy.OFF)
                .setAutoCreateDeadLetterResources(false)
                .setDeadLetterAddress(SimpleString.of(UNDELIVERABLE))
                .setExpiryAddress(SimpleString.of(UNDELIVERABLE))
                .setMaxDeliveryAttempts(-1)
                .setManagementMessageAttributeSizeLimit(-1)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
                .setMaxSizeBytes(QUEUE_IN_MEMORY)
                .setPageSizeBytes(PAGE)
                .setMaxReadPageBytes(2 * PAGE);
    }
}
