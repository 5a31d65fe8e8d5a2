package io.smtpdup.ops;

import java.util.ArrayList;
import java.util.List;

import io.smtpdup.message.PlainText;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** One line of the mail log in the making. Whatever peers have said comes out as one line of harmless text. */
final class LogLine {

    private static final Logger LOG = LoggerFactory.getLogger("mail");

    /** A list of ten thousand recipients is a number and its beginning. */
    private static final int SHOWN = 10;

    private static final int LONGEST_TEXT = 500;

    private final MailEvent event;

    /** Null when nobody wants to see the line. */
    private @Nullable LoggingEventBuilder builder;

    LogLine(MailEvent event) {
        this.event = event;
        builder = LOG.isEnabledForLevel(event.level()) ? LOG.makeLoggingEventBuilder(event.level()) : null;
    }

    /** Null is left out. */
    LogLine with(String field, @Nullable Object value) {
        assert event.fields().contains(field) : event + " has no field " + field;
        if (builder != null && value != null) {
            builder = builder.addKeyValue(field, harmless(value));
        }
        return this;
    }

    /** The first of them, each by itself. */
    LogLine withAll(String field, List<String> values) {
        assert event.fields().contains(field) : event + " has no field " + field;
        if (builder != null) {
            List<String> shown = new ArrayList<>(Math.min(SHOWN, values.size()));
            for (int i = 0; i < values.size() && i < SHOWN; i++) {
                shown.add(harmless(values.get(i)));
            }
            builder = builder.addKeyValue(field, shown);
        }
        return this;
    }

    void log() {
        if (builder != null) {
            builder.log(event.text());
        }
    }

    private static Object harmless(Object value) {
        return value instanceof Number ? value : harmless(value.toString());
    }

    static String harmless(String text) {
        return PlainText.of(text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "..." : text);
    }
}
