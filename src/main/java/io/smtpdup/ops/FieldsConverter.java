package io.smtpdup.ops;

import java.util.List;

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
        StringBuilder fields = new StringBuilder(256);
        for (KeyValuePair pair : pairs) {
            fields.append(' ').append(pair.key).append("=\"");
            if (pair.value instanceof List<?> list) {
                for (int i = 0; i < list.size(); i++) {
                    quote(i == 0 ? list.get(i) : "," + list.get(i), fields);
                }
            } else {
                quote(pair.value, fields);
            }
            fields.append('"');
        }
        return fields.toString();
    }

    private static void quote(Object value, StringBuilder fields) {
        String text = String.valueOf(value);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                fields.append('\\');
            }
            fields.append(c);
        }
    }
}
