package io.smtpdup.ops;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * One event of a mail's life, with what its line in the log says, for those who follow mails. Many of them are kept, so that it holds
 * the values alone, in the order of the event's fields. Immutable.
 */
public final class LoggedEvent {

    /** What an event takes besides its texts, about: itself, its time, its array. */
    private static final int BARE = 120;

    /** What a text takes besides its letters. */
    private static final int TEXT = 48;

    /** Whose texts are there anyway, once for all mails. */
    private static final Set<String> COMMON = Set.of("destination", "role");

    private final Instant at;

    private final MailEvent event;

    /** Texts, numbers, lists of texts; null where nothing is said. */
    private final @Nullable Object[] values;

    /** @param values nobody changes them any more */
    LoggedEvent(Instant at, MailEvent event, @Nullable Object[] values) {
        this.at = at;
        this.event = event;
        this.values = values;
    }

    /**
     * An event that somebody else knows of.
     *
     * @param fields texts, numbers and lists of texts by name; those that the event does not have are left out
     */
    public static LoggedEvent of(Instant at, MailEvent event, Map<String, ?> fields) {
        Object[] values = new Object[event.fields().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = fields.get(event.fields().get(i));
        }
        return new LoggedEvent(at, event, values);
    }

    /** When it happened; of this process by its {@link io.smtpdup.message.SteadyClock}. */
    public Instant at() {
        return at;
    }

    public MailEvent event() {
        return event;
    }

    /** Whether it says anything in that field, be it an empty text. */
    public boolean has(String field) {
        return value(field) != null;
    }

    /** Empty where it says nothing. */
    public String text(String field) {
        Object value = value(field);
        return value == null ? "" : value instanceof List<?> list ? String.join(",", strings(list)) : value.toString();
    }

    /** Empty where it says nothing. */
    public List<String> all(String field) {
        Object value = value(field);
        return value == null ? List.of() : value instanceof List<?> list ? strings(list) : List.of(value.toString());
    }

    /** @param absent for a field that says nothing, or no number */
    public long number(String field, long absent) {
        Object value = value(field);
        return value instanceof Number number ? number.longValue() : absent;
    }

    /** Everything it says, in the order of the line in the log. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            if (values[i] != null) {
                fields.put(event.fields().get(i), values[i]);
            }
        }
        return fields;
    }

    /** The same, with the texts of another event, where both say the same, in the place of its own. */
    public LoggedEvent sharing(LoggedEvent other) {
        Object[] shared = values.clone();
        for (int i = 0; i < shared.length; i++) {
            Object theirs = shared[i] == null ? null : other.value(event.fields().get(i));
            if (shared[i] != null && shared[i].equals(theirs)) {
                shared[i] = theirs;
            }
        }
        return new LoggedEvent(at, event, shared);
    }

    /**
     * How many octets of memory it takes, about.
     *
     * @param other whose texts are not counted again; null for nobody
     */
    public int octets(@Nullable LoggedEvent other) {
        int octets = BARE;
        for (int i = 0; i < values.length; i++) {
            String field = event.fields().get(i);
            if (values[i] != null && !COMMON.contains(field) && (other == null || values[i] != other.value(field))) {
                octets += values[i] instanceof List<?> list ? strings(list).stream().mapToInt(text -> TEXT + text.length()).sum()
                        : values[i] instanceof String text ? TEXT + text.length() : TEXT / 2;
            }
        }
        return octets;
    }

    private @Nullable Object value(String field) {
        int index = event.fields().indexOf(field);
        return index < 0 ? null : values[index];
    }

    @SuppressWarnings("unchecked") // no other lists come in
    private static List<String> strings(List<?> list) {
        return (List<String>) list;
    }

    @Override
    public String toString() {
        return at + " " + event.text() + " " + fields();
    }
}
