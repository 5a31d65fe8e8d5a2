package io.smtpdup.spool;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.ops.Emergency;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the spool every second, so that nobody else has to: whether it can be used, and if not why; what its queues
 * hold. The one who tries to reach a broker that is away, and has our queues made there when it is back.
 *
 * <p>What it saw last is read from memory, and is a few seconds old at most while the broker answers.
 */
final class SpoolMonitor {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolMonitor.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** A look takes seconds at most: a broker that does not answer gets ten for each question. */
    private static final Duration BLIND = Duration.ofMinutes(2);

    /** Looks between two searches for the oldest copies, which cost more than counting. */
    private static final int OLDEST_EVERY = 10;

    /** Looks to wait when the broker does not let its queues be counted, each of which it may log. */
    private static final int COUNT_AGAIN_AFTER = 60;

    /** What goes by the broker as long as it can be used. */
    interface Connections {

        /** Opens what copies are sent by. */
        void open() throws Exception;

        /** Parts with what is open; takes no time. */
        void reset();
    }

    private final Broker broker;

    private final BrokerState state;

    private final Connections connections;

    private final QueueKeeper keeper;

    private final QueueSettings settings;

    private final BrokerManagement management;

    private final BooleanSupplier isShortOfRoom;

    private final Runnable housekeeping;

    private final Semaphore wake = new Semaphore(0);

    private volatile List<String> ours = List.of();

    /** Those that the broker has. */
    private volatile Set<String> there = Set.of();

    private volatile Map<String, String> queueProblems = Map.of();

    private volatile Map<String, QueueState> queues = Map.of();

    private final Map<String, Instant> oldest = new ConcurrentHashMap<>();

    private volatile Consumer<Collection<QueueState>> watcher = unused -> { };

    private volatile Thread thread;

    private volatile boolean stopped;

    private volatile long looked = System.nanoTime();

    private int looks;

    /** Looks until the queues are counted again, after a broker that refused. */
    private int uncounted;

    private boolean toldUncounted;

    SpoolMonitor(Broker broker, BrokerState state, Connections connections, QueueKeeper keeper,
            QueueSettings settings, BrokerManagement management, BooleanSupplier isShortOfRoom, Runnable housekeeping) {
        this.broker = broker;
        this.state = state;
        this.connections = connections;
        this.keeper = keeper;
        this.settings = settings;
        this.management = management;
        this.isShortOfRoom = isShortOfRoom;
        this.housekeeping = housekeeping;
    }

    /**
     * Looks for the first time, and returns when that is known.
     *
     * @param queues which the broker must have
     */
    void start(List<String> queues) {
        ours = List.copyOf(queues);
        look();
        thread = new Thread(this::run, "spool-monitor");
        thread.setDaemon(true);
        thread.start();
    }

    /** Has it see to further queues, at once. */
    synchronized void keep(List<String> queues) {
        if (!ours.containsAll(queues)) {
            ours = Stream.concat(ours.stream(), queues.stream()).distinct().toList();
            wake.release();
        }
    }

    /** Whether the broker has a queue, and we see to it. */
    boolean has(String queue) {
        return there.contains(queue);
    }

    /** Tells whoever it is what the broker's queues are like, each time that is looked at. */
    void watch(Consumer<Collection<QueueState>> newWatcher) {
        watcher = newWatcher;
    }

    /** Has it look at once: something has failed. */
    void suspect() {
        wake.release();
    }

    void stop() {
        stopped = true;
        wake.release();
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                running.join(INTERVAL.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (state.problem().isEmpty()) {
            keeper.leave();
        } else {
            keeper.close();
        }
    }

    /** Why copies cannot be kept; empty when they can. */
    Optional<String> problem() {
        Optional<String> whole = state.problem().or(this::blindness);
        if (whole.isPresent()) {
            return whole;
        }
        return queueProblems.entrySet().stream()
                .filter(queue -> !queue.getKey().startsWith(QueueNames.QUESTIONS))
                .map(queue -> "the queue " + queue.getKey() + " " + queue.getValue())
                .reduce((one, other) -> one + "; " + other);
    }

    private Optional<String> blindness() {
        Duration unseen = Duration.ofNanos(System.nanoTime() - looked);
        return unseen.compareTo(BLIND) < 0 ? Optional.empty()
                : Optional.of("nobody has looked at it for " + unseen.toSeconds() + " s");
    }

    /** What the broker's queues held when they were looked at last, by name; empty while that is not known. */
    Map<String, QueueState> queues() {
        return queues;
    }

    /** When the oldest copy in a queue was accepted. */
    Optional<Instant> oldest(String queue) {
        return Optional.ofNullable(oldest.get(queue));
    }

    private void run() {
        while (!stopped) {
            try {
                wake.tryAcquire(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
                wake.drainPermits();
                if (!stopped) {
                    look();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException | Error e) {
                Emergency.consider(e);
                LOG.error("the spool could not be looked at: {}", e.toString());
                LOG.debug("stack trace", e);
            }
        }
    }

    private void look() {
        looked = System.nanoTime();
        try {
            broker.problem().ifPresent(problem -> {
                throw new SpoolException(problem);
            });
            List<String> wanted = ours;
            Map<String, String> problems = keeper.keep(wanted);
            connections.open();
            if (!problems.equals(queueProblems)) {
                problems.forEach((queue, problem) -> LOG.error("the queue {} {}", queue, problem));
            }
            queueProblems = problems;
            there = wanted.stream().filter(queue -> !problems.containsKey(queue)).collect(Collectors.toSet());
        } catch (Exception e) {
            away(e);
            return;
        }
        if (state.problem().isPresent()) {
            if (!broker.isLocal()) {
                settings.apply(ours);
            }
            state.up();
        }
        count();
    }

    private void away(Exception failure) {
        LOG.debug("the broker cannot be reached", failure);
        if (stopped) {
            return;
        }
        boolean wasUsable = state.problem().isEmpty();
        state.down(BrokerFailure.reason(failure));
        if (wasUsable) {
            connections.reset();
        }
        queues = Map.of();
        oldest.clear();
        looks = 0;
    }

    private void count() {
        if (uncounted > 0) {
            uncounted--;
            return;
        }
        try {
            Map<String, QueueState> seen = new TreeMap<>();
            management.queues().forEach(queue -> seen.put(queue.name(), queue));
            queues = seen;
            watcher.accept(seen.values());
            if (looks++ % OLDEST_EVERY == 0) {
                housekeeping.run();
                if (isShortOfRoom.getAsBoolean()) {
                    tidy();
                }
                seen.values().stream().filter(queue -> ours.contains(queue.name()) || queue.name().startsWith(QueueNames.WAITING)).forEach(this::age);
            }
            toldUncounted = false;
        } catch (SpoolException e) {
            queues = Map.of();
            if (!toldUncounted && !stopped) {
                LOG.warn("what lies in the spool's queues is not known, copies are kept all the same; the broker's user needs"
                        + " the permission manage: {}", e.getMessage());
            }
            toldUncounted = true;
            uncounted = COUNT_AGAIN_AFTER;
        }
    }

    private void tidy() {
        try {
            broker.tidy();
        } catch (Exception e) {
            LOG.debug("the broker could not tidy up", e);
        }
    }

    private void age(QueueState queue) {
        Optional<Instant> found = queue.messages() == 0 ? Optional.empty() : management.oldest(queue.name());
        if (found.isPresent()) {
            oldest.put(queue.name(), found.get());
        } else {
            oldest.remove(queue.name());
        }
    }
}
