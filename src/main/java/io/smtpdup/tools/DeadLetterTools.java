package io.smtpdup.tools;

import java.io.OutputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

import io.smtpdup.message.MailId;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.ops.MailEvent;
import io.smtpdup.ops.MailLog;
import io.smtpdup.spool.CopyConstants;
import io.smtpdup.spool.CopyQueue;
import io.smtpdup.spool.QueuedCopy;
import io.smtpdup.spool.Selection;
import io.smtpdup.tools.KnownBackups.Known;
import org.apache.camel.Message;

/** What an operator does to the copies that were given up. None of them goes without a line in the log. */
final class DeadLetterTools {

    private final Function<String, CopyQueue> queues;

    private final Clock clock;

    /** @param queues gives the queue of a name */
    DeadLetterTools(Function<String, CopyQueue> queues, Clock clock) {
        this.queues = queues;
        this.clock = clock;
    }

    long requeue(List<Known> backups, Selection selection) {
        return take(backups, selection, MailEvent.REQUEUED, Known::deadQueue, Known::queue);
    }

    long delete(List<Known> backups, Selection selection) {
        return take(backups, selection, MailEvent.DELETED, Known::deadQueue, backup -> null)
                + take(backups, selection, MailEvent.DELETED, Known::damagedQueue, backup -> null);
    }

    private long take(List<Known> backups, Selection selection, MailEvent event, Function<Known, String> source,
            Function<Known, String> target) {
        Instant start = clock.instant();
        long count = 0;
        for (Known backup : backups) {
            if ((source.apply(backup).equals(backup.deadQueue()) ? backup.deadLetters() : backup.damaged()).messages() > 0) {
                count += queues.apply(source.apply(backup)).take(
                        selection,
                        // One that is refused again, and dead again, while we are at it, has had its turn.
                        copy -> !diedSince(start, copy),
                        target.apply(backup),
                        this::beginAnew,
                        copy -> MailLog.steered(event, copy.id(), backup.destination(), copy.reversePath(),
                                copy.recipientCount(), copy.size()));
            }
        }
        return count;
    }

    /** A time to come is none: the clock was wrong when the copy was given up. */
    private boolean diedSince(Instant start, QueuedCopy copy) {
        return copy.deadAt() != null && !copy.deadAt().isBefore(start) && !copy.deadAt().isAfter(clock.instant());
    }

    /** Makes a mail's copy as if it had just been accepted. */
    void beginAnew(Message mail) {
        mail.setHeader(CopyConstants.ACCEPTED_AT, clock.millis());
        mail.setHeader(CopyConstants.ATTEMPTS, 0);
        Stream.of(CopyConstants.FIRST_ATTEMPT_AT, CopyConstants.DEFERRAL, CopyConstants.LAST_ATTEMPT_AT, CopyConstants.LAST_REPLY,
                        CopyConstants.UNKNOWN, CopyConstants.STUCK, CopyConstants.DEAD_AT)
                .forEach(mail::removeHeader);
    }

    /** See {@link Steering#export}. */
    String export(Known backup, String key, boolean withEnvelope, OutputStream out) {
        return export(backup.deadQueue(), key, withEnvelope, out)
                .or(() -> backup.damaged().messages() == 0 ? Optional.empty()
                        : export(backup.damagedQueue(), key, withEnvelope, out))
                .orElseThrow(() -> RequestException.notFound(backup.destination() + " has no dead letter " + key));
    }

    private Optional<String> export(String queue, String key, boolean withEnvelope, OutputStream out) {
        return keyOf(queue, key).flatMap(existing -> queues.apply(queue).read(existing, mail -> {
            MailFile.write(mail, withEnvelope, out);
            return mail.getHeader(SmtpServerConstants.ID, "", String.class);
        }));
    }

    private Optional<String> keyOf(String queue, String text) {
        if (!MailId.isId(text)) {
            return Optional.of(text);
        }
        List<String> keys = new ArrayList<>();
        queues.apply(queue).browse(new Selection(Set.of(text), null, null), copy -> {
            keys.add(copy.key());
            return false;
        });
        return keys.stream().findFirst();
    }
}
