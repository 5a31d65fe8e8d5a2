package io.smtpdup.app;

import java.util.Locale;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import io.smtpdup.config.Settings;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * The log's format and level. {@code logback.xml} reads them once, when the first logger is made, which may have been long
 * before the settings were known: then it is read again.
 */
final class LogSetup {

    private LogSetup() {
    }

    /** Has the log as the settings want it from now on, whoever has started it before. */
    static void apply(Settings settings) {
        String format = settings.logFormat().name().toLowerCase(Locale.ROOT);
        String level = settings.logLevel().name();
        System.setProperty("smtpdup.log.format", format);
        System.setProperty("smtpdup.log.level", level);
        LoggerContext log = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logger root = log.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        if (root.getAppender(format) == null || root.getLevel() != Level.toLevel(level)) {
            readAgain(log);
        }
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
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
