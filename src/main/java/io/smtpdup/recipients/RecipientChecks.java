package io.smtpdup.recipients;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

import io.smtpdup.agreement.Answer;
import io.smtpdup.agreement.AskedRecipients;
import io.smtpdup.agreement.ReplyMeanings;
import io.smtpdup.agreement.Stage;
import io.smtpdup.message.RecipientAnswers.SaidTo;
import io.smtpdup.recipients.Results.Fate;
import io.smtpdup.recipients.Results.Result;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checks of recipients: one at a time for each backup, of which the latest can be looked at until the relay stops. {@link #close}
 * ends them, and keeps what came of them. Safe for use by several threads.
 */
public final class RecipientChecks implements AutoCloseable {

    /** Addresses in one check: what is kept of them is in memory. */
    public static final int MOST = 100_000;

    /** More are not on their way at the same time. */
    private static final int MOST_CANCELLED = 100;

    private static final Logger LOG = LoggerFactory.getLogger(RecipientChecks.class);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Callouts callouts;

    private final int rate;

    private final Duration firstPause;

    private final @Nullable AskedRecipients asked;

    private final ReplyMeanings meanings;

    private final BiConsumer<String, String> counter;

    private final Clock clock;

    private final EndedChecks ended;

    private final Map<String, Job> jobs = new ConcurrentHashMap<>();

    private final Map<String, Pace> paces = new ConcurrentHashMap<>();

    private final Map<String, CatchAlls> domains = new ConcurrentHashMap<>();

    /** Ids of checks that were cancelled before they began, the latest few. */
    private final Set<String> neverBegin = new LinkedHashSet<>();

    private boolean closed;

    private record Job(String id, Check check) {
    }

    /**
     * Asks nobody yet.
     *
     * @param rate so many questions a second for each backup
     * @param firstPause how long an answer that was put off is waited for; the next pause is twice as long
     * @param asked learns what speaks against a backup; null where nobody wants to know
     * @param counter hears for each question of which backup, and what came of it
     * @param ended what came of checks that others have made before
     */
    public RecipientChecks(Callouts callouts, int rate, Duration firstPause, @Nullable AskedRecipients asked, ReplyMeanings meanings,
            BiConsumer<String, String> counter, Clock clock, EndedChecks ended) {
        this.callouts = callouts;
        this.rate = rate;
        this.firstPause = firstPause;
        this.asked = asked;
        this.meanings = meanings;
        this.counter = counter;
        this.clock = clock;
        this.ended = ended;
    }

    /**
     * How far the latest check of a backup is, or how it ended.
     *
     * @param state running, waiting, done, stopped or cancelled
     * @param unclear addresses that were asked about without a clear answer
     * @param catchAll addresses that were not asked about because the backup takes any address of their domain
     * @param catchAllDomains these domains
     * @param reason why it waits or was stopped; null otherwise
     */
    public record Status(String job, String backup, String state, int total, int taken, int refused, int unclear, int catchAll,
            int notAsked, List<String> catchAllDomains, @Nullable String reason, Instant startedAt, @Nullable Instant nextTry) {
    }

    /**
     * An address that the backup has not taken.
     *
     * @param result refused, unclear, catch-all or not-asked
     * @param saidTo mail or rcpt; null when nothing was said
     * @param category what the reply is about; null when there is none
     */
    public record NotTaken(String recipient, String result, @Nullable String saidTo, @Nullable String reply, @Nullable String category) {
    }

    /**
     * A part of them.
     *
     * @param more how many come after these
     */
    public record Page(List<NotTaken> results, int more) {
    }

    /**
     * Begins.
     *
     * @param id by which whoever wants it knows it already; null for one that is made here
     * @param sender the reverse-path; empty for that of bounces
     * @throws IllegalStateException when that backup is being asked already, or a check of this id was begun or cancelled before
     */
    public synchronized Status start(String backup, @Nullable String id, String sender, List<String> addresses) {
        Job before = jobs.get(backup);
        if (id != null && neverBegin.contains(id)) {
            throw new IllegalStateException("the check " + id + " was cancelled before it began");
        }
        if (before != null ? before.id.equals(id) : id != null && ended.of(backup, id).isPresent()) {
            throw new IllegalStateException("the check " + id + " has begun already");
        }
        if (closed || before != null && !before.check.isOver()) {
            throw new IllegalStateException("the backup " + backup + " is being asked about recipients already");
        }
        meanings.refresh();
        Check.Ways ways = new Check.Ways(callouts, paces.computeIfAbsent(backup, name -> new Pace(rate, System::nanoTime)),
                domains.computeIfAbsent(backup, name -> new CatchAlls(clock)), meanings, firstPause, new Noting(backup), clock);
        Job job = new Job(id == null ? HexFormat.of().toHexDigits(RANDOM.nextLong()) : id, new Check(backup, sender, addresses, ways));
        jobs.put(backup, job);
        LOG.info("an operator has the backup {} asked about {} recipients", backup, addresses.size());
        Thread thread = new Thread(job.check, "recipients-" + backup);
        thread.setDaemon(true);
        thread.start();
        return status(backup, job);
    }

    /** Empty when there was none since the relay's start. */
    public Optional<Status> status(String backup) {
        Job job = jobs.get(backup);
        return job == null ? ended.of(backup, null).map(EndedChecks.Ended::status) : Optional.of(status(backup, job));
    }

    /**
     * Those of the latest check that were not taken, in the order of its list.
     *
     * @param id of the check; null for the latest, whichever that is
     * @param after so many are left out
     * @return empty when there was none, or the latest is another
     */
    public Optional<Page> results(String backup, @Nullable String id, int after, int limit) {
        Job job = jobs.get(backup);
        if (job == null) {
            return ended.of(backup, id).map(one -> page(one.notTaken(), one.server(), after, limit));
        }
        return id != null && !job.id.equals(id) ? Optional.empty()
                : Optional.of(page(job.check.results().notTaken(), job.check.snapshot().server(), after, limit));
    }

    private Page page(List<Map.Entry<String, Result>> all, String server, int after, int limit) {
        List<NotTaken> some = all.stream().skip(after).limit(limit).map(one -> show(one.getKey(), one.getValue(), server)).toList();
        return new Page(some, Math.max(0, all.size() - after - some.size()));
    }

    /**
     * Ends a check; one that is over already stays as it is, and one that has not begun will not.
     *
     * @return false when that backup's latest check is another one
     */
    public synchronized boolean cancel(String backup, String id) {
        Job job = jobs.get(backup);
        if (job == null && ended.of(backup, id).isPresent()) {
            return true;
        } else if (job == null || !job.id.equals(id)) {
            neverBegin.add(id);
            if (neverBegin.size() > MOST_CANCELLED) {
                neverBegin.remove(neverBegin.iterator().next());
            }
            return false;
        }
        job.check.cancel();
        return true;
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        jobs.forEach((backup, job) -> {
            job.check.cancel();
            ended.add(status(backup, job), job.check.results().notTaken(), job.check.snapshot().server());
        });
    }

    private static Status status(String backup, Job job) {
        Check.Snapshot seen = job.check.snapshot();
        Results results = job.check.results();
        return new Status(job.id, backup, seen.state().name().toLowerCase(Locale.ROOT), seen.total(), results.count(Fate.TAKEN),
                results.count(Fate.REFUSED), results.count(Fate.UNCLEAR), results.count(Fate.CATCH_ALL), results.count(Fate.NOT_ASKED),
                results.catchAll(), seen.reason(), seen.startedAt(), seen.nextTry());
    }

    private NotTaken show(String address, Result result, String server) {
        String category = result.reply() == null ? null : meanings.of(
                Answer.of(result.saidTo() == SaidTo.MAIL ? Stage.MAIL : Stage.RCPT, result.reply(), server)).text();
        return new NotTaken(address, result.fate().text(), result.reply() == null ? null : result.saidTo().name().toLowerCase(Locale.ROOT),
                result.reply() == null ? null : result.reply().toString(), category);
    }

    /** What one backup says goes to the metrics, and what speaks against it is kept. */
    private final class Noting implements Check.Listener {

        private final String backup;

        Noting(String backup) {
            this.backup = backup;
        }

        @Override
        public void answered(String address, Fate fate) {
            counter.accept(backup, fate.text());
            if (asked != null && fate != Fate.UNCLEAR) {
                asked.answered(backup, address, fate == Fate.TAKEN);
            }
        }

        @Override
        public void probed(String domain, boolean takesAny) {
            if (asked != null) {
                asked.probed(backup, domain, takesAny);
            }
        }

        @Override
        public void paused() {
            write();
        }

        @Override
        public void ended(Check check) {
            write();
            Check.Snapshot last = check.snapshot();
            Results results = check.results();
            LOG.info("the backup {} was asked about recipients: {} of {} taken, {} refused, {} unclear, {} of domains of which it takes any"
                    + " address, {} not asked{}", backup, results.count(Fate.TAKEN), last.total(), results.count(Fate.REFUSED),
                    results.count(Fate.UNCLEAR), results.count(Fate.CATCH_ALL), results.count(Fate.NOT_ASKED),
                    last.reason() == null ? "" : ": " + last.reason());
        }

        private void write() {
            if (asked != null) {
                asked.write();
            }
        }
    }
}
