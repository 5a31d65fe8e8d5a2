package io.smtpdup.spool;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.smtpdup.message.Reply;
import org.apache.activemq.artemis.api.core.Message;

/**
 * What an operator is told of one copy. Its times are those of the relay that wrote them.
 *
 * @param key names this copy among all, also when two have the same mail's id; null where there is no such name
 * @param id the mail's
 * @param reversePath empty for the null reverse-path
 * @param recipients all of them, or the first of a great many
 * @param recipientCount how many there are
 * @param size in octets
 * @param acceptedAt when its mail was accepted, or the copy queued anew; null when that is not known
 * @param attempts how often it was tried
 * @param lastAttemptAt null when it was not tried
 * @param lastReply what the backup said then, or what stands for its silence; of a damaged copy what is wrong with it; null
 *     when it was not tried
 * @param dueAt when a deferred copy is tried again; null for others
 * @param deadAt when a dead letter was given up; null for others
 * @param client the address from which its mail came; null when that is not known
 * @param primaryReply what the primary said when it took the mail, on one line; null when that is not known
 */
public record QueuedCopy(
        String key,
        String id,
        String reversePath,
        List<String> recipients,
        int recipientCount,
        long size,
        Instant acceptedAt,
        int attempts,
        Instant lastAttemptAt,
        String lastReply,
        Instant dueAt,
        Instant deadAt,
        String client,
        String primaryReply) {

    /** Of a message in a queue. */
    static QueuedCopy of(Message message) {
        return of(QueuedMail.key(message), message::getObjectProperty);
    }

    /** Of a message's properties, as the broker's management tells them. */
    public static QueuedCopy of(Map<String, Object> properties) {
        return of(null, properties::get);
    }

    private static QueuedCopy of(String key, Function<String, Object> properties) {
        String recipients = text(properties.apply(MailProperties.FIRST_RECIPIENTS), "");
        return new QueuedCopy(
                key,
                text(properties.apply(MailProperties.ID), ""),
                text(properties.apply(MailProperties.REVERSE_PATH), ""),
                recipients.isEmpty() ? List.of() : List.of(recipients.split("\n")),
                (int) number(properties.apply(MailProperties.RECIPIENT_COUNT)),
                number(properties.apply(MailProperties.SIZE)),
                time(properties.apply(MailProperties.ACCEPTED_AT)),
                (int) number(properties.apply(MailProperties.ATTEMPTS)),
                time(properties.apply(MailProperties.LAST_ATTEMPT_AT)),
                text(properties.apply(MailProperties.DAMAGE), text(properties.apply(MailProperties.LAST_REPLY), null)),
                dueAt(properties),
                time(properties.apply(MailProperties.DEAD_AT)),
                text(properties.apply(MailProperties.CLIENT_ADDRESS), null),
                reply(text(properties.apply(MailProperties.PRIMARY_REPLY), null)));
    }

    /** On one line; what is no reply was never one. */
    private static String reply(String lines) {
        try {
            return lines == null ? null : Reply.parse(lines).toString();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** An older relay has written the broker's time only. */
    private static Instant dueAt(Function<String, Object> properties) {
        Object due = properties.apply(MailProperties.DUE_AT);
        Object wanted = properties.apply(MailProperties.WANTED_AT);
        return due == null ? null : time(wanted == null ? due : wanted);
    }

    private static String text(Object value, String absent) {
        return value == null ? absent : value.toString();
    }

    private static long number(Object value) {
        return value instanceof Number number ? number.longValue() : value == null ? 0 : Long.parseLong(value.toString());
    }

    private static Instant time(Object value) {
        return value == null ? null : Instant.ofEpochMilli(number(value));
    }
}
