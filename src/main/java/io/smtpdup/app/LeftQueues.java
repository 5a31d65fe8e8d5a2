package io.smtpdup.app;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.backup.Backups;
import io.smtpdup.backup.Gate;
import io.smtpdup.backup.Gates;
import io.smtpdup.config.Destination;
import io.smtpdup.config.Settings;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.spool.QueueNames;
import io.smtpdup.spool.QueueState;
import io.smtpdup.spool.Spool;
import io.smtpdup.tools.Drains;
import io.smtpdup.tools.RequestException;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies that wait for a server which is no backup any more. When it is the primary now, they go on to it by themselves: a
 * copy was accepted between the last look at the queue and the swap, and its server is the one in production. Those of any
 * other wait for an operator, who hears of them in the log, the metrics and the health, and may have them delivered.
 *
 * <p>Either way the queue gets a route like a backup's, from the same template, so that each copy goes to the server once
 * and leaves the queue when the server has it. The route stays when the queue is empty.
 */
final class LeftQueues implements Drains {

    private static final Logger LOG = LoggerFactory.getLogger(LeftQueues.class);

    private final Settings settings;

    private final BackupRoutes routes;

    private final Gates gates;

    private final Spool spool;

    private final ExecutorService starter = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "left-queues");
        thread.setDaemon(true);
        return thread;
    });

    /** Where the copies of a queue go, by the queue's name without what all begin with. */
    private final Map<String, Destination> served = new ConcurrentHashMap<>();

    private final Map<String, Boolean> told = new ConcurrentHashMap<>();

    private volatile List<String> unread = List.of();

    /** Null until the routes run, and when they stop. */
    private CamelContext context;

    private MeterRegistry meters;

    LeftQueues(Settings settings, BackupRoutes routes, Gates gates, Spool spool) {
        this.settings = settings;
        this.routes = routes;
        this.gates = gates;
        this.spool = spool;
    }

    /** The routes run, and further ones may be added. */
    synchronized void attachTo(CamelContext started) {
        context = started;
        meters = started.getRegistry().findSingleByType(MeterRegistry.class);
    }

    /** Goes on with what an operator has asked another one for, which is closed. */
    void takeOver(LeftQueues before) {
        before.served.forEach((name, server) -> {
            if (!isPrimary(name) && settings.backups().stream().noneMatch(backup -> backup.name().equals(name))) {
                drain(name, server);
            }
        });
    }

    /** The relay stops, or others go on: no route begins any more. Waits for one that is just beginning. */
    synchronized void close() {
        context = null;
        starter.shutdown();
    }

    /** To be called about once a second with what the queues hold. */
    synchronized void follow(Collection<QueueState> queues) {
        if (context == null) {
            return;
        }
        Map<String, Left> all = new TreeMap<>();
        queues.stream().filter(queue -> queue.messages() > 0).forEach(queue -> QueueNames.KINDS.stream()
                .filter(queue.name()::startsWith)
                .forEach(kind -> all.merge(queue.name().substring(kind.length()), Left.of(kind, queue), Left::and)));
        all.keySet().removeIf(name -> settings.backups().stream().anyMatch(backup -> backup.name().equals(name)));
        all.forEach((name, left) -> {
            if (told.putIfAbsent(name, true) == null && meters != null) {
                new QueueMeters(spool, SteadyClock.system()).bindTo(meters, name, label(name));
            }
            if (isPrimary(name) && left.copies > 0 && !served.containsKey(name)) {
                starter.execute(() -> goOnToThePrimary(name));
            }
        });
        tellNew(all);
    }

    private void goOnToThePrimary(String name) {
        try {
            begin(name, settings.primary());
        } catch (RuntimeException e) {
            if (told.put("failed " + name, true) == null) {
                LOG.error("copies waiting for {}, which is the primary now, cannot be delivered to it: {}", label(name), e.toString());
            }
            LOG.debug("stack trace", e);
        }
    }

    /** What a server that is no backup left behind. */
    private record Left(long copies, long dead, long damaged, boolean read) {

        static Left of(String kind, QueueState queue) {
            return new Left(kind.equals(QueueNames.WAITING) ? queue.messages() : 0, kind.equals(QueueNames.DEAD) ? queue.messages() : 0,
                    kind.equals(QueueNames.DAMAGED) ? queue.messages() : 0, queue.consumers() > 0);
        }

        Left and(Left other) {
            return new Left(copies + other.copies, dead + other.dead, damaged + other.damaged, read || other.read);
        }

        /** {@code 5 copies, 1 dead letter}. */
        @Override
        public String toString() {
            return Stream.of(count(copies, "copy", "copies"), count(dead, "dead letter", "dead letters"),
                    count(damaged, "damaged copy", "damaged copies")).flatMap(Optional::stream).collect(Collectors.joining(", "));
        }

        private static Optional<String> count(long number, String one, String many) {
            return number == 0 ? Optional.empty() : Optional.of(number + " " + (number == 1 ? one : many));
        }
    }

    private void tellNew(Map<String, Left> all) {
        List<String> before = unread;
        all.keySet().removeIf(name -> all.get(name).read || served.containsKey(name) || isPrimary(name));
        all.forEach((name, left) -> {
            if (before.stream().noneMatch(line -> line.startsWith(label(name) + " "))) {
                LOG.warn("{} is not in relay.destination_backups and has left {}: see queue drain, queue move and queue delete, or"
                        + " dead for dead letters", label(name), left);
            }
        });
        unread = all.entrySet().stream().map(left -> label(left.getKey()) + " has left " + left.getValue()).toList();
    }

    /** A line for each server that left something which nobody delivers; empty when there is none. */
    List<String> unread() {
        return unread;
    }

    @Override
    public boolean isPrimary(String name) {
        return Destination.placeOf(name).filter(settings.primary().hostPort()::isSamePlace).isPresent();
    }

    @Override
    public Optional<Destination> target(String name) {
        return Optional.ofNullable(served.get(name));
    }

    @Override
    public Destination destination(String name, String to) {
        if (to != null) {
            Destination server = Destination.parse(to, settings.relayTls());
            if (!server.limits().selection().isAll()) {
                throw new IllegalArgumentException("only, except, sample, max_size and to are for new mails, not for copies that wait");
            }
            return server;
        }
        return Destination.at(Destination.placeOf(name).orElseThrow(() -> new IllegalArgumentException(
                "the server's address does not follow from the name " + name)), settings.relayTls());
    }

    @Override
    public synchronized void drain(String name, Destination server) {
        if (context == null) {
            throw RequestException.conflict("the relay begins, reloads or stops: ask again");
        }
        begin(name, server);
    }

    private synchronized void begin(String name, Destination server) {
        if (context == null || served.containsKey(name)) {
            return;
        }
        try {
            spool.keep(Backups.names(name));
            context.getRegistry().bind("login." + name, new Credentials(server));
            Gate gate = gates.add(name, server);
            if (meters != null && !isPrimary(name)) {
                gates.bindTo(meters, gate);
            }
            served.put(name, server);
            routes.add(context, name, server);
            LOG.info("copies that were waiting for {} are delivered to {}", label(name), server);
        } catch (RuntimeException e) {
            served.remove(name);
            throw e;
        }
    }

    private static String label(String name) {
        return Destination.placeOf(name).map(Objects::toString).orElse(name);
    }
}
