package io.smtpdup.command;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What several relays and logs know of mails, put together by mail. The same event may come from more than one of them. */
final class TracedMails {

    /** A line of the log is written a moment before or after an event is remembered. */
    private static final Duration SAME = Duration.ofSeconds(2);

    private final Map<String, ObjectNode> mails = new LinkedHashMap<>();

    private final Set<String> notes = new LinkedHashSet<>();

    private long more;

    /** Takes an answer, in the form of {@code GET /trace}. */
    void add(ObjectNode answer) {
        answer.path("mails").forEach(mail -> mails.merge(mail.path("id").asText(), (ObjectNode) mail, TracedMails::merge));
        answer.path("notes").forEach(note -> notes.add(note.asText()));
        more += answer.path("more").asLong();
    }

    /** All of it, in the same form: the latest first, and the events of each in the order of time. */
    ObjectNode answer(int limit) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode all = answer.putArray("mails");
        mails.values().stream().sorted(Comparator.comparing(TracedMails::at).reversed()).limit(limit).forEach(all::add);
        answer.put("more", more + Math.max(0, mails.size() - limit));
        notes.forEach(answer.putArray("notes")::add);
        return answer;
    }

    private static ObjectNode merge(ObjectNode one, ObjectNode other) {
        boolean known = one.path("state").asText().equals("accepted") || !other.path("state").asText().equals("accepted");
        ObjectNode merged = (known ? one : other).deepCopy();
        ObjectNode rest = known ? other : one;
        for (Iterator<Map.Entry<String, JsonNode>> fields = rest.fields(); fields.hasNext();) {
            Map.Entry<String, JsonNode> field = fields.next();
            if (merged.path(field.getKey()).isNull() || merged.path(field.getKey()).isEmpty() && field.getValue().isArray()) {
                merged.set(field.getKey(), field.getValue());
            }
        }
        merged.put("at", Stream.of(one, other).map(mail -> mail.path("at").asText()).min(Comparator.naturalOrder()).orElseThrow());
        merged.put("source", one.path("source").asText().equals(other.path("source").asText()) ? one.path("source").asText()
                : one.path("source").asText() + ", " + other.path("source").asText());
        List<JsonNode> events = new ArrayList<>();
        one.path("events").forEach(events::add);
        other.path("events").forEach(event -> {
            if (events.stream().noneMatch(each -> isSame(each, event))) {
                events.add(event);
            }
        });
        events.sort(Comparator.comparing(TracedMails::at));
        merged.putArray("events").addAll(events);
        merged.putArray("copies").addAll(copies(one, other));
        return merged;
    }

    /** Where a copy was found counts, or else the later word. */
    private static List<JsonNode> copies(JsonNode one, JsonNode other) {
        List<JsonNode> found = new ArrayList<>();
        Map<String, JsonNode> last = new LinkedHashMap<>();
        Stream.of(one, other).forEach(mail -> mail.path("copies").forEach(copy -> {
            if (copy.path("found").asBoolean()) {
                if (!found.contains(copy)) {
                    found.add(copy);
                }
            } else {
                last.merge(copy.path("destination").asText(), copy,
                        (before, next) -> next.path("at").asText().compareTo(before.path("at").asText()) > 0 ? next : before);
            }
        }));
        found.forEach(copy -> last.remove(copy.path("destination").asText()));
        return Stream.concat(last.values().stream(), found.stream()).toList();
    }

    private static boolean isSame(JsonNode one, JsonNode other) {
        return Stream.of("event", "destination", "attempts", "reply", "cause").allMatch(field -> one.path(field).equals(other.path(field)))
                && one.path("to").path(0).equals(other.path("to").path(0))
                && Duration.between(at(one), at(other)).abs().compareTo(SAME) < 0;
    }

    private static Instant at(JsonNode node) {
        return Instant.parse(node.path("at").asText());
    }
}
