package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** A copy that its backup will not get has a line in the log that says whose it was. */
class LostCopiesTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Logger mailLog = (Logger) LoggerFactory.getLogger("mail");

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        mailLog.addAppender(log);
    }

    @AfterEach
    void endListening() {
        mailLog.detachAppender(log);
    }

    @Test
    void losesNoCopyUnnoticedWhenTheSpoolIsBroken() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2).start()) {
            relay.relay().spool().stop();

            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

            assertThat(lost()).extracting(event -> field(event, "destination")).containsExactlyInAnyOrder(
                    relay.backups().stream().map(ScriptedSmtpServer::address).toArray(String[]::new));
        }
    }

    private List<ILoggingEvent> lost() {
        return List.copyOf(log.list).stream().filter(event -> event.getMessage().equals("lost")).toList();
    }

    private static String field(ILoggingEvent event, String name) {
        Stream<KeyValuePair> fields = event.getKeyValuePairs().stream();
        return fields.filter(pair -> pair.key.equals(name)).map(pair -> String.valueOf(pair.value)).findFirst().orElse(null);
    }
}
