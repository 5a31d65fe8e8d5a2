package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.smtpdup.testkit.SmtpDialogue;
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
    void namesTheBackupThatRefusedForGood() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            relay.backup(1).on("DOT").reply("554 5.7.1 Spam");

            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

            await().untilAsserted(() -> assertThat(lost()).extracting(event -> field(event, "destination"))
                    .containsExactly(relay.backup(1).address()));
        }
    }

    @Test
    void losesNoCopyUnnoticedWhenAQueueIsFullAndTheOtherBackupGetsEveryMail() throws IOException {
        CountDownLatch release = new CountDownLatch(1);
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2)) {
            shortQueues(relay.directory());
            relay.set("relay.backup_concurrency", "1");
            relay.backup(1).on("CONNECT").waitFor(release).replyAsUsual();
            relay.start();

            try (SmtpDialogue client = relay.client()) {
                for (int mails = 1; mails <= 20; mails++) {
                    RelayUnderTest.send(client, "<a@b.example>", List.of("c@d.example"), HELLO, "250");
                    relay.backup(2).awaitMessages(mails);
                }
            }
            List<ILoggingEvent> lost = lost();
            release.countDown();

            assertThat(lost).hasSizeBetween(14, 16).allSatisfy(event -> {
                assertThat(field(event, "destination")).contains(relay.backup(1).address().replace(':', '-'));
                assertThat(field(event, "cause")).contains("Queue full");
            });
            relay.backup(1).awaitMessages(20 - lost.size());
        }
    }

    @Test
    void namesEveryCopyThatIsLeftWhenTimeRunsOut() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).set("relay.backup_concurrency", "1")
                .set("camel.main.shutdownTimeout", "1").start()) {
            relay.backup(1).down();
            for (int i = 0; i < 5; i++) {
                relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");
            }

            relay.relay().stop();

            assertThat(lost()).hasSizeBetween(4, 5).allSatisfy(event -> assertThat(field(event, "cause")).contains("stopped"));
        }
    }

    private List<ILoggingEvent> lost() {
        return List.copyOf(log.list).stream().filter(event -> event.getMessage().equals("lost")).toList();
    }

    private static String field(ILoggingEvent event, String name) {
        Stream<KeyValuePair> fields = event.getKeyValuePairs().stream();
        return fields.filter(pair -> pair.key.equals(name)).map(pair -> String.valueOf(pair.value)).findFirst().orElse(null);
    }

    private static void shortQueues(Path directory) throws IOException {
        Path file = directory.resolve("routes/30-backup.camel.yaml");
        String template = Files.readString(file);
        assertThat(template).contains("size: \"10000\"");
        Files.writeString(file, template.replace("size: \"10000\"", "size: \"4\""));
    }
}
