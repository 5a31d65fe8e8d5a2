package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The promises of the relay as a whole, with the routes that operators get. */
class RelayTest {

    private static final byte[] HELLO = octets("Subject: hello\r\n\r\nHello.\r\n");

    @Test
    void givesThePrimaryAndEveryBackupTheSameOctetsAndEnvelope() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2).start()) {
            relay.send("<a@b.example> BODY=8BITMIME", List.of("c@d.example", "e@f.example"), HELLO, "250");

            ReceivedMessage original = relay.primary().awaitMessages(1).get(0);
            assertThat(original.belowReceived()).isEqualTo(HELLO);
            assertThat(original.mailFrom()).contains("<a@b.example>", "BODY=8BITMIME");
            for (ScriptedSmtpServer backup : relay.backups()) {
                ReceivedMessage copy = backup.awaitMessages(1).get(0);
                assertThat(copy.octets()).isEqualTo(original.octets());
                assertThat(copy.mailFrom()).contains("<a@b.example>", "BODY=8BITMIME");
                assertThat(copy.recipients()).containsExactly("c@d.example", "e@f.example");
            }
        }
    }

    @Test
    void asksTheBackupsAndNotThePrimaryForNoReports() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2).start()) {
            relay.primary().announcing("DSN");
            relay.backup(1).announcing("DSN");

            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

            assertThat(relay.primary().awaitMessages(1).get(0).rcptTo()).containsExactly("<c@d.example>");
            assertThat(relay.backup(1).awaitMessages(1).get(0).rcptTo()).containsExactly("<c@d.example> NOTIFY=NEVER");
            assertThat(relay.backup(2).awaitMessages(1).get(0).rcptTo()).containsExactly("<c@d.example>");
        }
    }

    @Test
    void leavesReportsToTheBackupsWhenToldSo() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).set("relay.backup_notify_never", "false").start()) {
            relay.backup(1).announcing("DSN");

            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

            assertThat(relay.backup(1).awaitMessages(1).get(0).rcptTo()).containsExactly("<c@d.example>");
        }
    }

    @Test
    void tellsTheClientWhatThePrimarySaid() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            relay.primary().on("DOT").reply("250-2.0.0 Ok: queued as 4F2A\r\n250 2.0.0 and thank you");

            String reply = relay.send("<>", List.of("c@d.example"), HELLO, "250");

            assertThat(reply).contains("2.0.0 Ok: queued as 4F2A", "2.0.0 and thank you");
        }
    }

    @Test
    void copiesNothingThatThePrimaryRefused() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            relay.primary().on("DOT").once().reply("554 5.7.1 Spam");

            try (SmtpDialogue client = relay.client()) {
                RelayUnderTest.send(client, "<a@b.example>", List.of("refused@d.example"), HELLO, "554 5.7.1 Spam");
                RelayUnderTest.send(client, "<a@b.example>", List.of("taken@d.example"), HELLO, "250");
            }

            assertThat(relay.backup(1).awaitMessages(1).get(0).recipients()).containsExactly("taken@d.example");
            assertThat(relay.primary().messages()).hasSize(1);
        }
    }

    @Test
    void answers451WhenThePrimaryIsDown() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            relay.primary().down();

            try (SmtpDialogue client = relay.client()) {
                client.say("MAIL FROM:<a@b.example>", "451 4.4.1");
            }

            assertThat(relay.backup(1).messages()).isEmpty();
        }
    }

    @Test
    void deliversToTheSecondBackupWhileTheFirstIsDown() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2).start()) {
            relay.backup(1).down();

            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

            relay.backup(2).awaitMessages(1);
            relay.backup(1).up();
            relay.backup(1).awaitMessages(1);
        }
    }

    @Test
    void copiesALargeMessageThatIsKeptOnDisk() {
        byte[] large = new byte[3_000_000];
        Arrays.fill(large, (byte) 'x');
        for (int i = 77; i < large.length; i += 78) {
            large[i - 1] = '\r';
            large[i] = '\n';
        }
        large[large.length - 2] = '\r';
        large[large.length - 1] = '\n';
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2).start()) {
            relay.backup(2).on("DOT").once().reply("451 4.3.0 not now");

            relay.send("<a@b.example>", List.of("c@d.example"), large, "250");

            assertThat(relay.primary().awaitMessages(1).get(0).belowReceived()).isEqualTo(large);
            assertThat(relay.backup(1).awaitMessages(1).get(0).belowReceived()).isEqualTo(large);
            assertThat(relay.backup(2).awaitMessages(1).get(0).belowReceived()).isEqualTo(large);
        }
    }

    @Test
    void logsInToTheDestinationsThatWantIt() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1)) {
            relay.primary().withAuth("user@old", "p)&+ %{x}");
            relay.backup(1).withAuth("user@new", "RAW(x)");
            relay.set("relay.destination_primary",
                    "user%40old:p%29%26%2B%20%25%7Bx%7D@" + relay.primary().address() + "?tls=off");
            relay.set("relay.destination_backups", "user%40new:RAW%28x%29@" + relay.backup(1).address() + "?tls=off");
            relay.start();

            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

            assertThat(relay.primary().awaitMessages(1).get(0).authUser()).isEqualTo("user@old");
            assertThat(relay.backup(1).awaitMessages(1).get(0).authUser()).isEqualTo("user@new");
        }
    }

    @Test
    void saysWhichBackupRefusedItsCopy() {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger("mail");
        logger.addAppender(log);
        log.start();
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            relay.backup(1).on("DOT").once().reply("554 5.7.1 Spam");

            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

            await().untilAsserted(() -> assertThat(List.copyOf(log.list))
                    .filteredOn(event -> event.getMessage().equals("dead-lettered"))
                    .singleElement()
                    .extracting(event -> event.getKeyValuePairs().toString())
                    .asString().contains("destination=\"" + relay.backup(1).address() + "\"", "554 5.7.1 Spam"));
        } finally {
            logger.detachAppender(log);
        }
    }

    @Test
    void isAPlainRelayWithoutBackups() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(0).start()) {
            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

            assertThat(relay.primary().awaitMessages(1)).hasSize(1);
        }
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
