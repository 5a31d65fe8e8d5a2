package io.smtpdup.spool;

import java.util.Locale;
import java.util.Set;

/**
 * Which copies an operator means. A copy is meant when everything fits that is given.
 *
 * @param ids one of these mails; empty for any
 * @param recipient a whole address, or {@code @domain}, in any case of letters; null for any
 * @param reply words out of what the backup said last, in any case of letters; null for any
 * @param primary words out of what the primary said to the mail, in any case of letters; null for any
 */
public record Selection(Set<String> ids, String recipient, String reply, String primary) {

    /** Every copy. */
    public static final Selection ALL = new Selection(Set.of(), null, null);

    public Selection {
        ids = Set.copyOf(ids);
        recipient = lower(recipient);
        reply = lower(reply);
        primary = lower(primary);
    }

    /** Whatever the primary said. */
    public Selection(Set<String> ids, String recipient, String reply) {
        this(ids, recipient, reply, null);
    }

    /** Whether it means every copy. */
    public boolean isAll() {
        return equals(ALL);
    }

    /** Whether the copy is meant. Of a copy with a great many recipients only the first are looked at. */
    public boolean matches(QueuedCopy copy) {
        return (ids.isEmpty() || ids.contains(copy.id()))
                && (recipient == null || copy.recipients().stream().anyMatch(this::isMeant))
                && (reply == null || copy.lastReply() != null && lower(copy.lastReply()).contains(reply))
                && (primary == null || copy.primaryReply() != null && lower(copy.primaryReply()).contains(primary));
    }

    private boolean isMeant(String address) {
        String lower = lower(address);
        return recipient.startsWith("@") ? lower.endsWith(recipient) : lower.equals(recipient);
    }

    private static String lower(String text) {
        return text == null ? null : text.toLowerCase(Locale.ROOT);
    }
}
