package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import io.smtpdup.config.Settings;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.spool.CopyConstants;
import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.SmtpDialogue;
import org.apache.camel.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** The promises about copies that wait: in a real broker, on a real disk. */
class SpoolTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    @Test
    void keepsCopiesThroughARestart() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2).start()) {
            relay.backup(1).down();
            for (int i = 0; i < 20; i++) {
                relay.send("<a@b.example> BODY=8BITMIME", List.of("m" + i + "@d.example", "other@d.example"), HELLO, "250");
            }
            relay.backup(2).awaitMessages(20);
            relay.stop();

            relay.backup(1).up();
            relay.start();

            List<ReceivedMessage> late = relay.backup(1).awaitMessages(20);
            assertThat(late).hasSize(20).allSatisfy(mail -> {
                assertThat(mail.belowReceived()).isEqualTo(HELLO);
                assertThat(mail.mailFrom()).contains("<a@b.example>", "BODY=8BITMIME");
                assertThat(mail.recipients()).hasSize(2);
            });
            assertThat(late).extracting(ReceivedMessage::text)
                    .containsExactlyInAnyOrderElementsOf(relay.primary().messages().stream().map(ReceivedMessage::text).toList());
            assertThat(relay.backup(2).messages()).hasSize(20);
        }
    }

    @Test
    void keepsEachBackupsCopiesWhenTheListsOrderChanges() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2)) {
            relay.set("relay.destination_backups", relay.backup(1).address() + "," + relay.backup(2).address()).start();
            relay.backup(1).down();
            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");
            relay.backup(2).awaitMessages(1);
            relay.stop();

            relay.set("relay.destination_backups", relay.backup(2).address() + "," + relay.backup(1).address());
            relay.backup(1).up();
            relay.start();

            relay.backup(1).awaitMessages(1);
            assertThat(relay.backup(2).messages()).hasSize(1);
        }
    }

    @Test
    void triesADeferredCopyAgainWhileOthersPass() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).set("relay.backup_concurrency", "1").start()) {
            relay.backup(1).on("RCPT").when(line -> line.contains("busy@") && relay.backup(1).messages().isEmpty())
                    .reply("450 4.2.1 mailbox busy");

            relay.send("<a@b.example>", List.of("busy@d.example"), HELLO, "250");
            relay.send("<a@b.example>", List.of("free@d.example"), HELLO, "250");

            assertThat(relay.backup(1).awaitMessages(2)).extracting(mail -> mail.recipients().get(0))
                    .containsExactly("free@d.example", "busy@d.example");
        }
    }

    @Test
    void givesACopyThatMayHaveArrivedAgain() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            relay.backup(1).on("DOT").once().hangUp();

            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

            assertThat(relay.backup(1).awaitMessages(1)).hasSize(1);
        }
    }

    @Test
    void putsARefusedCopyIntoTheDeadLetters() throws Exception {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2).start()) {
            relay.backup(1).on("DOT").once().reply("550 5.7.1 not this one");

            relay.send("<a@b.example> SMTPUTF8", List.of("c@d.example", "\u00e9@d.example"), HELLO, "250");

            relay.backup(2).awaitMessages(1);
            Message dead = deadLetter(relay, 1);
            assertThat(dead.getBody(byte[].class)).isEqualTo(relay.primary().messages().get(0).octets());
            assertThat(dead.getHeaders())
                    .containsEntry(SmtpServerConstants.REVERSE_PATH, "a@b.example")
                    .containsEntry(SmtpServerConstants.RECIPIENTS, List.of("c@d.example", "\u00e9@d.example"))
                    .hasEntrySatisfying(SmtpServerConstants.ENVELOPE, envelope -> assertThat(((Envelope) envelope).smtpUtf8()).isTrue())
                    .containsEntry(CopyConstants.LAST_REPLY, "550 5.7.1 not this one")
                    .containsEntry(CopyConstants.ATTEMPTS, 1);
            assertThat(Instant.ofEpochMilli(dead.getHeader(CopyConstants.DEAD_AT, Long.class)))
                    .isBetween(Instant.now().minusSeconds(60), Instant.now());
        }
    }

    @Test
    void keepsDeadLettersThroughARestart() throws Exception {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            relay.backup(1).on("DOT").once().reply("550 5.7.1 not this one");
            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");
            await().until(() -> relay.relay().context().getInflightRepository().size() == 0
                    && relay.backup(1).transcript().contains("550 5.7.1"));

            relay.stop();
            relay.start();

            assertThat(deadLetter(relay, 1).getHeader(CopyConstants.LAST_REPLY)).isEqualTo("550 5.7.1 not this one");
            assertThat(relay.backup(1).messages()).isEmpty();
        }
    }

    @Test
    void carriesTenThousandRecipients() {
        List<String> recipients = IntStream.range(0, 10_000).mapToObj(i -> "recipient.number." + i + "@d.example").toList();
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).set("smtp.max_recipients", "10000").start()) {
            try (SmtpDialogue client = relay.client()) {
                client.say("MAIL FROM:<a@b.example>", "250");
                client.pipeline(recipients.stream().map(address -> "RCPT TO:<" + address + ">").toArray(String[]::new));
                recipients.forEach(recipient -> client.expect("250"));
                client.data(HELLO);
                client.expect("250");
            }

            assertThat(relay.backup(1).awaitMessages(1).get(0).recipients()).isEqualTo(recipients);
        }
    }

    @Test
    void answersTheClientAsThePrimaryDidWhenTheSpoolIsBroken() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2).start()) {
            relay.relay().spool().stop();
            Instant begin = Instant.now();

            String reply = relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

            assertThat(reply).startsWith("250 ");
            assertThat(Duration.between(begin, Instant.now())).isLessThan(Patience.LIMIT);
            assertThat(relay.primary().messages()).hasSize(1);
        }
    }

    @Test
    void endsSoonWhileABackupHangsAndLosesNothing() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2).set("relay.timeout_seconds", "600").start()) {
            relay.backup(1).on("DATA").stall();
            for (int i = 0; i < 10; i++) {
                relay.send("<a@b.example>", List.of("m" + i + "@d.example"), HELLO, "250");
            }
            relay.backup(1).awaitCommand("DATA");
            relay.backup(2).awaitMessages(10);

            Instant begin = Instant.now();
            relay.stop();

            assertThat(Duration.between(begin, Instant.now())).isLessThan(Patience.LIMIT);
            relay.backup(1).behaveAgain();
            relay.start();
            relay.backup(1).awaitMessages(10);
            assertThat(relay.backup(2).messages()).hasSize(10);
        }
    }

    @Test
    void endsSoonWhileABackupIsAway() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            relay.backup(1).down();
            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");

            Instant begin = Instant.now();
            relay.stop();

            assertThat(Duration.between(begin, Instant.now())).isLessThan(Patience.LIMIT);
        }
    }

    @Test
    void refusesASpoolThatAnotherRelayHas() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            Path spool = relay.directory().resolve("spool");

            try (Relay second = relayOn(relay.directory(), spool, true)) {
                assertThatThrownBy(second::start).isInstanceOf(StartException.class)
                        .hasMessage("spool.directory " + spool + " is in use by another relay");
            }

            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");
            relay.backup(1).awaitMessages(1);
        }
    }

    @Test
    void saysThatTheSpoolCannotBeWritten(@TempDir Path directory) throws IOException {
        Path spool = Files.createFile(directory.resolve("file")).resolve("spool");

        assertThatThrownBy(() -> relayOn(Path.of(""), spool, true).start()).isInstanceOf(StartException.class)
                .hasMessageContaining("spool.directory").hasMessageContaining(spool.toString());
    }

    @Test
    void checksSettingsAndRoutesWithoutAQueue(@TempDir Path directory) {
        Path spool = directory.resolve("spool");

        try (Relay relay = relayOn(Path.of(""), spool, false)) {
            relay.start();
        }

        assertThat(spool.resolve("journal")).doesNotExist();
    }

    private static Relay relayOn(Path directory, Path spool, boolean listening) {
        Map<String, String> settings = Map.of("relay.destination_primary", "127.0.0.1:1",
                "relay.destination_backups", "127.0.0.1:2", "smtp.listen", "127.0.0.1:0", "management.port", "0",
                "spool.directory", spool.toString());
        return new Relay(directory, Settings.load(directory, Map.of(), settings), listening);
    }

    private static Message deadLetter(RelayUnderTest relay, int backup) {
        return relay.deadLetter("127.0.0.1-" + relay.backup(backup).port());
    }
}
