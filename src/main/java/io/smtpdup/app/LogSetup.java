package io.smtpdup.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.joran.spi.JoranException;
import io.smtpdup.config.Settings;
import io.smtpdup.ops.QueuedAppender;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * The log's format and level. {@code logback.xml} reads them once, when the first logger is made, which may have been long
 * before the settings were known: then it is read again.
 */
final class LogSetup {

    /** What the last lines get when the process ends. */
    private static final Duration LAST_LINES = Duration.ofSeconds(1);

    private LogSetup() {
    }

    /** Has the log as the settings want it from now on, whoever has started it before. */
    static void apply(Settings settings) {
        String format = settings.logFormat().name().toLowerCase(Locale.ROOT);
        String level = settings.logLevel().name();
        System.setProperty("smtpdup.log.format", format);
        System.setProperty("smtpdup.log.level", level);
        LoggerContext log = context();
        Logger root = log.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        if (root.getAppender(format) == null || root.getLevel() != Level.toLevel(level)) {
            readAgain(log);
        }
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    /** Logs as much as the settings want from now on, when they want something else than those before. */
    static void follow(Settings before, Settings now) {
        if (now.logLevel() != before.logLevel()) {
            System.setProperty("smtpdup.log.level", now.logLevel().name());
            context().getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.toLevel(now.logLevel().name()));
        }
    }

    /**
     * From now on nobody who logs waits for what the log is written to, our own output or whatever an operator's own
     * configuration names. For a process that has mail to see to; a command's lines are in the order of all it prints.
     */
    static void neverWait() {
        QueuedAppender.watchStandardOutput();
        IdentityHashMap<Appender<ILoggingEvent>, QueuedAppender> queued = new IdentityHashMap<>();
        for (Logger logger : context().getLoggerList()) {
            List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
            logger.iteratorForAppenders().forEachRemaining(appenders::add);
            for (Appender<ILoggingEvent> appender : appenders) {
                if (!(appender instanceof QueuedAppender)) {
                    logger.detachAppender(appender);
                    logger.addAppender(queued.computeIfAbsent(appender, LogSetup::queued));
                }
            }
        }
    }

    private static QueuedAppender queued(Appender<ILoggingEvent> appender) {
        QueuedAppender queued = new QueuedAppender(appender);
        queued.start();
        return queued;
    }

    /** Waits a moment until what was logged is written. Returns false when it could not be. */
    static boolean flush() {
        boolean written = true;
        for (Logger logger : context().getLoggerList()) {
            for (Iterator<Appender<ILoggingEvent>> appenders = logger.iteratorForAppenders(); appenders.hasNext();) {
                if (appenders.next() instanceof QueuedAppender queued) {
                    written &= queued.flush(LAST_LINES);
                }
            }
        }
        return written;
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }

    private static void readAgain(LoggerContext log) {
        log.reset();
        try {
            new ContextInitializer(log).autoConfig();
        } catch (JoranException e) {
            throw new StartException("the log cannot be set up: " + e.getMessage());
        }
    }
}
