package io.smtpdup.backup;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import io.smtpdup.backup.QuestionCounts.Outcome;
import io.smtpdup.config.Destination;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.message.Verdict;
import io.smtpdup.ops.Emergency;
import io.smtpdup.server.Refusal;
import io.smtpdup.server.RefusalWatcher;
import io.smtpdup.spool.CopyConstants;
import io.smtpdup.spool.QueueNames;
import io.smtpdup.spool.QueueState;
import io.smtpdup.spool.Spool;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes of each recipient that the primary has refused a question for every backup that shall be asked, in a queue on disk. The client
 * waits for none of it: what it brings goes into a list in memory, which is short, and a thread of our own does the rest. However
 * many addresses a client guesses, neither list nor queue nor what is known of earlier questions grows beyond its bound; what finds no
 * room is counted. Life: {@link #start} once, {@link #close} at the end; before and after that nothing is noted.
 */
public final class Refusals implements RefusalWatcher, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private static final int MOST_IN_MEMORY = 1000;

    /** In the queue of one backup. With half of that somebody guesses addresses, and only what was refused before is asked about. */
    private static final int MOST_WAITING = 10_000;

    /** An address is not asked about again before: who has repaired something sees it the next day. */
    private static final Duration LATELY = Duration.ofHours(12);

    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** What has come is not worth a longer stop. */
    private static final Duration LAST = Duration.ofSeconds(2);

    private final Map<String, Asked> backups = new LinkedHashMap<>();

    private final Spool spool;

    private final Predicate<Refusal> isAboutRecipient;

    private final QuestionCounts counts;

    private final Clock clock;

    private final int mostWaiting;

    private final Duration last;

    private final BlockingQueue<Refusal> inbox = new ArrayBlockingQueue<>(MOST_IN_MEMORY);

    private final Thread thread = new Thread(this::run, "refusals");

    private ProducerTemplate producer;

    private volatile boolean open;

    private boolean toldUncounted;

    private boolean toldFailure;

    /** One backup. */
    private static final class Asked {

        private final Destination backup;

        private final SelectedCopies part;

        private final AskedLately lately = new AskedLately(LATELY);

        /** How its queue was when it was looked at last; null when that is not known. */
        private QueueState seen;

        /** What was put into it after that, and between that look and the one before, which it may or may not have seen. */
        private long since;

        private long before;

        Asked(Destination backup, SelectedCopies part) {
            this.backup = backup;
            this.part = part;
        }

        /** How many questions wait at most; negative when nobody knows. */
        long waiting(Spool spool) {
            QueueState now = spool.queue(queue()).orElse(null);
            if (now != seen) {
                seen = now;
                before = since;
                since = 0;
            }
            return now == null ? -1 : now.messages() + before + since;
        }

        String queue() {
            return QueueNames.QUESTIONS + backup.name();
        }
    }

    /**
     * @param asked the backups that are asked
     * @param isAboutRecipient whether another server's answer to the same question can be compared with that
     */
    public Refusals(List<Destination> asked, Spool spool, Predicate<Refusal> isAboutRecipient, Verdicts verdicts, QuestionCounts counts) {
        this(asked, spool, isAboutRecipient, verdicts, counts, MOST_WAITING, LAST);
    }

    /**
     * @param mostWaiting questions in one queue
     * @param last how long the end waits for what has come to be in the queues
     */
    Refusals(List<Destination> asked, Spool spool, Predicate<Refusal> isAboutRecipient, Verdicts verdicts, QuestionCounts counts,
            int mostWaiting, Duration last) {
        asked.forEach(backup -> backups.put(backup.name(), new Asked(backup, new SelectedCopies(backup, verdicts))));
        this.mostWaiting = mostWaiting;
        this.last = last;
        this.spool = spool;
        this.isAboutRecipient = isAboutRecipient;
        this.counts = counts;
        clock = SteadyClock.system();
        thread.setDaemon(true);
    }

    /** Begins, with a context whose routes read the queues. */
    public void start(CamelContext context) {
        producer = context.createProducerTemplate();
        open = true;
        thread.start();
    }

    @Override
    public void refused(Refusal refusal) {
        if (open && !inbox.offer(refusal)) {
            counts.countAll(Outcome.DROPPED);
        }
    }

    /** Puts what has come so far into the queues, and takes no more. What is left when that takes long is counted and let go. */
    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        try {
            thread.join(last.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
        while (inbox.poll() != null) {
            counts.countAll(Outcome.DROPPED);
        }
    }

    private void run() {
        try {
            awaitQueues();
            while (open || !inbox.isEmpty()) {
                Refusal next = inbox.poll(100, TimeUnit.MILLISECONDS);
                if (next != null) {
                    spread(next);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("the relay stops");
        }
    }

    /** After a start they are made and looked at within a second or two. */
    private void awaitQueues() throws InterruptedException {
        long end = System.nanoTime() + START_NANOS;
        while (open && System.nanoTime() < end && backups.values().stream().anyMatch(one -> one.waiting(spool) < 0)) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private void spread(Refusal refusal) {
        boolean fit = isAboutRecipient.test(refusal);
        for (Asked one : backups.values()) {
            try {
                if (!fit || !one.part.wants(refusal.recipient())) {
                    counts.count(one.backup.name(), Outcome.UNFIT);
                } else {
                    offer(refusal, one);
                }
            } catch (RuntimeException | Error e) {
                Emergency.consider(e);
                lost(one, e);
            }
        }
    }

    private void offer(Refusal refusal, Asked one) {
        Instant now = clock.instant();
        boolean again = one.lately.isKnownAsRefused(refusal.recipient());
        if (one.lately.knows(refusal.recipient(), now)) {
            counts.count(one.backup.name(), Outcome.REPEATED);
        } else if (!hasRoom(one, again)) {
            counts.count(one.backup.name(), Outcome.DROPPED);
        } else {
            Exchange sent = producer.send("spool:" + one.queue(), exchange -> write(exchange.getMessage(), refusal, now));
            if (sent.getException() == null) {
                one.lately.asked(refusal.recipient(), now);
                one.since++;
                toldFailure = false;
            } else {
                lost(one, sent.getException());
            }
        }
    }

    /** Copies come first. Where nobody knows how many questions wait, there may be any number. */
    private boolean hasRoom(Asked one, boolean again) {
        long waiting = one.waiting(spool);
        if (waiting < 0 && !toldUncounted && spool.isOpen()) {
            toldUncounted = true;
            LOG.warn("backups are not asked about refused recipients as long as nobody can tell how many questions wait; of a broker"
                    + " elsewhere only a user with the permission manage can");
        }
        return waiting >= 0 && waiting < (again ? mostWaiting : mostWaiting / 2) && spool.admits(0);
    }

    private static void write(Message question, Refusal refusal, Instant now) {
        EnvelopeHeaders.write(refusal.mail(), question);
        question.setHeader(SmtpServerConstants.ID, refusal.id());
        question.setHeader(SmtpServerConstants.VERDICT,
                new Verdict(refusal.reply(), refusal.server(), null, refusal.mail().recipients()));
        question.setHeader(CopyConstants.ACCEPTED_AT, now.toEpochMilli()); // as a mail that waits already, for which nothing is put aside
        question.setBody(new byte[0]);
    }

    private void lost(Asked one, Throwable failure) {
        counts.count(one.backup.name(), Outcome.DROPPED);
        if (!toldFailure) {
            toldFailure = true;
            LOG.warn("{} is not asked about a refused recipient, because the question cannot be stored: {}", one.backup.address(),
                    failure.toString());
        }
        LOG.debug("stack trace", failure);
    }
}
