package io.smtpdup.ops;

import java.util.List;
import java.util.stream.Collectors;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import org.slf4j.event.KeyValuePair;

/**
 * An event's fields in the text log, {@code %fields} in a pattern: {@code key="value"}, a quote or backslash of the value
 * behind a backslash. Logback's own {@code %kvp} leaves them bare, and an address may hold both, so that a client could
 * write fields of its own.
 */
public final class FieldsConverter extends ClassicConverter {

    @Override
    public String convert(ILoggingEvent event) {
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs == null) {
            return "";
        }
        StringBuilder fields = new StringBuilder();
        for (KeyValuePair pair : pairs) {
            Object said = pair.value instanceof List<?> list
                    ? list.stream().map(String::valueOf).collect(Collectors.joining(",")) : pair.value;
            String value = String.valueOf(said).replace("\\", "\\\\").replace("\"", "\\\"");
            fields.append(' ').append(pair.key).append("=\"").append(value).append('"');
        }
        return fields.toString();
    }
}
