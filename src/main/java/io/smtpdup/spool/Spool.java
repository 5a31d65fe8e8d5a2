package io.smtpdup.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The durable queues of one relay: the directory, the broker on it, and the component {@code spool} by which routes reach
 * the queues. Life: {@link #start} before the routes, {@link #stop} after them. Until it is started nothing is opened, so
 * that routes can be checked without touching an operator's spool.
 */
public final class Spool {

    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

    /** Octets from which a message is streamed to and from a file of its own, and never in memory as a whole. */
    static final int STREAMED_FROM = 100 * 1024;

    private final SpoolDirectory directory;

    private final Broker broker;

    private final BrokerAccess access;

    private final BrokerState state;

    private final Inlet inlet;

    /** For copies that are taken out of queues of a broker elsewhere, and large ones that go in. */
    private final SharedConnection connection;

    private final ManagementLine managementLine;

    private final BrokerManagement management;

    private final SpoolMonitor monitor;

    private final Overflow overflow;

    private final Outbox outbox;

    private final Refill refill;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "spool-timer");
        thread.setDaemon(true);
        return thread;
    });

    private final SendBudget budget = SendBudget.of(Runtime.getRuntime().maxMemory());

    private volatile DamageWatcher damageWatcher = (id, backup, damage) -> { };

    /** With a broker in this process, in a directory that need not exist yet. */
    public Spool(Path path) {
        this(path, SpoolDirectory.USUAL_RESERVE, null);
    }

    /**
     * @param minFree octets of the directory's disk that stay free
     * @param external the broker elsewhere; null for one in this process
     * @throws SpoolException when the broker's address cannot be understood
     */
    public Spool(Path path, long minFree, ExternalBroker external) {
        directory = new SpoolDirectory(path, minFree);
        broker = external == null ? new EmbeddedBroker(directory, this::damaged) : external;
        access = broker.access();
        state = new BrokerState(broker);
        connection = new SharedConnection(broker.access().withoutFailover());
        inlet = broker.inside().<Inlet>map(Function.identity()).orElseGet(
                () -> new Senders(broker.access().withoutWaiting(), connection, this::lostSession));
        managementLine = new ManagementLine(access, BrokerManagement.PATIENCE);
        management = new BrokerManagement(managementLine);
        overflow = new Overflow(directory);
        refill = new Refill(overflow, state, broker, access, this::damaged);
        monitor = new SpoolMonitor(broker, state, new Connections(), new QueueKeeper(access),
                new QueueSettings(managementLine), management, () -> !directory.hasAmpleRoom(0), directory::closeNewFiles);
        outbox = new Outbox(broker, state, inlet, monitor::has, this::requireRoom, budget, overflow, this::mute);
    }

    private final class Connections implements SpoolMonitor.Connections {

        @Override
        public void open() throws Exception {
            inlet.open();
        }

        @Override
        public void reset() {
            inlet.reset();
            connection.reset();
            outbox.fail("the broker is away");
        }
    }

    /** A new component for the scheme {@code spool}, for one Camel context. */
    public SpoolComponent component() {
        return new SpoolComponent(this);
    }

    Outbox outbox() {
        return outbox;
    }

    BrokerState state() {
        return state;
    }

    ScheduledExecutorService timer() {
        return timer;
    }

    /** For each taker of a consumer one; they tell the broker of what is done within a time that the consumer knows. */
    Supplier<Outlet> outlets(SpoolEndpoint endpoint, Runnable tellWithin) {
        int every = endpoint.getAcknowledgeEvery();
        return broker.inside().<Supplier<Outlet>>map(queues -> queues.queue(endpoint.getQueue(), every, tellWithin)::outlet)
                .orElse(() -> new CoreOutlet(this::takingSession, endpoint.getQueue(), every, tellWithin));
    }

    /** A session of a consumer's own, which acknowledges and sends in transactions. */
    private BrokerSession takingSession() throws Exception {
        try {
            return new BrokerSession(connection.session(true), null);
        } catch (Exception e) {
            monitor.suspect();
            throw e;
        }
    }

    /** Tells a watcher about once a second what the broker's queues are like; to be called before {@link #start}. */
    public void watch(Consumer<Collection<QueueState>> watcher) {
        monitor.watch(watcher);
    }

    /** Tells a watcher of copies that the spool itself finds damaged; to be called before {@link #start}. */
    public void watch(DamageWatcher watcher) {
        damageWatcher = watcher;
    }

    /**
     * Opens the queues, and makes those that are not there yet. A broker elsewhere may be away: then copies are lost until
     * it can be reached, and {@link #problem} says so.
     *
     * @throws SpoolException when the directory cannot be used
     */
    public void start(List<String> queues) throws Exception {
        directory.open();
        overflow.open();
        broker.start();
        monitor.start(queues);
        refill.start();
        broker.look(queues.stream().filter(queue -> !queue.startsWith(QueueNames.WAITING)).toList());
    }

    /** Has further queues kept like those of the start. */
    public void keep(List<String> queues) {
        monitor.keep(queues);
    }

    void keep(String queue) {
        monitor.keep(List.of(queue));
    }

    /** Whether copies can be put in and taken out. */
    public boolean isOpen() {
        return problem().isEmpty();
    }

    /** Why copies cannot be put into their queues, for an operator; empty when they can. Takes no time. */
    public Optional<String> problem() {
        return monitor.problem().or(() -> broker.isLocal() ? directory.problem() : Optional.empty());
    }

    /**
     * Whether the copies of a mail that begins now will find room, with a margin for those that have begun already. Takes no
     * time.
     *
     * @param octets of the mail, as far as known
     */
    public boolean admits(long octets) {
        return problem().isEmpty() && directory.hasAmpleRoom(octets);
    }

    /** Octets that are free on the disk of the spool's directory; of a broker elsewhere, where large mails lie. */
    public long freeBytes() {
        return directory.free();
    }

    /** Octets of that disk. */
    public long diskBytes() {
        return directory.diskSize();
    }

    /**
     * Removes the questions to backups that are not asked any more: nobody would ever read them. In a broker elsewhere they may be those
     * of another relay, and stay.
     *
     * @param asked the names of the backups that are
     * @return how many
     */
    public long removeQuestionsBut(Collection<String> asked) {
        return !broker.isLocal() ? 0 : management.queues().stream()
                .filter(queue -> queue.messages() > 0 && queue.name().startsWith(QueueNames.QUESTIONS))
                .filter(queue -> !asked.contains(QueueNames.backup(queue.name())))
                .mapToLong(queue -> management.remove(queue.name(), MailProperties.FORM + " > 0")).sum();
    }

    /** What a queue held when it was looked at last, within seconds; empty when that is not known. */
    public Optional<QueueState> queue(String name) {
        return Optional.ofNullable(monitor.queues().get(name));
    }

    /** Somebody has set a copy aside. */
    void damaged(String id, String backup, String damage) {
        damageWatcher.damaged(id, backup, damage);
    }

    /** How many damaged copies are set aside, of all backups, as of the last look. */
    public long damaged() {
        return monitor.queues().values().stream().filter(queue -> queue.name().startsWith(QueueNames.DAMAGED))
                .mapToLong(QueueState::messages).sum();
    }

    /** When the oldest copy in a queue was accepted, as of half a minute ago at most; empty when it holds none. */
    public Optional<Instant> oldest(String queue) {
        return monitor.oldest(queue);
    }

    private void lostSession(Object session) {
        outbox.fail("the connection to the broker is gone", sent -> sent.went(session));
        monitor.suspect();
    }

    /** Somebody has waited long enough; nobody else shall wait until the monitor has heard from the broker again. */
    void mute(String reason) {
        if (state.down(reason)) {
            inlet.reset();
            connection.reset();
        }
        monitor.suspect();
    }

    /** Whether copies that their queues do not take find a place all the same. */
    public boolean keeps() {
        return overflow.isOpen() && directory.problem().isEmpty();
    }

    /** How many copies lie in the directory beside the queues, which did not take them, and wait for that. */
    public int overflow() {
        return overflow.count();
    }

    /**
     * A session on a connection of the caller's own, who closes it.
     *
     * @param transacted whether what is sent and acknowledged counts only when it is committed
     */
    public BrokerSession open(boolean transacted) throws Exception {
        return access.open(transacted);
    }

    /** Makes sure that a copy of that many octets can be kept, as far as that can be seen from here. */
    void requireRoom(long octets) throws IOException {
        if (broker.isLocal()) {
            directory.requireRoom(octets);
        }
    }

    /** What copies on their way into a queue may take of the heap. */
    SendBudget budget() {
        return budget;
    }

    /** Why a copy of that many octets could not be kept, as far as that can be seen from here; empty when it could. */
    public Optional<String> roomProblem(long octets) {
        try {
            requireRoom(octets);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** What the queues hold, and how to steer them. */
    public BrokerManagement management() {
        return management;
    }

    /** Closes everything that is open; copies that were being sent are in their queue again at the next start. */
    public void stop() {
        try {
            refill.stop();
            overflow.close();
            monitor.stop();
            state.close();
            outbox.close();
            timer.shutdown();
            inlet.close();
            connection.close();
            managementLine.close();
            access.close();
            broker.stop();
        } catch (Exception e) {
            LOG.error("the spool did not stop cleanly; nothing that was in it is lost: {}", e.toString());
            LOG.debug("stack trace", e);
        } finally {
            directory.close();
        }
    }
}
