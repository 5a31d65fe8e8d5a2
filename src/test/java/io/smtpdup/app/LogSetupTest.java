package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import io.smtpdup.config.Key;
import io.smtpdup.config.LogFormat;
import io.smtpdup.config.Settings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** log.format and log.level hold, whatever else is set, wherever it is set, and whoever has started the log before. */
class LogSetupTest {

    private static final String CONFIGURATION = "logback.configurationFile";

    private final LoggerContext log = (LoggerContext) LoggerFactory.getILoggerFactory();

    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    private Path directory;

    @BeforeEach
    void theProgramsOwnFile() {
        System.setProperty(CONFIGURATION, Path.of("src/main/resources/logback.xml").toUri().toString());
    }

    @AfterEach
    void theTestsFileAgain() throws Exception {
        System.clearProperty(CONFIGURATION);
        log.reset();
        new ContextInitializer(log).autoConfig();
    }

    /** Every key with a value that it allows, in each of the three sources. */
    static Stream<String[]> everyKeyEverywhere() {
        return Arrays.stream(Key.values()).filter(key -> !key.text().startsWith("log."))
                .flatMap(key -> Stream.of("environment", "properties", "yaml").map(source -> new String[] {key.text(), source}));
    }

    @ParameterizedTest
    @MethodSource("everyKeyEverywhere")
    void noOtherKeyChangesTheLog(String text, String source) throws IOException {
        Key key = Arrays.stream(Key.values()).filter(k -> k.text().equals(text)).findFirst().orElseThrow();
        Map<String, String> values = new HashMap<>(Map.of("relay.destination_primary", "mail.example.com",
                "log.format", "json", "log.level", "WARN"));
        values.put(text, key.defaultValue().orElse(example(text)));
        pairs(text).forEach(values::putIfAbsent);
        write(source, values);

        Settings settings = Settings.load(directory, environment);

        assertThat(settings.logFormat()).isEqualTo(LogFormat.JSON);
        assertThat(settings.logLevel()).isEqualTo(Level.WARN);
    }

    @Test
    void readsItsFileAgainWhenItWasStartedBefore() throws IOException {
        write("environment", Map.of("relay.destination_primary", "mail.example.com", "relay.retry_for", "5d",
                "log.format", "json", "log.level", "WARN"));
        LoggerFactory.getLogger("somebody").debug("was early");

        LogSetup.apply(Settings.load(directory, environment));
        assertThat(root().getLevel()).isEqualTo(ch.qos.logback.classic.Level.WARN);
        assertThat(root().getAppender("json")).isNotNull();
        assertThat(root().getAppender("text")).isNull();

        environment.put("SMTP_DUP_LOG_LEVEL", "DEBUG");
        environment.put("SMTP_DUP_LOG_FORMAT", "text");
        LogSetup.apply(Settings.load(directory, environment));
        assertThat(root().getLevel()).isEqualTo(ch.qos.logback.classic.Level.DEBUG);
        assertThat(root().getAppender("text")).isNotNull();
        assertThat(root().getAppender("json")).isNull();
    }

    private Logger root() {
        return log.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private String example(String key) throws IOException {
        return switch (key) {
            case "smtp.tls_certificate", "smtp.tls_key" -> Files.writeString(directory.resolve("file.pem"), "").toString();
            case "smtp.trusted_relays" -> "192.0.2.1";
            case "spool.broker_url" -> "tcp://broker.example.com:61616";
            case "management.token" -> "0123456789abcdef";
            case "relay.primary_discard_ehlo" -> "CHUNKING";
            case "agreement.days" -> "5";
            default -> key.endsWith("_seconds") ? "5" : "new.example.com";
        };
    }

    /** What must stand beside the key. */
    private Map<String, String> pairs(String key) throws IOException {
        return switch (key) {
            case "smtp.tls_certificate" -> Map.of("smtp.tls_key", example(key));
            case "smtp.tls_key" -> Map.of("smtp.tls_certificate", example(key));
            case "spool.broker_user" -> Map.of("spool.broker_password", "x", "spool.broker_url", "tcp://broker.example.com:61616");
            case "spool.broker_password" -> Map.of("spool.broker_user", "x", "spool.broker_url", "tcp://broker.example.com:61616");
            default -> Map.of();
        };
    }

    private void write(String source, Map<String, String> values) throws IOException {
        StringBuilder properties = new StringBuilder();
        StringBuilder yaml = new StringBuilder();
        values.forEach((key, value) -> {
            properties.append(key).append('=').append(value).append('\n');
            yaml.append(key).append(": \"").append(value).append("\"\n");
            if (source.equals("environment")) {
                environment.put("SMTP_DUP_" + key.toUpperCase().replace('.', '_'), value);
            }
        });
        if (source.equals("properties")) {
            Files.writeString(directory.resolve("application.properties"), properties);
        } else if (source.equals("yaml")) {
            Files.writeString(directory.resolve("config.yaml"), yaml);
        }
    }
}
