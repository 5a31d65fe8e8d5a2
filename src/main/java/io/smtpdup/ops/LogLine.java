package io.smtpdup.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.smtpdup.message.PlainText;
import io.smtpdup.message.SteadyClock;
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

    /** Those who follow mails get a list up to so many letters. */
    private static final int LONGEST_LIST = 4000;

    /** Whoever follows mails, beside the log. */
    static final List<Consumer<LoggedEvent>> FOLLOWERS = new CopyOnWriteArrayList<>();

    private final MailEvent event;

    /** Null when nobody wants to see the line. */
    private @Nullable LoggingEventBuilder builder;

    /** In the order of the event's fields; null when nobody follows mails. */
    private final @Nullable Object @Nullable [] values;

    LogLine(MailEvent event) {
        this.event = event;
        values = FOLLOWERS.isEmpty() ? null : new Object[event.fields().size()];
        builder = LOG.isEnabledForLevel(event.level()) ? LOG.makeLoggingEventBuilder(event.level()) : null;
    }

    /** Null is left out. */
    LogLine with(String field, @Nullable Object value) {
        assert event.fields().contains(field) : event + " has no field " + field;
        if (value != null && (builder != null || values != null)) {
            Object shown = harmless(value);
            if (builder != null) {
                builder = builder.addKeyValue(field, shown);
            }
            keep(field, shown);
        }
        return this;
    }

    /** The first of them, each by itself. */
    LogLine withAll(String field, List<String> texts) {
        assert event.fields().contains(field) : event + " has no field " + field;
        if (builder != null || values != null) {
            List<String> shown = new ArrayList<>(Math.min(SHOWN, texts.size()));
            int letters = 0;
            for (int i = 0; i < texts.size() && (i < SHOWN || values != null && letters < LONGEST_LIST); i++) {
                shown.add(harmless(texts.get(i)));
                letters += texts.get(i).length();
            }
            if (builder != null) {
                builder = builder.addKeyValue(field, shown.size() > SHOWN ? shown.subList(0, SHOWN) : shown);
            }
            keep(field, shown);
        }
        return this;
    }

    private void keep(String field, Object shown) {
        if (values != null) {
            values[event.fields().indexOf(field)] = shown;
        }
    }

    void log() {
        if (builder != null) {
            builder.log(event.text());
        }
        if (values != null) {
            LoggedEvent happened = new LoggedEvent(SteadyClock.system().instant(), event, values);
            for (Consumer<LoggedEvent> follower : FOLLOWERS) {
                tell(follower, happened);
            }
        }
    }

    /** No mail fares worse because it is followed. */
    private static void tell(Consumer<LoggedEvent> follower, LoggedEvent happened) {
        try {
            follower.accept(happened);
        } catch (RuntimeException e) {
            LoggerFactory.getLogger(LogLine.class).debug("{} could not be followed", happened, e);
        }
    }

    private static Object harmless(Object value) {
        return value instanceof Number ? value : harmless(value.toString());
    }

    static String harmless(String text) {
        return PlainText.of(text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "..." : text);
    }
}
