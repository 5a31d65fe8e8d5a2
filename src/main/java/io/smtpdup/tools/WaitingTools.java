package io.smtpdup.tools;

import java.io.OutputStream;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

import io.smtpdup.backup.Verdicts;
import io.smtpdup.message.MailId;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.ops.MailEvent;
import io.smtpdup.ops.MailLog;
import io.smtpdup.spool.BrokerManagement;
import io.smtpdup.spool.CopyQueue;
import io.smtpdup.spool.QueuedCopy;
import io.smtpdup.spool.Selection;
import io.smtpdup.tools.KnownBackups.Known;
import org.apache.camel.Message;

/**
 * What an operator does to copies that wait: of a backup that is paused, or that is in nobody's list any more. While a queue
 * is being delivered nobody could say which of its copies are meant.
 */
final class WaitingTools {

    private final Function<String, CopyQueue> queues;

    private final BrokerManagement broker;

    private final Consumer<Message> anew;

    private final Verdicts verdicts;

    /**
     * @param queues gives the queue of a name
     * @param anew makes a mail's copy as if it had just been accepted
     * @param verdicts hears that a backup does not get its copy
     */
    WaitingTools(Function<String, CopyQueue> queues, BrokerManagement broker, Consumer<Message> anew, Verdicts verdicts) {
        this.queues = queues;
        this.broker = broker;
        this.anew = anew;
        this.verdicts = verdicts;
    }

    long move(List<Known> backups, Selection selection, Known target) {
        if (backups.contains(target)) {
            throw RequestException.wrong("copies cannot be moved from " + target.destination() + " to itself; say from which backup");
        }
        return take(backups, selection, MailEvent.MOVED, target.queue(), target.destination(), verdicts::moved);
    }

    long delete(List<Known> backups, Selection selection) {
        return take(backups, selection, MailEvent.DELETED, null, null, verdicts::discarded);
    }

    private long take(List<Known> backups, Selection selection, MailEvent event, String target, String destination,
            BiConsumer<QueuedCopy, String> verdict) {
        backups.forEach(WaitingTools::requireStill);
        long count = 0;
        for (Known backup : backups) {
            if (backup.copies().messages() > 0) {
                release(backup, selection);
                count += queues.apply(backup.queue()).take(selection, copy -> true, target, anew,
                        copy -> {
                            MailLog.steered(event, copy.id(), destination == null ? backup.destination() : destination,
                                    copy.reversePath(), copy.recipientCount(), copy.size());
                            verdict.accept(copy, backup.name());
                        });
            }
        }
        return count;
    }

    /** See {@link Steering#exportWaiting}. */
    String export(Known backup, String key, boolean withEnvelope, OutputStream out) {
        requireStill(backup);
        if (MailId.isId(key)) {
            release(backup, new Selection(Set.of(key), null, null));
        }
        return queues.apply(backup.queue()).readOne(key, mail -> {
            MailFile.write(mail, withEnvelope, out);
            return mail.getHeader(SmtpServerConstants.ID, "", String.class);
        }).orElseThrow(() -> RequestException.notFound(backup.destination() + " has no copy " + key + " that waits"));
    }

    /** Only copies that do not wait for a time can be seen, and nobody gets them now. */
    private void release(Known backup, Selection selection) {
        if (backup.copies().scheduled() > 0) {
            broker.deliverScheduled(backup.queue(), selection.ids().isEmpty() ? "" : CopyQueue.filter(selection.ids()));
        }
    }

    private static void requireStill(Known backup) {
        if (backup.copies().messages() > 0 && backup.copies().consumers() > 0 && !backup.copies().paused()) {
            throw RequestException.conflict(backup.destination() + " is getting its copies: pause it first, or name"
                    + " another backup");
        }
    }
}
