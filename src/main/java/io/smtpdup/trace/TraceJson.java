package io.smtpdup.trace;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smtpdup.ops.LoggedEvent;
import org.jspecify.annotations.Nullable;

/** Mails as JSON, as {@code docs/management.md} describes it. */
public final class TraceJson {

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    private final JsonNodeFactory json = JsonNodeFactory.instance;

    private final UnaryOperator<Instant> wall;

    /** @param wall makes the events' time that of a watch on the wall */
    public TraceJson(UnaryOperator<Instant> wall) {
        this.wall = wall;
    }

    /**
     * An answer.
     *
     * @param more mails that are meant besides
     * @param notes what could not be looked through
     */
    public ObjectNode answer(List<TracedMail> mails, long more, Collection<String> notes) {
        ObjectNode answer = json.objectNode();
        ArrayNode all = answer.putArray("mails");
        mails.forEach(mail -> all.add(mail(mail)));
        answer.put("more", more);
        notes.forEach(answer.putArray("notes")::add);
        return answer;
    }

    private ObjectNode mail(TracedMail mail) {
        ObjectNode node = json.objectNode();
        node.put("id", mail.id()).put("source", mail.source()).put("state", mail.state()).put("at", time(mail.at()))
                .put("client", mail.client()).put("helo", mail.helo()).put("from", mail.from());
        mail.recipients().forEach(node.putArray("recipients")::add);
        node.put("recipient_count", mail.recipientCount()).put("message_id", mail.messageId()).put("queue_id", mail.queueId())
                .put("size", mail.size()).put("reply", mail.reply());
        ArrayNode copies = node.putArray("copies");
        mail.copies().forEach(copy -> copies.add(copy(copy)));
        ArrayNode events = node.putArray("events");
        mail.events().forEach(event -> events.add(event(event)));
        return node.put("omitted", mail.omitted());
    }

    private ObjectNode copy(Whereabouts copy) {
        ObjectNode node = json.objectNode();
        node.put("destination", copy.destination()).put("backup", copy.backup()).put("state", copy.state()).put("found", copy.found());
        copy.recipients().forEach(node.putArray("recipients")::add);
        return node.put("attempts", copy.attempts()).put("at", time(copy.at())).put("reply", copy.reply())
                .put("next_attempt_at", time(copy.nextAttemptAt())).put("key", copy.key());
    }

    private ObjectNode event(LoggedEvent event) {
        ObjectNode node = json.objectNode();
        node.put("at", time(event.at())).put("event", event.event().text());
        event.fields().forEach((name, value) -> {
            if (value instanceof List<?>) {
                event.all(name).forEach(node.putArray(name)::add);
            } else if (value instanceof Number number) {
                node.set(name, number instanceof Double || number instanceof Float
                        ? json.numberNode(number.doubleValue()) : json.numberNode(number.longValue()));
            } else if (!name.equals("id")) {
                node.put(name, value.toString());
            }
        });
        return node;
    }

    private @Nullable String time(@Nullable Instant time) {
        return time == null ? null : TIME.format(wall.apply(time));
    }
}
