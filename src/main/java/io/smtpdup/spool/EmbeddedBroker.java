package io.smtpdup.spool;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.journal.Journal;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMAcceptorFactory;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMConnectorFactory;
import org.apache.activemq.artemis.core.remoting.impl.invm.TransportConstants;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.Queue;
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
final class EmbeddedBroker implements Broker {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);

    /** Brokers in one process find their connections by number. */
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    /**
     * How long a write waits for others to share its fsync. The broker's default of 3.3 ms is meant for spinning disks: on
     * an SSD that is many times what the fsync itself takes, and each client would wait for it.
     */
    private static final long GROUP_COMMIT_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    /** The journal answers within milliseconds; a sender that waits longer than this has a broken disk before it. */
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

    /** Octets that a sender may be ahead of the journal. A credit for half of it is asked for at a time. */
    private static final int SENT_AHEAD = 2 * Spool.STREAMED_FROM;

    private static final Duration COMPACTION = Duration.ofSeconds(30);

    private static final String JOURNAL = "journal";

    private static final String LARGE_MESSAGES = "large-messages";

    private static final int MEGABYTE = 1 << 20;

    /** A queue longer than this goes on in files, so that a backup may be away for a week and the heap does not notice. */
    private static final int QUEUE_IN_MEMORY = 8 * MEGABYTE;

    /** Two of them are there at least, also on a disk of a few megabytes; the broker's default is 10 MB. */
    private static final int JOURNAL_FILE = 4 * MEGABYTE;

    private static final int PAGE = 2 * MEGABYTE;

    /** Where the broker puts what it can do nothing else with. By our settings that is nothing; it must not be nowhere. */
    private static final String UNDELIVERABLE = "undeliverable";

    private final SpoolDirectory directory;

    private final String number = String.valueOf(NUMBERS.incrementAndGet());

    private final LargeFileGuard guard;

    private volatile ActiveMQServer server;

    /** What ended it; null while nothing did. */
    private volatile String failure;

    /** @param watcher is told of copies that were damaged on the disk */
    EmbeddedBroker(SpoolDirectory directory, DamageWatcher watcher) {
        this.directory = directory;
        guard = new LargeFileGuard(
                directory.resolve(LARGE_MESSAGES), directory.resolve(SpoolDirectory.DAMAGED), access(), watcher);
    }

    @Override
    public BrokerAccess access() {
        BrokerAccess access = new BrokerAccess(ActiveMQClient.createServerLocatorWithoutHA(new TransportConfiguration(
                InVMConnectorFactory.class.getName(), Map.of(TransportConstants.SERVER_ID_PROP_NAME, number))), null, null);
        // Of a large copy so much is on its way and no more: what its sender reads ahead would all be in the heap. This broker
        // gives credits whenever it has written what came before, and those who wait for some when it ends.
        access.locator().setProducerWindowSize(SENT_AHEAD)
                .setCallTimeout(CALL_TIMEOUT.toMillis())
                .setCallFailoverTimeout(CALL_TIMEOUT.toMillis());
        return access;
    }

    @Override
    public Optional<LocalQueues> inside() {
        return Optional.of(new LocalQueues(() -> server, () -> failure, guard, CALL_TIMEOUT.toMillis()));
    }

    /** Starts and returns when what the queues had on disk is known again. */
    @Override
    public void start() throws Exception {
        server = new ActiveMQServerImpl(configuration());
        AtomicReference<Exception> trouble = new AtomicReference<>();
        server.registerActivationFailureListener(trouble::set);
        server.registerIOCriticalErrorListener((cause, message, file) -> {
            failure = "it has failed, restart the relay: " + message;
            LOG.error("the spool has failed, copies go to the overflow until the relay is restarted: {} ({})", message, file);
        });
        try {
            server.start(); // in this thread, up to the last record of the journal, however long that takes
        } catch (Exception e) {
            trouble.compareAndSet(null, e);
        }
        if (trouble.get() != null || failure != null || !server.isActive()) {
            throw unreadable(trouble.get());
        }
        server.createQueue(QueueConfiguration.of(UNDELIVERABLE).setAddress(UNDELIVERABLE)
                .setRoutingType(RoutingType.ANYCAST).setDurable(true), true);
    }

    /** What an operator can do about it, whatever it is: the broker's words do not tell which of its files they mean. */
    private SpoolException unreadable(Exception trouble) {
        String reason = failure != null ? failure : trouble == null ? "it does not say why" : BrokerFailure.reason(trouble);
        return new SpoolException("spool.directory " + directory + ": the broker cannot read what is in it (" + reason
                + "). Restore a backup of the directory, or move it away: the relay creates a new one, and the copies in the old one"
                + " are not sent");
    }

    @Override
    public Optional<String> problem() {
        String problem = failure; // it is active until it has stopped
        return problem != null ? Optional.of(problem)
                : server != null && server.isActive() ? Optional.empty() : Optional.of("it is not running");
    }

    /**
     * The broker looks for files of its journal that hold nothing any more when it needs a new one: when no mail comes,
     * because the disk is full, that is never.
     */
    @Override
    public void tidy() throws Exception {
        long live = 0;
        for (String name : server.getActiveMQServerControl().getQueueNames()) {
            Queue queue = server.locateQueue(SimpleString.of(name));
            live += queue == null ? 0 : queue.getPersistentSize();
        }
        Journal journal = server.getStorageManager().getMessageJournal();
        long files = directory.size(JOURNAL);
        // What lives is copied into new files before the old ones go.
        boolean fits = live + live / 4 + 2 * JOURNAL_FILE < directory.free();
        if (files - live > 3L * JOURNAL_FILE && fits) {
            LOG.debug("{} octets of the journal's {} live: compacting", live, files);
            journal.scheduleCompactAndBlock((int) COMPACTION.toSeconds());
        }
    }

    @Override
    public Duration patience() {
        return CALL_TIMEOUT;
    }

    @Override
    public boolean isLocal() {
        return true;
    }

    @Override
    public String toString() {
        return directory.toString();
    }

    @Override
    public void look(List<String> queues) {
        guard.look(queues);
    }

    @Override
    public void stop() throws Exception {
        guard.stop();
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
        configuration.registerBrokerPlugin(guard);
        store(configuration);
        configuration.addAddressSetting("#", queues());
        return configuration;
    }

    private void store(Configuration configuration) {
        configuration.setJournalType(JournalType.NIO)
                .setJournalDirectory(directory.resolve(JOURNAL).toString())
                .setBindingsDirectory(directory.resolve("bindings").toString())
                .setLargeMessagesDirectory(directory.resolve(LARGE_MESSAGES).toString())
                .setPagingDirectory(directory.resolve("paging").toString())
                .setJournalFileSize(JOURNAL_FILE)
                .setJournalMinFiles(2)
                .setJournalPoolFiles(poolFiles())
                .setJournalCompactMinFiles(Math.min(10, poolFiles() + 2))
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

    /**
     * Files of the journal that stay for the next messages when theirs are gone. Those beyond are deleted: a backlog that is
     * sent shall not leave a disk that looks full.
     */
    private int poolFiles() {
        return (int) Math.max(2, Math.min(20, directory.diskSize() / 8 / JOURNAL_FILE));
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
