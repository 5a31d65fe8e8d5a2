package io.smtpdup.server;

import java.util.List;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What the mail log says while it is open: {@code event field=value field=value}. */
final class MailLogLines implements AutoCloseable {

    private final Logger logger = (Logger) LoggerFactory.getLogger("mail");

    private final List<String> lines = new CopyOnWriteArrayList<>();

    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getMessage() + (event.getKeyValuePairs() == null ? "" : event.getKeyValuePairs().stream()
                    .map(pair -> " " + pair.key + "=" + pair.value).collect(Collectors.joining())));
        }
    };

    private MailLogLines() {
    }

    static MailLogLines listen() {
        MailLogLines log = new MailLogLines();
        log.appender.start();
        log.logger.setLevel(Level.INFO);
        log.logger.addAppender(log.appender);
        return log;
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    /** The lines of one event. */
    List<String> of(String event) {
        return lines.stream().filter(line -> line.startsWith(event + " ")).toList();
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
        logger.setLevel(null);
    }
}
