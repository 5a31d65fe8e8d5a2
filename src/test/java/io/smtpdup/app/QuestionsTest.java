package io.smtpdup.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.smtpdup.agreement.Report;
import io.smtpdup.backup.Questions;
import io.smtpdup.postfix.FreePort;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestBroker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Questions about refused recipients outlive a restart, hold nobody up, and are asked of nobody who shall not be asked. */
class QuestionsTest extends AskingRelay {

    @Test
    void aBackupThatHasHadEnoughIsLeftInPeace() {
        knowsOnly(relay.primary());
        relay.backup(1).announcing("8BITMIME").on("RCPT").reply("450 4.7.1 Too many unknown recipients");
        knowsOnly(relay.backup(2));
        relay.set("relay.retry_first", "1h").start();

        refuse("<a@b.example>", "gone@d.example");
        relay.backup(1).awaitCommand("RCPT");
        await().until(() -> waiting(1) == 1);
        refuse("<a@b.example>", "lost@d.example", "last@d.example");
        assertCounted(2, Map.of("agreed address", 3L));
        await().until(() -> waiting(1) == 3);
        relay.stop();

        assertThat(relay.backup(1).commands().stream().filter(line -> line.startsWith("RCPT"))).hasSize(1);
    }

    @Test
    void aBackupThatWillHaveNothingFromTheRelayIsLeftInPeaceAndNotJudged() {
        knowsOnly(relay.primary());
        relay.backup(1).on("MAIL").reply("554 5.7.1 Go away");
        knowsOnly(relay.backup(2));
        relay.set("relay.retry_first", "1h").start();

        refuse("<a@b.example>", "gone@d.example");
        relay.backup(1).awaitCommand("MAIL");
        await().until(() -> waiting(1) == 0);
        refuse("<a@b.example>", "lost@d.example", "last@d.example");
        assertCounted(2, Map.of("agreed address", 3L));
        await().until(() -> waiting(1) == 2);
        assertThat(counts(1)).isEmpty();
        relay.stop();

        assertThat(relay.backup(1).commands().stream().filter(line -> line.startsWith("MAIL"))).hasSize(1);
    }

    @Test
    void aQuestionOutlivesARestartAndABackupThatIsAwayHoldsNobodyUp() {
        knowsOnly(relay.primary(), "one");
        knowsOnly(relay.backup(1), "one", "gone");
        knowsOnly(relay.backup(2), "one");
        relay.start();
        relay.backup(1).down();

        refuse("<a@b.example>", "gone@d.example");
        relay.send("<a@b.example>", List.of("one@d.example"), HELLO, "250");
        assertCounted(2, Map.of("agreed address", 1L, "agreed none", 1L));
        await().until(() -> waiting(1) == 1);
        relay.stop();
        relay.backup(1).up();
        relay.start();

        assertCounted(1, Map.of("leaked address", 1L, "agreed none", 1L));
        await().until(() -> waiting(1) == 0);
    }

    @Test
    void whatWasToBeAskedIsForgottenWithTheOption() {
        knowsOnly(relay.primary());
        relay.backups().forEach(server -> knowsOnly(server));
        relay.start();
        relay.backup(1).down();
        refuse("<a@b.example>", "gone@d.example", "lost@d.example");
        await().until(() -> waiting(1) == 2);
        relay.stop();

        relay.backup(1).up();
        relay.set("relay.backup_check_refused", "false").start();

        await().until(() -> waiting(1) == 0);
        relay.stop();
        assertThat(relay.backup(1).connectionCount()).isZero();
    }

    @Test
    void whatWasToBeAskedIsForgottenWhereNoRouteReadsIt() throws IOException {
        knowsOnly(relay.primary());
        relay.backups().forEach(server -> knowsOnly(server));
        relay.start();
        relay.backup(1).down();
        refuse("<a@b.example>", "gone@d.example", "lost@d.example");
        await().until(() -> waiting(1) == 2);
        relay.stop();

        Files.delete(relay.directory().resolve("routes/50-questions.camel.yaml"));
        relay.start();

        await().until(() -> waiting(1) == 0);
    }

    @Test
    void worksWithABrokerElsewhere(@TempDir Path directory) throws IOException {
        try (TestBroker broker = TestBroker.on(FreePort.find(), directory)) {
            broker.start();
            relay.set("spool.broker_url", broker.url()).set("spool.broker_user", TestBroker.USER)
                    .set("spool.broker_password", TestBroker.PASSWORD);
            knowsOnly(relay.primary());
            relay.backups().forEach(server -> knowsOnly(server, "gone"));
            relay.start();
            relay.backup(1).down();
            await().until(() -> waiting(1) == 0);

            refuse("<a@b.example>", "gone@d.example");
            assertCounted(2, Map.of("leaked address", 1L));
            await().until(() -> waiting(1) == 1);
            assertThat(broker.settings("question." + name(1)).getMaxDeliveryAttempts()).isEqualTo(-1);
            relay.stop();
            broker.stop();
            broker.start();
            relay.backup(1).up();
            relay.start();

            assertCounted(1, Map.of("leaked address", 1L));
        }
    }

    @Test
    void whatAnotherServerRefusesIsNotThePrimarysWord() throws IOException {
        int port = FreePort.find();
        relay.backups().forEach(server -> knowsOnly(server));
        knowsOnly(relay.primary());
        Files.writeString(relay.directory().resolve("routes/60-own.camel.yaml"), "- route: {id: own, from: {uri: 'smtp-server:127.0.0.1:"
                + port + "?recipientCheck=smtp:" + relay.backup(2).address() + "', steps: [{to: 'smtp:" + relay.backup(2).address()
                + "'}]}}\n");
        relay.start();

        try (SmtpDialogue client = SmtpDialogue.connect(port)) {
            client.expect("220");
            client.say("EHLO client.example", "250");
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<gone@d.example>", "550 5.1.1");
        }
        refuse("<a@b.example>", "lost@d.example");

        assertCounted(1, Map.of("agreed address", 1L));
        assertThat(recipients(1)).containsExactly("lost@d.example");
    }

    @Test
    void nobodyIsAskedWithoutTheOption() {
        knowsOnly(relay.primary());
        relay.set("relay.backup_check_refused", "false").start();

        refuse("<a@b.example>", "gone@d.example");
        relay.stop();

        relay.backups().forEach(server -> assertThat(server.connectionCount()).isZero());
    }

    @Test
    void routesThatAreOlderThanThisWorkAndOneLineSaysThatNobodyIsAsked() throws IOException {
        knowsOnly(relay.primary(), "one");
        Files.delete(relay.directory().resolve("routes/50-questions.camel.yaml"));

        List<String> lines = linesOf(relay::start);
        refuse("<a@b.example>", "gone@d.example");
        relay.send("<a@b.example>", List.of("one@d.example"), HELLO, "250");

        relay.backups().forEach(server -> server.awaitMessages(1));
        assertThat(lines).singleElement().asString().contains(relay.backup(1).address(), relay.backup(2).address(),
                "relay.backup_check_refused", "50-questions.camel.yaml");
        relay.stop();
        assertThat(recipients(1)).containsExactly("one@d.example");
    }

    @Test
    void whoGuessesAddressesHearsThePrimaryAndIsAskedOncePerAddress() {
        knowsOnly(relay.primary());
        relay.backups().forEach(server -> knowsOnly(server));
        relay.set("smtp.max_errors", "1000").start();
        String[] guesses = IntStream.range(0, 200).mapToObj(i -> "guess" + i + "@d.example").toArray(String[]::new);

        refuse("<a@b.example>", guesses);
        refuse("<a@b.example>", guesses);

        assertCounted(1, Map.of("agreed address", 200L));
        assertThat(recipients(1)).containsExactlyInAnyOrder(guesses);
        assertThat(backup(1).evidence().units()).as("no evidence for what is taken").isZero();
        assertThat(backup(1).evidence().days()).isZero();
        assertThat(backup(1).reasons()).extracting(Report.Reason::code).contains("nothing-compared");
    }

    private static List<String> linesOf(Runnable work) {
        Logger logger = (Logger) LoggerFactory.getLogger(Questions.class);
        List<String> lines = new CopyOnWriteArrayList<>();
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                lines.add(event.getFormattedMessage());
            }
        };
        appender.start();
        logger.setLevel(Level.WARN);
        logger.addAppender(appender);
        try {
            work.run();
        } finally {
            logger.detachAppender(appender);
            logger.setLevel(null);
        }
        return lines;
    }
}
