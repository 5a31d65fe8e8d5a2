package io.smtpdup.tools;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.agreement.Agreement;
import io.smtpdup.agreement.AskedRecipients;
import io.smtpdup.agreement.Circumstances;
import io.smtpdup.agreement.Report;
import io.smtpdup.backup.QuietCheck;
import io.smtpdup.config.Destination;
import io.smtpdup.spool.Selection;
import io.smtpdup.spool.SpoolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator can ask and do about the agreement of primary and backups. A report is made of what was compared and of what the
 * relay knows besides: what waits, how long a backup was away, what was lost.
 */
public final class AgreementTools implements AutoCloseable {

    /** Copies that are counted with their recipients; each of the others counts as one. */
    private static final int COUNTED = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(AgreementTools.class);

    private final Agreement agreement;

    private final Steering steering;

    private final BackupHistory history;

    private final QuietCheck quiet;

    private final SideHistory sides;

    private final AskedRecipients recipients;

    private final Map<String, Destination> backups;

    private final Clock clock;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "agreement-report");
        thread.setDaemon(true);
        return thread;
    });

    private volatile Optional<Report> recent = Optional.empty();

    /** Whether somebody has asked for the recent report since it was made: one of a million recipients takes a second. */
    private volatile boolean asked = true;

    /**
     * @param recipients what backups said when they were asked about recipients
     * @param clock of the copies in the queues
     */
    public AgreementTools(Agreement agreement, Steering steering, BackupHistory history, QuietCheck quiet, SideHistory sides,
            AskedRecipients recipients, List<Destination> backups, Clock clock) {
        this.agreement = agreement;
        this.steering = steering;
        this.history = history;
        this.quiet = quiet;
        this.sides = sides;
        this.recipients = recipients;
        this.backups = backups.stream().collect(Collectors.toMap(Destination::name, backup -> backup, (a, b) -> a, LinkedHashMap::new));
        this.clock = clock;
    }

    /** From now on somebody looks every minute, and within a second of what may not be lost with a kill. */
    public void start() {
        timer.scheduleWithFixedDelay(this::look, 0, 1, TimeUnit.MINUTES);
        timer.scheduleWithFixedDelay(this::lookAtOnce, 1, 1, TimeUnit.SECONDS);
    }

    private void lookAtOnce() {
        try {
            history.lookIfCounted();
        } catch (RuntimeException e) { // which would end the timer
            LOG.debug("nobody can look at the moment", e);
        }
    }

    private void look() {
        try {
            history.look();
            sides.look();
            if (asked) {
                asked = false;
                report();
            }
        } catch (RuntimeException e) {
            recent = Optional.empty();
            LOG.debug("there is no agreement report at the moment", e);
        }
    }

    /** As {@link #report()}, a minute or two old; empty while there can be none. */
    public Optional<Report> recent() {
        asked = true;
        return recent;
    }

    /**
     * Of all backups, as of now; one that has left the list has no vote.
     *
     * @throws SpoolException when nobody knows what waits
     */
    public Report report() {
        // With no backup at all, each that was one would have a vote.
        Report report = agreement.report(circumstances()).only(name -> !backups.isEmpty());
        recent = Optional.of(report);
        return report;
    }

    private Map<String, Circumstances> circumstances() {
        history.look();
        sides.look();
        Map<String, Circumstances> circumstances = new LinkedHashMap<>();
        for (BackupView view : steering.overview().backups()) {
            if (backups.containsKey(view.name())) {
                circumstances.put(view.name(), circumstances(view));
            }
        }
        return circumstances;
    }

    private Circumstances circumstances(BackupView view) {
        BackupHistory.Sum known = history.of(view.name());
        long age = view.oldest() == null ? 0 : Math.max(0, Duration.between(view.oldest(), clock.instant()).toSeconds());
        return new Circumstances(open(view), age, TimeUnit.MILLISECONDS.toSeconds(known.awayMillis()),
                known.lost(), known.damaged(), history.setAside(view.name(), view.damaged()), known.loops(), known.echoes(),
                recipients.failed(view.name()), recipients.takesAny(view.name()), quiet.isHidden(view.name()), sides.of(view.name()));
    }

    private long open(BackupView view) {
        if (view.waiting() + view.deferred() + view.inFlight() == 0) {
            return 0;
        }
        Listing copies = steering.copies(List.of(view.name()), Selection.ALL, COUNTED);
        return copies.more() + copies.copies().stream().mapToLong(copy -> Math.max(1, copy.recipientCount())).sum();
    }

    /**
     * The same of some of them.
     *
     * @param names names or addresses; none for all
     */
    Report report(List<String> names) {
        Report all = report();
        return all.only(meant(names, all.backups().stream()));
    }

    /** The reports of the time before each mark, the oldest first. */
    Map<String, List<Report>> earlier(List<String> names) {
        List<Report> all = tried(agreement::earlier);
        Predicate<String> meant = meant(names, all.stream().flatMap(report -> report.backups().stream()));
        return Map.of("reports", all.stream().map(report -> report.only(meant)).toList());
    }

    /** The kinds of differences of one backup. */
    record Signatures(String backup, List<Report.Difference> differences) {
    }

    /**
     * Every kind of difference.
     *
     * @param relation only those of this one; null for all
     * @param category only those of this one; null for all
     */
    Map<String, List<Signatures>> signatures(List<String> names, String relation, String category) {
        return Map.of("backups", report(names).backups().stream().map(backup -> new Signatures(backup.backup(),
                backup.differences().stream().filter(one -> relation == null || one.relation().equals(relation))
                        .filter(one -> category == null || one.category().equals(category)).toList())).toList());
    }

    /** Those in the list may be meant, and those that a report tells of. */
    private Predicate<String> meant(List<String> names, Stream<Report.Backup> told) {
        Set<String> known = new LinkedHashSet<>(backups.keySet());
        told.map(Report.Backup::backup).forEach(known::add);
        Set<String> meant = names.stream().map(text -> known.stream()
                .filter(name -> name.equalsIgnoreCase(text) || name.equals(Destination.nameOf(text).orElse(text))).findFirst()
                .orElseThrow(() -> RequestException.notFound("there is no backup " + text + ", but "
                        + (known.isEmpty() ? "none" : String.join(", ", known))))).collect(Collectors.toSet());
        return name -> names.isEmpty() || meant.contains(name);
    }

    /**
     * What was compared so far counts no longer, because something was changed.
     *
     * @throws SpoolException when nobody knows what waits: the report of the epoch that ends would be better than the epoch was
     */
    public Map<String, String> mark(String reason) {
        Map<String, Circumstances> circumstances = circumstances();
        tried(() -> {
            agreement.mark(reason, circumstances);
            history.startAnew();
            recipients.startAnew();
            return reason;
        });
        recent = Optional.empty();
        asked = true;
        LOG.info("an operator has set a mark, what was compared so far counts no longer: {}", reason);
        return Map.of("marked", reason);
    }

    /** As {@link #mark}, where nothing else must fail because of it. */
    public void markQuietly(String reason) {
        try {
            mark(reason);
        } catch (RuntimeException e) {
            LOG.warn("no mark could be set for \"{}\", so that what was compared before counts as well: {}", reason, e.toString());
        }
    }

    /** Forgets an address, and tells in how many places it was. */
    Map<String, Integer> forget(String address) {
        int asked = tried(() -> recipients.forget(address));
        int places = asked + tried(() -> agreement.forget(address));
        recent = Optional.empty();
        LOG.info("an operator has had an address forgotten, which was in {} places", places);
        return Map.of("forgotten", places);
    }

    @FunctionalInterface
    private interface Action<T> {

        T run() throws IOException;
    }

    private static <T> T tried(Action<T> action) {
        try {
            return action.run();
        } catch (IOException e) {
            throw new SpoolException("what was compared cannot be read or written: " + e.getMessage());
        }
    }

    /** Adds what has happened until now, and looks no more. A look on its way is not interrupted: that would close its files. */
    @Override
    public void close() {
        timer.shutdown();
        history.end();
        sides.look();
    }
}
