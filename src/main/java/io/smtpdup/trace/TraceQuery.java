package io.smtpdup.trace;

import java.time.Instant;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Which mails an operator means: those that fit everything that is given.
 *
 * @param name our id, a Message-ID with or without its brackets, or a word out of a server's reply, such as its queue id; null for any
 * @param recipient a whole address, or {@code @domain}, in any case of letters; null for any
 * @param sender the same of the reverse-path; empty for the null reverse-path, null for any
 * @param since not before; null for any time
 * @param until not after; null for any time
 */
public record TraceQuery(@Nullable String name, @Nullable String recipient, @Nullable String sender, @Nullable Instant since,
        @Nullable Instant until) {

    /** Every mail. */
    public static final TraceQuery ALL = new TraceQuery(null, null, null, null, null);

    /** As much of a Message-ID as is kept. */
    private static final int MESSAGE_ID = 300;

    public TraceQuery {
        name = name == null ? null : name.strip();
        recipient = address(recipient);
        sender = address(sender);
    }

    /** Whether it means every mail. */
    public boolean isAll() {
        return equals(ALL);
    }

    /** Whether the mail is meant. */
    public boolean matches(Trace mail) {
        return isWithin(mail.at())
                && (recipient == null || isTo(mail, recipient))
                && (sender == null || isFrom(mail, sender))
                && (name == null || isNamed(mail, name));
    }

    /** Whether it is a time that is meant. */
    public boolean isWithin(Instant time) {
        return (since == null || !time.isBefore(since)) && (until == null || !time.isAfter(until));
    }

    /** Whether it is the sender that is meant, or any is. */
    public boolean isSender(String reversePath) {
        return sender == null || fits(reversePath, sender);
    }

    /** Whether the reply of a server has the name that is meant. */
    public boolean isNamedIn(String reply) {
        return name == null || QueueId.names(reply, name);
    }

    private static boolean isTo(Trace mail, String recipient) {
        return mail.events().stream().flatMap(event -> event.all("to").stream()).anyMatch(address -> fits(address, recipient));
    }

    private static boolean isFrom(Trace mail, String sender) {
        return mail.events().stream().anyMatch(event -> event.has("from") && fits(event.text("from"), sender));
    }

    private static boolean isNamed(Trace mail, String name) {
        return name.equalsIgnoreCase(mail.id()) || mail.events().stream().anyMatch(event ->
                event.has("message_id") && bare(event.text("message_id")).equals(bare(name))
                || event.has("reply") && QueueId.names(event.text("reply"), name));
    }

    private static boolean fits(String address, String wanted) {
        String lower = address.toLowerCase(Locale.ROOT);
        return wanted.startsWith("@") ? lower.endsWith(wanted) : lower.equals(wanted);
    }

    /** Without brackets, and no longer than it would be kept with them. */
    private static String bare(String messageId) {
        String text = messageId.startsWith("<") ? messageId.substring(1) : messageId;
        String end = text.length() >= MESSAGE_ID ? text.substring(0, MESSAGE_ID - 1) : text;
        return end.endsWith(">") ? end.substring(0, end.length() - 1) : end;
    }

    private static @Nullable String address(@Nullable String text) {
        return text == null ? null : text.strip().replaceFirst("^<(.*)>$", "$1").toLowerCase(Locale.ROOT);
    }
}
