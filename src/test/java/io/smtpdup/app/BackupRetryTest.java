package io.smtpdup.app;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

import io.smtpdup.backup.Gate;
import io.smtpdup.backup.Gates;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.spool.CopyConstants;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.apache.camel.Message;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What becomes of copies that a backup does not take at once. */
class BackupRetryTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    @Test
    void keepsTheOrderWhileABackupIsAway() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2).set("relay.backup_concurrency", "1").start()) {
            relay.backup(1).down();
            sendMany(relay, 20);
            relay.backup(2).awaitMessages(20);
            awaitState(relay, Gate.State.AWAY);

            relay.backup(1).up();

            assertThat(relay.backup(1).awaitMessages(20)).extracting(mail -> mail.recipients().get(0))
                    .containsExactlyElementsOf(IntStream.range(0, 20).mapToObj(i -> "m" + i + "@d.example").toList());
            awaitState(relay, Gate.State.ACTIVE);
        }
    }

    @Test
    void triesABackupThatIsAwayWithOneCopyAtATime() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).set("relay.backup_concurrency", "8").start()) {
            ScriptedSmtpServer backup = relay.backup(1);
            backup.on("CONNECT").reply("421 4.3.2 shutting down");
            sendMany(relay, 30);
            awaitState(relay, Gate.State.AWAY);

            int connections = backup.connectionCount();
            backup.awaitConnections(connections + 2);

            // Probes after 1, 2 and 4 seconds: eight threads that all tried would be far beyond.
            assertThat(backup.connectionCount()).isLessThan(connections + 5);
            backup.behaveAgain();
            backup.awaitMessages(30);
        }
    }

    @Test
    void asksABackupThatIsAwayAtOnceWhenTold() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).set("relay.probe_first", "1h").start()) {
            relay.backup(1).down();
            sendMany(relay, 3);
            awaitState(relay, Gate.State.AWAY);
            relay.backup(1).up();

            gate(relay).retryNow();

            relay.backup(1).awaitMessages(3);
        }
    }

    @Test
    void givesAPausedBackupNothingUntilItIsResumedAlsoAfterARestart() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(2).start()) {
            String queue = "backup." + gate(relay).name();
            relay.relay().spool().management().pause(queue);
            awaitState(relay, Gate.State.PAUSED);
            sendMany(relay, 10);
            relay.backup(2).awaitMessages(10);
            relay.stop();
            relay.start();
            assertThat(gate(relay).state()).isEqualTo(Gate.State.PAUSED);
            assertThat(relay.backup(1).messages()).isEmpty();

            relay.relay().spool().management().resume(queue);

            relay.backup(1).awaitMessages(10);
            awaitState(relay, Gate.State.ACTIVE);
        }
    }

    @Test
    void makesADeadLetterOfACopyThatWasDeferredForTooLong() throws Exception {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).set("relay.retry_for", "2s").start()) {
            relay.backup(1).on("RCPT").reply("450 4.2.0 greylisted, come back");

            sendMany(relay, 1);

            Message dead = deadLetter(relay);
            assertThat(dead.getHeader(CopyConstants.LAST_REPLY)).isEqualTo("450 4.2.0 greylisted, come back");
            assertThat(dead.getHeader(CopyConstants.ATTEMPTS, Integer.class)).isBetween(2, 3);
        }
    }

    @Test
    void makesADeadLetterOfACopyOfWhichNobodyKnowsThreeTimesWhatBecame() throws Exception {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            relay.backup(1).on("DOT").hangUp();

            sendMany(relay, 1);

            Message dead = deadLetter(relay);
            assertThat(dead.getHeader(CopyConstants.LAST_REPLY, String.class))
                    .startsWith("tried 3 times without a clear answer after the final dot, so that the backup may have it: ")
                    .endsWith("closed the connection at the final dot");
            assertThat(relay.backup(1).commands()).filteredOn(line -> line.startsWith("MAIL")).hasSize(3);
        }
    }

    @Test
    void triesACopyAgainOfWhichNobodyKnowsWhatBecame() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            relay.backup(1).on("DOT").times(2).hangUp();

            sendMany(relay, 1);

            relay.backup(1).awaitMessages(1);
        }
    }

    @Test
    void makesDeadLettersOfCopiesThatWaitedTooLongForABackupThatIsAway() throws Exception {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            relay.stop();
            relay.set("relay.destination_backups", relay.backup(1).address() + "?retry_for=2s").start();
            relay.backup(1).down();

            sendMany(relay, 2);

            for (int i = 0; i < 2; i++) {
                assertThat(deadLetter(relay).getHeader(CopyConstants.LAST_REPLY, String.class))
                        .contains("cannot use 127.0.0.1:");
            }
        }
    }

    @Test
    void sortsTheRecipientsOfACopyThatIsRefusedInPart() throws Exception {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).start()) {
            ScriptedSmtpServer backup = relay.backup(1);
            backup.on("RCPT").when(line -> line.contains("unknown@")).reply("550 5.1.1 no such user");
            backup.on("RCPT").when(line -> line.contains("full@")).once().reply("452 4.2.2 mailbox full");

            relay.send("<a@b.example>", List.of("one@d.example", "unknown@d.example", "full@d.example", "two@d.example"),
                    HELLO, "250");

            assertThat(backup.awaitMessages(2)).extracting(ReceivedMessage::recipients)
                    .containsExactly(List.of("one@d.example", "two@d.example"), List.of("full@d.example"));
            Message dead = deadLetter(relay);
            assertThat(dead.getHeader(SmtpServerConstants.RECIPIENTS)).isEqualTo(List.of("unknown@d.example"));
            assertThat(dead.getHeader(CopyConstants.LAST_REPLY)).isEqualTo("550 5.1.1 no such user");
            assertThat(dead.getBody(byte[].class)).isEqualTo(relay.primary().messages().get(0).octets());
        }
    }

    @Test
    void letsOthersPassACopyThatTheBackupStumblesOver() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).set("relay.backup_concurrency", "1")
                .set("relay.probe_longest", "1s").start()) {
            relay.backup(1).on("RCPT").when(line -> line.contains("poison@")).times(7).hangUp();

            relay.send("<a@b.example>", List.of("poison@d.example"), HELLO, "250");
            relay.send("<a@b.example>", List.of("innocent@d.example"), HELLO, "250");

            assertThat(relay.backup(1).awaitMessages(2)).extracting(mail -> mail.recipients().get(0))
                    .containsExactly("innocent@d.example", "poison@d.example");
        }
    }

    @Test
    void keepsADeferredCopyAndItsDueTimeThroughARestart() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).set("relay.retry_first", "4s").start()) {
            relay.backup(1).on("DATA").once().reply("451 4.3.0 not now");
            sendMany(relay, 1);
            Instant deferred = Instant.now();
            relay.backup(1).awaitTranscript("451 4.3.0");
            await().until(() -> gate(relay).snapshot().held().isEmpty());

            relay.stop();
            relay.start();

            relay.backup(1).awaitMessages(1);
            assertThat(relay.backup(1).commands()).filteredOn(line -> line.startsWith("MAIL")).hasSize(2);
            assertThat(Duration.between(deferred, Instant.now())).isGreaterThan(Duration.ofSeconds(4));
        }
    }

    private static void sendMany(RelayUnderTest relay, int count) {
        for (int i = 0; i < count; i++) {
            relay.send("<a@b.example>", List.of("m" + i + "@d.example"), HELLO, "250");
        }
    }

    private static Gate gate(RelayUnderTest relay) {
        Gates gates = relay.relay().context().getRegistry().lookupByNameAndType("gates", Gates.class);
        return gates.all().iterator().next();
    }

    private static void awaitState(RelayUnderTest relay, Gate.State state) {
        await().until(() -> gate(relay).state() == state);
    }

    private static Message deadLetter(RelayUnderTest relay) {
        return relay.deadLetter(gate(relay).name());
    }
}
