package io.smtpdup.backup;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

import io.smtpdup.agreement.Answer;
import io.smtpdup.agreement.Category;
import io.smtpdup.agreement.Comparison;
import io.smtpdup.agreement.Fate;
import io.smtpdup.agreement.Stage;
import io.smtpdup.backup.QuestionCounts.Outcome;
import io.smtpdup.config.Settings;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.RecipientAnswers;
import io.smtpdup.message.RecipientAnswers.SaidTo;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.Verdict;
import io.smtpdup.recipients.CatchAlls;
import io.smtpdup.spool.CopyConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean {@code questions}: when a backup is asked about a recipient that the primary has refused, and what its answer comes to. A
 * question is no mail: one that is hours old, or that the backup has not answered after a few tries, is let go and counted, because a
 * recipient that nobody took is none that a mail could be lost for. Safe for use by several threads.
 */
public final class Questions implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Questions.class);

    /** What was said to a client so long ago is no longer what the primary says. */
    private static final Duration OLD = Duration.ofHours(12);

    /** After that many answers that are none, another question would bring no other. */
    private static final int TRIES = 5;

    /** Between two looks at a gate, which does not tell us when it opens. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final String OPEN = "smtpdup.question.open";

    private final Settings settings;

    private final Gates gates;

    private final Verdicts verdicts;

    private final QuestionCounts counts;

    private final Function<Answer, Category> categories;

    private final Clock clock;

    private final Map<String, Asking> backups = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();

    private final Condition change = lock.newCondition();

    private boolean closed;

    /** How one backup is being asked. */
    private static final class Asking {

        private final CatchAlls domains;

        private int failures;

        private Instant pausedUntil = Instant.MIN;

        /** By the system's monotonic clock, in nanoseconds. */
        private long nextTurn = System.nanoTime();

        Asking(Clock clock) {
            domains = new CatchAlls(clock);
        }
    }

    /**
     * @param settings of them the pauses: a backup that is away and one that puts a question off are treated as with copies
     * @param categories what a refusal is about
     */
    public Questions(Settings settings, Gates gates, Verdicts verdicts, QuestionCounts counts, Function<Answer, Category> categories,
            Clock clock) {
        this.settings = settings;
        this.gates = gates;
        this.verdicts = verdicts;
        this.counts = counts;
        this.categories = categories;
        this.clock = clock;
    }

    /**
     * Waits until the backup may be asked. Of a domain that was not asked about today an address that nobody has comes first. Ends the
     * route where there is nothing to ask, because the backup takes any address of the domain among it.
     *
     * @param name the backup's
     * @throws BackToQueueException when the relay stops
     */
    public void enter(Exchange exchange, String name) throws InterruptedException {
        Message question = exchange.getMessage();
        exchange.setProperty("backup", name);
        Envelope mail = EnvelopeHeaders.read(question).orElse(null);
        if (question.getHeader(CopyConstants.DAMAGE) != null || mail == null || mail.forwardPaths().size() != 1
                || !(question.getHeader(SmtpServerConstants.VERDICT) instanceof Verdict)) {
            LOG.warn("a question to {} cannot be read and is not asked", name);
            letGo(exchange, name);
            return;
        }
        Asking asking = asking(name);
        Recipient asked = mail.forwardPaths().get(0);
        String domain = CatchAlls.domainOf(asked.address());
        if (Boolean.TRUE.equals(asking.domains.takesAny(domain))) {
            means(Outcome.CATCH_ALL, name, question, mail, "*@" + domain, Fate.CATCH_ALL, null);
            exchange.setRouteStop(true);
        } else if (!awaitTurn(question, name, asking)) {
            letGo(exchange, name);
        } else if (asking.domains.takesAny(domain) == null) {
            EnvelopeHeaders.write(mail.withForwardPaths(List.of(new Recipient(CatchAlls.nobody(domain)), asked)), question);
        }
    }

    private void letGo(Exchange exchange, String name) {
        counts.count(name, Outcome.UNANSWERED);
        exchange.setRouteStop(true);
    }

    private boolean awaitTurn(Message question, String name, Asking asking) throws InterruptedException {
        Instant old = Instant.ofEpochMilli(question.getHeader(CopyConstants.ACCEPTED_AT, 0L, Long.class)).plus(OLD);
        lock.lockInterruptibly();
        try {
            while (true) {
                if (closed) {
                    throw new BackToQueueException("the relay stops; a question stays in the queue of " + name);
                }
                Instant now = clock.instant();
                if (now.isAfter(old)) {
                    return false;
                }
                long early = asking.nextTurn - System.nanoTime();
                boolean isThere = gates.gate(name).filter(gate -> gate.state() != Gate.State.ACTIVE).isEmpty();
                boolean mayAsk = isThere && gates.isOn() && !now.isBefore(asking.pausedUntil);
                if (mayAsk && early <= 0) {
                    asking.nextTurn = System.nanoTime() + TimeUnit.SECONDS.toNanos(1) / settings.checkRate();
                    return true;
                }
                change.await(mayAsk ? early : LOOK_NANOS, TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Reads what the backup has said. */
    public void hear(Exchange exchange) {
        String name = exchange.getProperty("backup", String.class);
        Message question = exchange.getMessage();
        Asking asking = asking(name);
        RecipientAnswers heard = exchange.getProperty(RecipientAnswers.LATEST, RecipientAnswers.class);
        RecipientAnswers.Answer answer = heard.answers().get(heard.answers().size() - 1);
        String domain = CatchAlls.domainOf(answer.recipient());
        Envelope mail = withoutNobody(question, heard, asking.domains, domain);
        Boolean takesAny = asking.domains.takesAny(domain);
        boolean clear = answer.isTaken() ? takesAny != null : answer.isRefused();
        int tries = question.getHeader(CopyConstants.ATTEMPTS, 0, Integer.class) + (answer.saidTo() == SaidTo.NOT_ASKED ? 0 : 1);
        question.setHeader(CopyConstants.ATTEMPTS, tries);
        pause(asking, heard, answer);
        if (!clear && tries < TRIES && !isLockedOut(answer)) {
            Duration pause = Backoff.withJitter(Backoff.pause(settings.retryFirst(), settings.retryLongest(), Math.max(0, tries - 1)));
            question.setHeader(CopyConstants.DUE_AT, clock.instant().plus(pause).toEpochMilli());
            exchange.setProperty(OPEN, true);
        } else if (answer.isTaken() && clear && takesAny) {
            means(Outcome.CATCH_ALL, name, question, mail, "*@" + domain, Fate.CATCH_ALL, null);
        } else if (clear || isPutOffForAnotherReason(answer, heard, question)) {
            Fate fate = answer.isTaken() ? Fate.TAKEN : clear ? Fate.REFUSED : Fate.PUT_OFF;
            means(Outcome.ANSWERED, name, question, mail, answer.recipient(), fate, answerOf(answer, heard));
        } else {
            counts.count(name, Outcome.UNANSWERED);
        }
    }

    /** What is refused at MAIL is this relay or the sender, and asked again that would be no other answer. */
    private static boolean isLockedOut(RecipientAnswers.Answer answer) {
        return answer.saidTo() == SaidTo.MAIL && answer.reply() != null && answer.reply().isPermanentNegative();
    }

    /** To put off what the primary refuses for the same reason, or for one of the moment, is no answer; else who guesses would be judged. */
    private boolean isPutOffForAnotherReason(RecipientAnswers.Answer answer, RecipientAnswers heard, Message question) {
        if (answer.saidTo() != SaidTo.RCPT || answer.reply() == null || answer.isTaken()) {
            return false;
        }
        Category said = categories.apply(answerOf(answer, heard));
        return !said.isOfTheMoment() && said != categories.apply(primaryOf(question));
    }

    private static Answer answerOf(RecipientAnswers.Answer answer, RecipientAnswers heard) {
        return Answer.of(Stage.RCPT, answer.reply(), heard.server());
    }

    private static Answer primaryOf(Message question) {
        Verdict primary = question.getHeader(SmtpServerConstants.VERDICT, Verdict.class);
        return Answer.of(Stage.RCPT, primary.reply(), primary.server());
    }

    /** The mail as it was, after what was said to an address that nobody has, if one was asked about. */
    private Envelope withoutNobody(Message question, RecipientAnswers heard, CatchAlls domains, String domain) {
        Envelope mail = EnvelopeHeaders.read(question).orElseThrow();
        List<Recipient> recipients = mail.forwardPaths();
        if (recipients.size() == 1) {
            return mail;
        }
        RecipientAnswers.Answer nobody = heard.answers().get(0);
        if (nobody.isTaken() || nobody.isRefused() && isAboutTheAddress(categories.apply(answerOf(nobody, heard)))) {
            domains.learn(domain, nobody.isTaken());
        }
        Envelope before = mail.withForwardPaths(recipients.subList(1, recipients.size()));
        EnvelopeHeaders.write(before, question);
        return before;
    }

    /** A block list or a limit refuses whatever address it is, and says nothing about catch-alls. */
    private static boolean isAboutTheAddress(Category category) {
        return category == Category.ADDRESS || category == Category.MAILBOX;
    }

    private void means(Outcome outcome, String name, Message question, Envelope mail, String recipient, Fate fate, Answer answer) {
        counts.count(name, outcome);
        int tries = question.getHeader(CopyConstants.ATTEMPTS, 0, Integer.class);
        verdicts.tell(() -> List.of(new Comparison(question.getHeader(SmtpServerConstants.ID, "", String.class), mail.reversePath(),
                recipient, name, primaryOf(question), fate, answer, null, tries, Duration.ZERO, null, null, verdicts.now())));
    }

    /** A backup that was away is asked as early again as it gets copies, one that has had enough not before it would get one again. */
    private void pause(Asking asking, RecipientAnswers heard, RecipientAnswers.Answer answer) {
        boolean enough = heard.answers().stream().anyMatch(one -> one.reply() != null && (RecipientAnswers.isEnough(one.reply())
                || one.saidTo() == SaidTo.MAIL && !one.reply().isPositive()));
        lock.lock();
        try {
            asking.failures = enough || answer.reply() == null ? asking.failures + 1 : 0;
            if (asking.failures > 0) {
                asking.pausedUntil = clock.instant().plus(enough
                        ? Backoff.pause(settings.retryFirst(), settings.retryLongest(), asking.failures - 1)
                        : Backoff.pause(settings.probeFirst(), settings.probeLongest(), asking.failures - 1));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether it has to be asked again. */
    public boolean isOpen(Exchange exchange) {
        return Boolean.TRUE.equals(exchange.getProperty(OPEN, Boolean.class));
    }

    private Asking asking(String name) {
        return backups.computeIfAbsent(name, unused -> new Asking(clock));
    }

    /** Sends every question that waits for its turn back into its queue, because the relay stops. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
