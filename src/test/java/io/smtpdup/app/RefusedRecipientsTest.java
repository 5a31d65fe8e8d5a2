package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.smtpdup.agreement.Agreement;
import io.smtpdup.agreement.Report;
import io.smtpdup.backup.Questions;
import io.smtpdup.postfix.FreePort;
import io.smtpdup.spool.QueueState;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestBroker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A recipient that the primary refuses is asked at the backups that shall be asked, and only asked. */
class RefusedRecipientsTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    private final RelayUnderTest relay = RelayUnderTest.withBackups(2).set("relay.backup_check_refused", "true")
            .set("relay.probe_first", "1s").set("relay.probe_longest", "1s");

    @AfterEach
    void close() {
        relay.close();
    }

    @Test
    void whatOnlyTheBackupWouldTakeIsLeaked() {
        knowsOnly(relay.primary(), "one");
        knowsOnly(relay.backup(1), "one", "gone");
        knowsOnly(relay.backup(2), "one");
        relay.start();

        refuse("<a@b.example>", "gone@d.example");

        assertCounted(1, Map.of("leaked address", 1L));
        assertCounted(2, Map.of("agreed address", 1L));
        assertThat(backup(1).reasons()).extracting(Report.Reason::code).contains("leaked-address");
        assertThat(backup(1).differences()).singleElement().satisfies(leak -> {
            assertThat(leak.stage()).isEqualTo("rcpt");
            assertThat(leak.primary()).isEqualTo("550 5.1.1 No such user here");
            assertThat(leak.backup()).startsWith("250");
        });
        for (ScriptedSmtpServer server : relay.backups()) {
            assertThat(server.commands()).contains("MAIL FROM:<a@b.example>", "RCPT TO:<gone@d.example>", "RSET").doesNotContain("DATA");
            assertThat(server.messages()).isEmpty();
        }
    }

    @Test
    void whatBothRefuseForDifferentReasonsIsDifferent() {
        knowsOnly(relay.primary());
        relay.backup(1).on("RCPT").when(line -> line.contains("<full")).reply("552 5.2.2 Mailbox is over quota");
        knowsOnly(relay.backup(1));
        knowsOnly(relay.backup(2));
        relay.start();

        refuse("<a@b.example>", "full@d.example");

        assertCounted(1, Map.of("different mailbox", 1L));
        assertCounted(2, Map.of("agreed address", 1L));
    }

    @Test
    void aBackupThatTakesAnyAddressIsRecognised() {
        knowsOnly(relay.primary());
        knowsOnly(relay.backup(2));
        relay.start();

        refuse("<a@b.example>", "one@d.example", "two@d.example", "three@d.example");
        refuse("<a@b.example>", "one@e.example");

        assertCounted(1, Map.of("incomparable system", 2L));
        assertCounted(2, Map.of("agreed address", 4L));
        assertThat(backup(1).reasons()).extracting(Report.Reason::code).contains("catch-all");
        assertThat(backup(1).differences()).extracting(Report.Difference::backup).containsOnly("the backup takes any address of the domain");
    }

    @Test
    void onlyWhatIsRefusedForTheRecipientsSakeIsAsked() {
        ScriptedSmtpServer primary = relay.primary();
        primary.on("RCPT").when(line -> line.contains("<grey")).reply("450 4.2.0 Greylisted");
        primary.on("RCPT").when(line -> line.contains("<blocked"))
                .reply("554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.example");
        primary.on("RCPT").when(line -> line.contains("<many")).reply("552 5.5.3 Too many recipients");
        knowsOnly(primary, "one");
        relay.backups().forEach(server -> knowsOnly(server, "one"));
        relay.start();

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<one@d.example>", "250");
            client.say("RCPT TO:<grey@d.example>", "450");
            client.say("RCPT TO:<blocked@d.example>", "554");
            client.say("RCPT TO:<many@d.example>", "552");
            client.say("RCPT TO:<ours@d.example> X=Y", "555");
            client.say("RCPT TO:<gone@d.example>", "550");
            client.data(HELLO);
            client.expect("250");
        }

        for (int backup = 1; backup <= 2; backup++) {
            assertCounted(backup, Map.of("agreed none", 1L, "agreed address", 1L));
            assertThat(recipients(backup)).containsOnly("one@d.example", "gone@d.example");
            assertThat(relay.backup(backup).messages()).hasSize(1);
        }
    }

    @Test
    void nothingIsAskedAboutAPrimaryThatIsAway() {
        relay.start();
        relay.primary().down();
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "451");
        }
        relay.primary().up();
        relay.primary().on("MAIL").once().reply("550 5.7.23 SPF validation failed");
        try (SmtpDialogue client = relay.client()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<one@d.example>");
            client.expect("550");
            client.expect("5");
        }

        relay.stop();

        assertThat(relay.backup(1).connectionCount()).isZero();
    }

    @Test
    void oneAddressIsAskedOnceHoweverOftenItIsRefused() {
        knowsOnly(relay.primary());
        relay.backups().forEach(server -> knowsOnly(server, "gone"));
        relay.start();
        refuse("<a@b.example>", "gone@d.example");
        assertCounted(1, Map.of("leaked address", 1L));

        refuse("<other@b.example>", "Gone@D.example", "gone@d.example", "last@d.example");

        assertCounted(1, Map.of("leaked address", 1L, "agreed address", 1L));
        assertThat(recipients(1)).containsExactly("gone@d.example", "last@d.example");
    }

    @Test
    void theReversePathIsTheClients() {
        knowsOnly(relay.primary());
        relay.backups().forEach(server -> knowsOnly(server));
        relay.start();

        refuse("<>", "gone@d.example");
        refuse("<prvs=4711abc=a.b@b.example>", "lost@d.example");

        assertCounted(1, Map.of("agreed address", 2L));
        assertThat(relay.backup(1).commands().stream().filter(line -> line.startsWith("MAIL")))
                .containsExactly("MAIL FROM:<>", "MAIL FROM:<prvs=4711abc=a.b@b.example>");
    }

    @Test
    void aBackupThatJudgesTheClientHearsWhoItIs() {
        for (ScriptedSmtpServer server : List.of(relay.primary(), relay.backup(1), relay.backup(2))) {
            server.announcing("PIPELINING", "XCLIENT NAME ADDR PROTO HELO");
            server.on("XCLIENT").reply("220 scripted.test ESMTP");
            server.on("RCPT").when(line -> line.contains("<one@")).reply("550 5.7.23 SPF validation failed");
            knowsOnly(server);
        }
        relay.set("smtp.trusted_relays", "127.0.0.1").set("relay.client_identity", "xclient").start();

        try (SmtpDialogue postfix = relay.client()) {
            postfix.say("XFORWARD NAME=mx.alice.example ADDR=192.0.2.7 PROTO=SMTP HELO=alice.example", "250");
            postfix.say("MAIL FROM:<a@b.example>", "250");
            postfix.say("RCPT TO:<one@d.example>", "550 5.7.23");
        }

        assertCounted(1, Map.of("agreed sender-auth", 1L));
        assertThat(relay.backup(1).commands()).anyMatch(line -> line.startsWith("XCLIENT") && line.contains("ADDR=192.0.2.7"));
    }

    @Test
    void aRecipientThatIsPutOffIsAskedAgain() {
        knowsOnly(relay.primary());
        relay.backup(1).on("RCPT").when(line -> line.contains("<gone")).times(2).reply("450 4.2.0 Not verified yet");
        knowsOnly(relay.backup(1));
        knowsOnly(relay.backup(2));
        relay.start();

        refuse("<a@b.example>", "gone@d.example");

        assertCounted(1, Map.of("agreed address", 1L));
        assertThat(recipients(1)).containsExactly("gone@d.example", "gone@d.example", "gone@d.example");
    }

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
    void eachBackupIsAskedAsItsOptionsSay() {
        knowsOnly(relay.primary());
        relay.backups().forEach(server -> knowsOnly(server, "gone"));
        relay.set("relay.backup_check_refused", "false").set("relay.destination_backups", relay.backup(1).address()
                + "?check_refused=true&except=@e.example," + relay.backup(2).address()).start();

        refuse("<a@b.example>", "gone@e.example", "gone@d.example");

        assertCounted(1, Map.of("leaked address", 1L));
        assertThat(recipients(1)).containsExactly("gone@d.example");
        relay.stop();
        assertThat(relay.backup(2).connectionCount()).isZero();
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
    }

    /** Refuses everybody but these. */
    private static void knowsOnly(ScriptedSmtpServer server, String... localParts) {
        server.on("RCPT").when(line -> Stream.of(localParts).noneMatch(one -> line.contains("<" + one + "@")))
                .reply("550 5.1.1 No such user here");
    }

    /** A client whose recipients the primary refuses all. */
    private void refuse(String from, String... recipients) {
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:" + from, "250");
            for (String recipient : recipients) {
                client.say("RCPT TO:<" + recipient + ">", "550 5.1.1 No such user here");
            }
            client.say("QUIT", "221");
        }
    }

    private String name(int backup) {
        return relay.backup(backup).address().replace(':', '-');
    }

    /** How many questions there are; -1 when that is not known. */
    private long waiting(int backup) {
        return relay.relay().spool().queue("question." + name(backup)).map(QueueState::messages).orElse(-1L);
    }

    /** Whom a backup was asked about, or got a mail for, without those that nobody has. */
    private List<String> recipients(int backup) {
        return relay.backup(backup).commands().stream().filter(line -> line.startsWith("RCPT TO:<"))
                .map(line -> line.substring(9, line.indexOf('>'))).filter(address -> !address.matches("no-such-mailbox-.*")).toList();
    }

    private Map<String, Long> counts(int backup) {
        Agreement agreement = relay.relay().agreement();
        return agreement.counts().stream().filter(count -> count.backup().equals(name(backup))).collect(Collectors.toMap(
                count -> count.relation().text() + " " + count.category().text(), Agreement.Count::count, Long::sum, TreeMap::new));
    }

    private void assertCounted(int backup, Map<String, Long> expected) {
        await().untilAsserted(() -> assertThat(counts(backup)).isEqualTo(new TreeMap<>(expected)));
    }

    private Report.Backup backup(int number) {
        return relay.relay().agreement().report(Map.of()).backups().stream().filter(one -> one.backup().equals(name(number)))
                .findFirst().orElseThrow();
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
