package io.smtpdup.backup;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.smtpdup.agreement.Answer;
import io.smtpdup.agreement.Comparison;
import io.smtpdup.agreement.Fate;
import io.smtpdup.agreement.Stage;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.Verdict;
import io.smtpdup.spool.QueuedCopy;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what became of each recipient of a copy, beside what the primary had said about it, once that is final. Of copies that reach
 * their backup each {@link Ending} tells; of those that do not, the methods here. Nothing of it waits, and nothing throws: no mail and
 * no copy fares worse because it cannot be compared. Safe for use by several threads.
 */
public final class Verdicts {

    private static final Logger LOG = LoggerFactory.getLogger(Verdicts.class);

    private final Consumer<List<Comparison>> book;

    private final Clock clock;

    /**
     * @param book takes what became of the recipients of one copy, by any thread, and does not wait
     * @param clock by the watch on the wall
     */
    public Verdicts(Consumer<List<Comparison>> book, Clock clock) {
        this.book = book;
        this.clock = clock;
    }

    /** For a copy that has come to its backup's gate. */
    Ending ending(Gate gate, Held copy) {
        return new Ending(this, gate, copy);
    }

    /** The backup gets no copy of a mail for these of its recipients. */
    void leftOut(Message mail, Collection<String> recipients, String backup) {
        unanswered(mail, recipients, backup, Fate.LEFT_OUT);
    }

    /** A copy for these recipients is gone, or not whole any more. */
    void lost(Message copy, List<String> recipients, String backup) {
        unanswered(copy, recipients, backup, Fate.LOST);
    }

    /** The same for all recipients that it names. */
    void lost(Message copy, String backup) {
        tell(() -> unanswered(copy, EnvelopeHeaders.read(copy).map(envelope -> envelope.recipients()).orElse(List.of()), backup,
                clock.instant(), Fate.LOST));
    }

    /** The same of a copy of which no more is known than its mail's id, and perhaps the backup: else the name is empty. */
    void lost(String id, String backup) {
        tell(() -> backup.isEmpty() ? List.of() : List.of(unanswered(id, "", "", backup, null, Fate.LOST, clock.instant())));
    }

    /** An operator has thrown away a copy that waited; of the first recipients only when it has a great many. */
    public void discarded(QueuedCopy copy, String backup) {
        unanswered(copy, backup, Fate.DISCARDED);
    }

    /** An operator has given a copy that waited to another backup. */
    public void moved(QueuedCopy copy, String backup) {
        unanswered(copy, backup, Fate.LEFT_OUT);
    }

    private void unanswered(QueuedCopy copy, String backup, Fate fate) {
        Instant now = clock.instant();
        tell(() -> copy.recipients().stream()
                .map(recipient -> unanswered(copy.id(), copy.reversePath(), recipient, backup, null, fate, now)).toList());
    }

    private void unanswered(Message mail, Collection<String> recipients, String backup, Fate fate) {
        tell(() -> unanswered(mail, recipients, backup, clock.instant(), fate));
    }

    private static List<Comparison> unanswered(Message mail, Collection<String> recipients, String backup, Instant now, Fate fate) {
        String id = mail.getHeader(SmtpServerConstants.ID, "", String.class);
        String sender = mail.getHeader(SmtpServerConstants.REVERSE_PATH, "", String.class);
        Primary primary = Primary.of(mail);
        return recipients.stream()
                .map(recipient -> unanswered(id, sender, recipient, backup, primary.about(recipient), fate, now)).toList();
    }

    private static Comparison unanswered(
            String id, String sender, String recipient, String backup, @Nullable Answer primary, Fate fate, Instant now) {
        return new Comparison(id, sender, recipient, backup, primary, fate, null, null, 0, Duration.ZERO, null, null, now);
    }

    /** Hands on what there is to tell. */
    void tell(Supplier<List<Comparison>> comparisons) {
        try {
            List<Comparison> all = comparisons.get();
            if (!all.isEmpty()) {
                book.accept(all);
            }
        } catch (RuntimeException e) {
            LOG.warn("a copy was not compared: {}", e.toString());
            LOG.debug("stack trace", e);
        }
    }

    Instant now() {
        return clock.instant();
    }

    /**
     * What the primary has said about a copy's recipients.
     *
     * @param answer null when that is not known
     * @param took null when that is not to be counted with this copy
     * @param asked whom it has said that about
     */
    record Primary(@Nullable Answer answer, @Nullable Duration took, Set<String> asked) {

        static Primary of(Message copy) {
            return copy.getHeader(SmtpServerConstants.VERDICT) instanceof Verdict verdict
                    ? new Primary(Answer.of(Stage.DOT, verdict.reply(), verdict.server()), verdict.took(),
                            new HashSet<>(verdict.recipients()))
                    : new Primary(null, null, Set.of());
        }

        /** Null about a recipient that a route has put in. */
        @Nullable Answer about(String recipient) {
            return asked.contains(recipient) ? answer : null;
        }
    }
}
