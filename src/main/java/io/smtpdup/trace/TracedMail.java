package io.smtpdup.trace;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.smtpdup.ops.LoggedEvent;
import org.jspecify.annotations.Nullable;

/**
 * One mail as an operator is told of it. What is not known is null or empty.
 *
 * @param id ours
 * @param source where that is known from: {@code memory}, {@code spool} or {@code log}
 * @param state {@code accepted}, {@code rejected}, {@code refused} or {@code vanished}
 * @param at when its first event happened, by the clock of its events
 * @param client its address
 * @param queueId the primary's name for it
 * @param size in octets
 * @param reply what the client heard
 * @param copies where the copies are
 * @param omitted how many events are left out in the middle
 */
public record TracedMail(String id, String source, String state, Instant at, @Nullable String client, @Nullable String helo,
        @Nullable String from, List<String> recipients, long recipientCount, @Nullable String messageId, @Nullable String queueId,
        @Nullable Long size, @Nullable String reply, List<Whereabouts> copies, List<LoggedEvent> events, int omitted) {

    public static final String MEMORY = "memory";

    public static final String SPOOL = "spool";

    public static final String LOG = "log";

    /** A mail, with what its events say about its copies. */
    public static TracedMail of(Trace mail, String source) {
        LoggedEvent envelope = mail.envelope();
        long size = envelope.number("size", -1);
        return new TracedMail(mail.id(), source, mail.state().name().toLowerCase(Locale.ROOT), mail.at(), mail.first("client"),
                mail.first("helo"), mail.first("from"), mail.recipients(), envelope.number("nrcpt", mail.recipients().size()),
                mail.first("message_id"), mail.queueId().orElse(null), size < 0 ? null : size,
                mail.reply().isEmpty() ? null : mail.reply(), copies(mail), mail.events(), mail.omitted());
    }

    /** The same with what somebody knows better about the copies. */
    public TracedMail withCopies(List<Whereabouts> better) {
        return new TracedMail(id, source, state, at, client, helo, from, recipients, recipientCount, messageId, queueId, size, reply,
                better, events, omitted);
    }

    /** For each destination but the primary the last event that says something of it. */
    private static List<Whereabouts> copies(Trace mail) {
        Map<String, Whereabouts> copies = new LinkedHashMap<>();
        for (LoggedEvent event : mail.events()) {
            if (isOfACopy(event)) {
                String destination = event.text("destination");
                Whereabouts before = copies.get(destination);
                copies.put(destination, new Whereabouts(destination, null, event.event().text(), false, List.of(),
                        event.number("attempts", before == null ? 0 : before.attempts()), event.at(),
                        event.has("reply") ? event.text("reply") : before == null ? null : before.reply(), null, null));
            }
        }
        return new ArrayList<>(copies.values());
    }

    private static boolean isOfACopy(LoggedEvent event) {
        return switch (event.event()) {
            case DELIVERED, PARTIAL, DEFERRED, FAILED, UNKNOWN -> !event.text("role").equals("primary");
            case DEAD_LETTERED, REQUEUED, DELETED, REPLAYED, MOVED, LOST, DAMAGED -> event.has("destination");
            default -> false;
        };
    }
}
