package io.smtpdup.trace;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smtpdup.message.PlainText;
import io.smtpdup.ops.LoggedEvent;
import io.smtpdup.ops.MailEvent;

/**
 * Reads the lines that the relay's log has of mails, as text or as JSON, also behind what journald, Docker or Kubernetes put in front of a
 * line, or around it. Any other line is none of them.
 */
final class LogFormat {

    /** As {@code logback.xml} has it, of any logger: what looks like another line further behind is something that somebody said. */
    private static final Pattern TEXT = Pattern.compile(
            "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(?:Z|[+-]\\d\\d:\\d\\d)) [A-Z]+ +(\\S+) (\\S+)");

    private static final Set<String> NUMBERS = Set.of("nrcpt", "size", "attempts");

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Where others keep a line of ours. */
    private static final List<String> AROUND = List.of("MESSAGE", "log");

    private LogFormat() {
    }

    /** The event of a line; empty when it is about no mail. */
    static Optional<LoggedEvent> read(String line) {
        Matcher text = line.contains(" mail ") ? TEXT.matcher(line) : null;
        if (text != null && text.find() && line.lastIndexOf('{', text.start()) < 0) {
            return text.group(2).equals("mail") ? event(text.group(1), text.group(3), fields(line, text.end())) : Optional.empty();
        }
        int brace = line.indexOf('{');
        return brace < 0 ? Optional.empty() : json(line.substring(brace));
    }

    private static Optional<LoggedEvent> json(String line) {
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (IOException e) {
            return Optional.empty();
        }
        for (String around : AROUND) {
            if (node.path(around).isTextual() && !node.has("logger_name")) {
                return read(node.get(around).asText().strip());
            }
        }
        if (!node.path("logger_name").asText().equals("mail")) {
            return Optional.empty();
        }
        Map<String, Object> fields = new HashMap<>();
        node.fields().forEachRemaining(field -> {
            JsonNode value = field.getValue();
            if (value.isArray()) {
                List<String> all = new ArrayList<>();
                value.forEach(one -> all.add(PlainText.of(one.asText())));
                fields.put(field.getKey(), all);
            } else {
                fields.put(field.getKey(), value(field.getKey(), value.asText()));
            }
        });
        return event(node.path("@timestamp").asText(), node.path("message").asText(), fields);
    }

    private static Optional<LoggedEvent> event(String time, String text, Map<String, Object> fields) {
        try {
            Instant at = OffsetDateTime.parse(time).toInstant();
            return MailEvent.of(text).map(event -> LoggedEvent.of(at, event, fields));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** {@code key="value"}, a quote or a backslash of the value behind a backslash. */
    private static Map<String, Object> fields(String line, int from) {
        Map<String, Object> fields = new HashMap<>();
        int i = from;
        while (i < line.length()) {
            int equals = line.indexOf("=\"", i);
            if (equals < 0) {
                break;
            }
            String key = line.substring(i, equals).strip();
            StringBuilder value = new StringBuilder();
            for (i = equals + 2; i < line.length() && line.charAt(i) != '"'; i++) {
                if (line.charAt(i) == '\\' && i + 1 < line.length()) {
                    i++;
                }
                value.append(line.charAt(i));
            }
            i++;
            fields.put(key, key.equals("to") ? addresses(value.toString()) : value(key, value.toString()));
        }
        return fields;
    }

    /** Parted by commas, but for those within the quotes of an address. */
    private static List<String> addresses(String text) {
        List<String> all = new ArrayList<>();
        boolean quoted = false;
        int begin = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == ',' && !quoted) {
                if (i > begin) {
                    all.add(PlainText.of(text.substring(begin, i)));
                }
                begin = i + 1;
            } else if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == '"') {
                quoted = !quoted;
            }
        }
        return all;
    }

    private static Object value(String key, String text) {
        return NUMBERS.contains(key) && text.matches("[0-9]{1,18}") ? (Object) Long.valueOf(text) : PlainText.of(text);
    }
}
