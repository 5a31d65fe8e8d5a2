package io.smtpdup.tools;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import io.smtpdup.backup.Gate;
import io.smtpdup.backup.Gates;
import io.smtpdup.backup.Held;
import io.smtpdup.backup.Verdicts;
import io.smtpdup.config.Destination;
import io.smtpdup.spool.BrokerManagement;
import io.smtpdup.spool.CopyQueue;
import io.smtpdup.spool.QueuedCopy;
import io.smtpdup.spool.Selection;
import io.smtpdup.spool.Spool;
import io.smtpdup.spool.SpoolException;
import io.smtpdup.tools.KnownBackups.Known;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator can do to the copies of a running relay. A copy is at one of four places, which are asked one by one: at
 * its backup's gate (in flight, or next), in the queue (waiting), in the queue with a time (deferred), in the dead letters.
 *
 * <p>Backups are meant by name or by {@code host:port}; an empty list of them means all. What does not exist is a
 * {@link RequestException}, a broker that fails a {@link io.smtpdup.spool.SpoolException}.
 */
public final class Steering {

    /** Ids in one of the broker's filters. */
    private static final int FILTER_IDS = 200;

    private static final Logger LOG = LoggerFactory.getLogger(Steering.class);

    private final CamelContext context;

    private final Spool spool;

    private final Gates gates;

    private final Destination primary;

    private final List<Destination> backups;

    private final Drains drains;

    private final Clock clock;

    private final DeadLetterTools deadLetters;

    private final WaitingTools waiting;

    private final CopyLists lists;

    public Steering(CamelContext context, Spool spool, Gates gates, Destination primary, List<Destination> backups, Drains drains,
            Verdicts verdicts, Clock clock) {
        this.context = context;
        this.spool = spool;
        this.gates = gates;
        this.primary = primary;
        this.backups = backups;
        this.drains = drains;
        this.clock = clock;
        deadLetters = new DeadLetterTools(this::queue, clock);
        lists = new CopyLists(this::queue, gates, spool.management());
        waiting = new WaitingTools(this::queue, spool.management(), deadLetters::beginAnew, verdicts);
    }

    /**
     * What {@link #retry} did.
     *
     * @param released deferred copies that are tried now
     * @param asked backups that were away and are asked again now
     * @param ready copies that were meant and need no retry, because they wait or are being sent
     * @param held deferred copies that are tried as soon as their backups are not paused any more
     * @param paused backups that get nothing all the same, because they are paused
     */
    public record Retried(long released, List<String> asked, long ready, long held, List<String> paused) {
    }

    /** What waits: by backup, and how many copies their queues have not taken yet. */
    public record Overview(List<BackupView> backups, int overflow) {
    }

    public Overview overview() {
        try {
            return new Overview(known().all().stream().map(this::view).toList(), spool.overflow());
        } catch (SpoolException e) {
            int overflow = spool.overflow();
            throw overflow == 0 ? e : new SpoolException(e.getMessage() + "; " + overflow + " copies are kept in the overflow");
        }
    }

    private BackupView view(Known backup) {
        Optional<Gate.Snapshot> gate = gates.gate(backup.name()).map(Gate::snapshot);
        long inFlight = gate.map(snapshot -> snapshot.held().stream().filter(Held::isTrying).count()).orElse(0L);
        boolean paused = backup.copies().paused();
        String state = paused ? "paused"
                : gate.map(snapshot -> snapshot.state().name().toLowerCase(Locale.ROOT))
                .orElse(backup.copies().consumers() > 0 ? "elsewhere" : "unread");
        Instant oldest = backup.copies().messages() == 0 ? null
                : broker().oldest(backup.queue()).orElse(null);
        return new BackupView(backup.name(), backup.address(), backup.role().name().toLowerCase(Locale.ROOT), state,
                gate.map(Gate.Snapshot::since).orElse(null),
                Math.max(0, backup.copies().messages() - backup.copies().scheduled() - inFlight),
                backup.copies().scheduled(), inFlight, backup.deadLetters().messages(),
                backup.damaged().messages(), oldest,
                gate.map(Gate.Snapshot::lastError).orElse(null),
                gate.map(Gate.Snapshot::lastErrorAt).orElse(null),
                paused ? null : gate.map(Gate.Snapshot::nextProbe).orElse(null));
    }

    /** What the log calls each backup, by its name. */
    Map<String, String> destinations() {
        return known().all().stream().collect(Collectors.toMap(Known::name, Known::destination));
    }

    /** See {@link CopyLists#copies}. */
    public Listing copies(List<String> names, Selection selection, int limit) {
        return lists.copies(known().named(names), selection, limit);
    }

    /** See {@link CopyLists#deadLetters}. */
    public Listing deadLetters(List<String> names, Selection selection, int limit) {
        return lists.deadLetters(known().named(names), selection, limit);
    }

    /** Has deferred copies tried now, and a backup that is away asked now. */
    public Retried retry(List<String> names, Selection selection) {
        long released = 0;
        long ready = 0;
        long held = 0;
        List<String> asked = new ArrayList<>();
        List<String> paused = new ArrayList<>();
        for (Known backup : known().named(names)) {
            long releasedHere = release(backup, selection);
            long readyHere = selection.isAll() ? 0 : ready(backup, selection);
            ready += readyHere;
            if (backup.copies().paused()) {
                held += releasedHere;
            } else {
                released += releasedHere;
            }
            if (selection.isAll() || releasedHere + readyHere > 0) {
                gates.gate(backup.name()).ifPresent(Gate::retryNow);
                if (backup.copies().paused()) {
                    paused.add(backup.name());
                } else if (gates.gate(backup.name()).filter(gate -> gate.state() == Gate.State.AWAY).isPresent()) {
                    asked.add(backup.name());
                }
            }
        }
        LOG.info("an operator has {} deferred copies tried now, {} after a pause, and asks {}", released, held, asked);
        return new Retried(released, asked, ready, held, paused);
    }

    /** How many of the copies that are meant wait for nothing but their turn, or are being sent. */
    private long ready(Known backup, Selection selection) {
        long[] waiting = {lists.held(backup).filter(held -> selection.matches(held.copy())).count()};
        queue(backup.queue()).browse(selection, copy -> {
            waiting[0]++;
            return true;
        });
        return waiting[0];
    }

    private long release(Known backup, Selection selection) {
        if (backup.copies().scheduled() == 0) {
            return 0;
        }
        if (selection.isAll()) {
            return broker().deliverScheduled(backup.queue(), "");
        }
        Set<String> ids = selection.recipient() == null && selection.reply() == null
                ? selection.ids()
                : lists.deferred(backup, selection).stream().map(QueuedCopy::id).collect(Collectors.toSet());
        long released = 0;
        List<String> list = List.copyOf(ids);
        for (int i = 0; i < list.size(); i += FILTER_IDS) {
            released += broker().deliverScheduled(
                    backup.queue(), CopyQueue.filter(list.subList(i, Math.min(list.size(), i + FILTER_IDS))));
        }
        return released;
    }

    /** The backups get nothing until {@link #resume}, also after a restart. Returns their names. */
    public List<String> pause(List<String> names) {
        return change("paused", names, backup -> {
            broker().pause(backup.queue());
            gates.gate(backup.name()).ifPresent(gate -> gate.queueIsPaused(true));
        });
    }

    /** Ends {@link #pause}. */
    public List<String> resume(List<String> names) {
        return change("resumed", names, backup -> {
            broker().resume(backup.queue());
            gates.gate(backup.name()).ifPresent(gate -> gate.queueIsPaused(false));
        });
    }

    private List<String> change(String what, List<String> names, Consumer<Known> action) {
        List<Known> meant = known().named(names).stream()
                .filter(backup -> !names.isEmpty() || backup.address() != null || backup.copies().paused()).toList();
        meant.forEach(backup -> {
            action.accept(backup);
            LOG.info("an operator has {} {}", what, backup.destination());
        });
        return meant.stream().map(Known::name).toList();
    }

    /** What {@link #drain} did: the queue's name, and what gets its copies. */
    public record Drained(String draining, String to, boolean paused) {
    }

    /**
     * Has the copies of a backup that is not in the list delivered, until the relay ends.
     *
     * @param to where to, as in the settings; null for the server they were meant for, with the settings of all
     */
    public synchronized Drained drain(String name, String to) {
        Known backup = known().named(name);
        if (backup.role() != KnownBackups.Role.LEFT) {
            throw RequestException.conflict(backup.destination() + (backup.role() == KnownBackups.Role.BACKUP
                    ? " is in relay.destination_backups: it gets its copies anyway"
                    : " is the primary: copies waiting for it are delivered to it anyway"));
        }
        Destination server;
        try {
            server = drains.destination(backup.name(), to);
        } catch (IllegalArgumentException e) {
            throw RequestException.wrong(e.getMessage() + (to == null ? ": say to" : " (to)"));
        }
        Destination before = drains.target(backup.name()).orElse(null);
        if (before == null && backup.copies().consumers() > 0) {
            throw RequestException.conflict("another relay delivers the copies of " + backup.name());
        } else if (before != null && !before.equals(server)) {
            throw RequestException.conflict(backup.name() + " is being drained to " + before + " already, until the relay's next start");
        }
        drains.drain(backup.name(), server);
        LOG.info("at an operator's request, the copies for {} are delivered to {}", backup.name(), server);
        return new Drained(backup.name(), server.toString(), backup.copies().paused());
    }

    /** Puts copies that wait into the queue of another backup, as if they had just been accepted. Returns how many. */
    public synchronized long move(List<String> names, Selection selection, String target) {
        KnownBackups known = known();
        Known to = known.named(target);
        return waiting.move(meant(known, names, to), selection, to);
    }

    /** Without names, all but the one that gets the copies. */
    private static List<Known> meant(KnownBackups known, List<String> names, Known target) {
        return known.named(names).stream().filter(backup -> !names.isEmpty() || !backup.equals(target)).toList();
    }

    /** Throws copies away that wait, each with a line in the log. Returns how many. */
    public synchronized long deleteWaiting(List<String> names, Selection selection) {
        return waiting.delete(known().named(names), selection);
    }

    /** As {@link #export}, of a copy that waits. */
    public synchronized String exportWaiting(String name, String key, boolean withEnvelope, OutputStream out) {
        return waiting.export(known().named(name), key, withEnvelope, out);
    }

    /** Puts dead letters into their backups' queues, as if they had just been accepted. Returns how many. */
    public synchronized long requeue(List<String> names, Selection selection) {
        return deadLetters.requeue(known().named(names), selection);
    }

    /** Throws dead letters away, each with a line in the log. Returns how many. */
    public synchronized long delete(List<String> names, Selection selection) {
        return deadLetters.delete(known().named(names), selection);
    }

    /**
     * Writes a dead letter as a file.
     *
     * @param key of the dead letter, or its mail's id
     * @param withEnvelope false for the mail's octets alone
     * @return its mail's id
     */
    public String export(String name, String key, boolean withEnvelope, OutputStream out) {
        return deadLetters.export(known().named(name), key, withEnvelope, out);
    }

    /**
     * Looks whether a mail that is about to come could be queued.
     *
     * @param octets of it, at most
     * @throws RequestException when it could not
     */
    void prepareReplay(String name, String from, List<String> to, long octets) {
        known().named(name);
        Replay.check(from, to);
        spool.roomProblem(octets).ifPresent(problem -> {
            throw RequestException.noRoom(problem);
        });
    }

    /**
     * Queues a mail for a backup.
     *
     * @param from the reverse-path; null for the file's own
     * @param to the recipients; none for the file's own
     * @param file is not kept as it is
     * @return the mail's id: the file's own, or a new one
     */
    String replay(String name, String from, List<String> to, Path file) throws IOException {
        Known backup = known().named(name);
        return new Replay(context, clock).replay(file, from, to, backup.destination(), queue(backup.queue()));
    }

    private CopyQueue queue(String name) {
        return new CopyQueue(spool, context, name);
    }

    private BrokerManagement broker() {
        return spool.management();
    }

    private KnownBackups known() {
        return new KnownBackups(backups, primary, drains, broker());
    }
}
