package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.agreement.Agreement;
import io.smtpdup.agreement.Report;
import io.smtpdup.postfix.FreePort;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestBroker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Each recipient of a mail is compared once with what each backup did in the end, and the figures are those of the servers. */
class ComparedCopiesTest {

    private static final String HELLO = "Subject: hello\r\n\r\nHello.\r\n";

    private final ManagementPort port = new ManagementPort();

    private final RelayUnderTest relay = RelayUnderTest.withBackups(2).set("management.port", String.valueOf(port.number()));

    @AfterEach
    void close() {
        relay.close();
    }

    @Test
    void inventsNothingInHundredsOfMailsThatAgree() {
        relay.start();

        try (SmtpDialogue client = relay.client()) {
            for (int i = 0; i < 300; i++) {
                RelayUnderTest.send(client, "<a@b.example>", List.of("x" + i + "@d.example", "y" + i % 7 + "@d.example"),
                        octets(HELLO), "250");
            }
        }

        assertCounted(1, Map.of("agreed none", 600L));
        assertCounted(2, Map.of("agreed none", 600L));
        assertTheServersHaveCountedTheSame(1);
        assertTheServersHaveCountedTheSame(2);
        Report report = relay.relay().agreement().report(Map.of());
        assertThat(report.backups()).allSatisfy(backup -> {
            assertThat(backup.differences()).isEmpty();
            assertThat(backup.latency().primary().count()).as("one for each mail").isEqualTo(300);
            assertThat(backup.latency().backup().count()).isEqualTo(300);
        });
    }

    @Test
    void findsEachDifferenceOnceAndGivesEachRecipientItsOwn() {
        ScriptedSmtpServer backup = relay.backup(1);
        backup.announcing("PIPELINING", "SIZE 2000", "8BITMIME", "ENHANCEDSTATUSCODES");
        backup.on("MAIL").when(line -> line.matches(".* SIZE=[2-9][0-9]{3}.*")).reply("552 5.3.4 Message size exceeds fixed limit");
        // The first 451 on a connection that has carried mails is asked about again at once.
        backup.on("RCPT").when(line -> line.contains("<gone")).reply("550 5.1.1 No such user here");
        backup.on("RCPT").when(line -> line.contains("<full")).reply("552 5.2.2 Mailbox is over quota");
        backup.on("RCPT").when(line -> line.contains("<grey")).times(2).reply("451 4.7.1 Greylisted, please try again later");
        backup.on("MAIL").when(line -> line.contains("spf@")).reply("550 5.7.23 SPF validation failed");
        backup.on("DOT").when(text -> text.contains("viagra")).reply("554 5.7.1 Message rejected as spam");
        backup.on("DOT").when(text -> text.contains("hang up")).times(3).hangUp();
        relay.set("relay.destination_backups", backup.address() + "?except=left@d.example").start();

        send("<a@b.example>", HELLO, "one@d.example");
        send("<a@b.example>", HELLO, "two@d.example", "gone@d.example", "full@d.example", "grey@d.example", "left@d.example");
        send("<spf@b.example>", HELLO, "three@d.example");
        send("<a@b.example>", "Subject: viagra\r\n\r\nviagra\r\n", "four@d.example", "five@d.example");
        send("<a@b.example>", "Subject: hang up\r\n\r\nhang up\r\n", "six@d.example");
        send("<a@b.example>", HELLO + "0123456789\r\n".repeat(200), "seven@d.example");
        send("<a@b.example> SMTPUTF8", HELLO, "m\u00fcller@d.example");
        send("<>", HELLO, "one@d.example", "one@d.example");

        assertCounted(1, Map.of("agreed none", 3L, "refused address", 1L, "refused mailbox", 1L, "healed greylist", 1L,
                "refused sender-auth", 1L, "refused content", 2L, "incomparable system", 2L, "refused size", 1L,
                "refused protocol", 1L));
        assertThat(at(backup).values().stream().mapToInt(count -> count).sum()).as("agreed and healed").isEqualTo(4);
        assertThat(differences(1)).contains("refused rcpt: 550 5.1.1 No such user here",
                "healed rcpt: 451 4.7.1 Greylisted, please try again later", "refused mail: 550 5.7.23 SPF validation failed",
                "refused dot: 554 5.7.1 Message rejected as spam");
    }

    @Test
    void aCopyThatIsNeverTakenInTimeHasExpiredWithTheBackupsOwnWord() {
        ScriptedSmtpServer slow = relay.backup(1);
        slow.on("RCPT").reply("450 4.2.2 Mailbox is full");
        ScriptedSmtpServer away = relay.backup(2);
        relay.set("relay.destination_backups", slow.address() + "?retry_for=1s," + away.address() + "?retry_for=1s")
                .set("relay.probe_first", "1s").set("relay.probe_longest", "1s").start();
        away.down();

        send("<a@b.example>", HELLO, "one@d.example", "two@d.example");

        assertCounted(1, Map.of("expired mailbox", 2L));
        assertCounted(2, Map.of("expired system", 2L));
        assertThat(differences(1)).containsExactly("expired rcpt: 450 4.2.2 Mailbox is full");
    }

    @Test
    void knowsWhatThePrimarySaidAndThatACopyHadToWaitAfterARestart() {
        AtomicInteger refusals = new AtomicInteger();
        relay.backup(1).on("RCPT").when(line -> line.contains("<grey") && refusals.incrementAndGet() <= 2)
                .reply("450 4.2.0 Greylisted for a while");
        relay.backup(2).down();
        relay.set("relay.retry_first", "1h").start();
        send("<a@b.example>", HELLO, "one@d.example", "grey@d.example");
        assertCounted(1, Map.of("agreed none", 1L));
        assertCounted(2, Map.of());

        relay.stop();
        relay.backup(2).up();
        relay.start();

        assertCounted(2, Map.of("agreed none", 2L));
        await().until(() -> port.post("/spool/retry?all=true").get("released").asInt() == 1);
        await().until(() -> refusals.get() == 2);
        relay.stop();
        relay.start();
        await().until(() -> port.post("/spool/retry?all=true").get("released").asInt() == 1);
        assertCounted(1, Map.of("agreed none", 1L, "healed greylist", 1L));
        assertTheServersHaveCountedTheSame(1);
        assertTheServersHaveCountedTheSame(2);
    }

    @Test
    void aBackupThatWantsToBeLeftAloneForAWhileHasPutTheCopyOff() {
        ScriptedSmtpServer atRcpt = relay.backup(1);
        atRcpt.on("RCPT").times(2).replyAndHangUp("421 4.7.28 Too many messages, slow down");
        ScriptedSmtpServer atMail = relay.backup(2);
        atMail.on("MAIL").times(2).reply("421 4.3.2 Shutting down");
        relay.set("relay.probe_first", "1s").set("relay.probe_longest", "1s").start();

        send("<a@b.example>", HELLO, "one@d.example");
        assertCounted(1, Map.of("healed throttle", 1L));
        assertCounted(2, Map.of("healed system", 1L));
        send("<a@b.example>", HELLO, "two@d.example");

        assertCounted(1, Map.of("healed throttle", 1L, "agreed none", 1L));
        assertThat(differences(1)).containsExactly("healed rcpt: 421 4.7.28 Too many messages, slow down");
    }

    @Test
    void eachRecipientThatHadToWaitHealsOfItsOwnReason() {
        ScriptedSmtpServer backup = relay.backup(1);
        AtomicInteger greeted = new AtomicInteger();
        backup.on("RCPT").when(line -> line.contains("<grey") && greeted.incrementAndGet() <= 2).reply("451 4.7.1 Greylisted");
        backup.on("RCPT").when(line -> line.contains("<quota") && greeted.get() < 3).reply("452 4.2.2 Mailbox is full");
        relay.start();

        send("<a@b.example>", HELLO, "quota@d.example", "grey@d.example", "one@d.example");

        assertCounted(1, Map.of("agreed none", 1L, "healed greylist", 1L, "healed mailbox", 1L));
        assertThat(differences(1)).containsExactlyInAnyOrder("healed rcpt: 451 4.7.1 Greylisted", "healed rcpt: 452 4.2.2 Mailbox is full");
        assertThat(relay.relay().agreement().report(Map.of()).backups()).allSatisfy(one ->
                assertThat(one.latency().backup().count()).as("one for each mail").isEqualTo(1));
    }

    @Test
    void knowsAllOfItWithABrokerElsewhere(@TempDir Path directory) throws IOException {
        try (TestBroker broker = TestBroker.on(FreePort.find(), directory)) {
            broker.start();
            relay.set("spool.broker_url", broker.url()).set("spool.broker_user", TestBroker.USER)
                    .set("spool.broker_password", TestBroker.PASSWORD).start();
            relay.backup(1).down();
            relay.backup(2).on("RCPT").when(line -> line.contains("<gone")).reply("550 5.1.1 No such user here");
            send("<a@b.example>", HELLO, "one@d.example", "gone@d.example");
            assertCounted(2, Map.of("agreed none", 1L, "refused address", 1L));
            relay.stop();

            broker.stop();
            broker.start();
            relay.backup(1).up();
            relay.start();

            assertCounted(1, Map.of("agreed none", 2L));
            assertThat(port.post("/spool/dead/requeue?all=true").get("requeued").asInt()).isEqualTo(1);
            assertCounted(2, Map.of("agreed none", 1L, "refused address", 1L));
        }
    }

    @Test
    void aDeadLetterThatIsRequeuedTakesThePlaceOfWhatItWas() {
        relay.backup(1).on("RCPT").times(2).reply("550 5.1.1 No such user here");
        relay.start();
        send("<a@b.example>", HELLO, "one@d.example");
        send("<a@b.example>", HELLO, "two@d.example");
        assertCounted(1, Map.of("refused address", 2L));

        assertThat(port.post("/spool/dead/requeue?recipient=one@d.example").get("requeued").asInt()).isEqualTo(1);

        assertCounted(1, Map.of("refused address", 1L, "agreed none", 1L));
        assertCounted(2, Map.of("agreed none", 2L));
    }

    @Test
    void aDeadLetterThatIsReplayedFromItsFileTakesThePlaceOfWhatItWas() {
        relay.backup(1).on("RCPT").once().reply("550 5.1.1 No such user here");
        relay.start();
        send("<a@b.example>", HELLO, "one@d.example");
        assertCounted(1, Map.of("refused address", 1L));
        JsonNode dead = port.get("/spool/dead").at("/copies/0");
        byte[] file = port.request("GET", "/spool/dead/export?backup=" + name(1) + "&key=" + dead.get("key").asText(), null).body();

        port.post("/spool/replay?backup=" + name(1), file);
        assertCounted(1, Map.of("agreed none", 1L));

        port.post("/spool/replay?to=two@d.example&backup=" + name(1), file);
        assertCounted(1, Map.of("agreed none", 1L, "incomparable none", 1L));
    }

    @Test
    void whatAnOperatorTakesAwayCannotBeCompared() {
        relay.start();
        port.post("/spool/pause?backup=" + name(1));
        send("<a@b.example>", HELLO, "one@d.example");
        send("<a@b.example>", HELLO, "two@d.example", "three@d.example");
        assertCounted(2, Map.of("agreed none", 3L));

        assertThat(port.post("/spool/copies/delete?backup=" + name(1) + "&recipient=one@d.example").get("deleted").asInt()).isEqualTo(1);
        assertCounted(1, Map.of("incomparable system", 1L));
        assertThat(port.post("/spool/copies/move?backup=" + name(1) + "&to=" + name(2)).get("moved").asInt()).isEqualTo(1);

        assertCounted(1, Map.of("incomparable system", 3L));
        assertThat(relay.backup(2).awaitMessages(3)).hasSize(3);
        assertCounted(2, Map.of("agreed none", 3L));
    }

    @Test
    void aRecipientThatARoutePutInWasNeverThePrimarys() {
        relay.set("relay.destination_backups", relay.backup(1).address() + "?to=journal@archive.example," + relay.backup(2).address())
                .start();

        send("<a@b.example>", HELLO, "one@d.example", "two@d.example");

        relay.backup(1).awaitMessages(1);
        assertCounted(1, Map.of("incomparable none", 1L, "incomparable system", 2L));
        assertCounted(2, Map.of("agreed none", 2L));
    }

    @Test
    void whatAFilterOfTheOperatorsKeepsFromTheBackupsWasNotCompared() {
        relay.edit("20-copies.camel.yaml", "        - recipientList:\n", """
                        - filter:
                            simple:
                              expression: "${header.CamelSmtpServerReversePath} == 'noisy@b.example'"
                            steps:
                              - stop: {}
                        - recipientList:
                """).start();

        send("<noisy@b.example>", HELLO, "one@d.example", "two@d.example");
        send("<a@b.example>", HELLO, "one@d.example");

        assertCounted(1, Map.of("agreed none", 1L, "incomparable system", 2L));
        assertCounted(2, Map.of("agreed none", 1L, "incomparable system", 2L));
        assertThat(relay.relay().agreement().report(Map.of()).backups()).allSatisfy(one ->
                assertThat(one.coverage()).as("who gets mail that is not copied is known").isEqualTo(new Report.Coverage(2, 1)));
    }

    @Test
    void aBackupThatARouteGivesNoCopyIsNotComparedAndNeitherIsARecipient() {
        relay.edit("20-copies.camel.yaml", "${bean:backups?method=queues}",
                        "${bean:backups?method=queuesWithout('" + relay.backup(2).address() + "')}").start();

        send("<a@b.example>", HELLO, "one@d.example");

        assertCounted(1, Map.of("agreed none", 1L));
        assertCounted(2, Map.of("incomparable system", 1L));
    }

    @Test
    void aStepWhoseFailureARouteDealsWithDoesNotKeepACopyFromBeingCompared() {
        relay.edit("30-backup.camel.yaml", "          - to:\n              id: deliver\n", """
                          - doTry:
                              steps:
                                - throwException: {exceptionType: java.lang.IllegalStateException, message: no journal today}
                              doCatch:
                                - exception: [java.lang.IllegalStateException]
                                  steps:
                                    - log: {message: there is no journal today}
                          - to:
                              id: deliver
                """).start();

        send("<a@b.example>", HELLO, "one@d.example");

        assertCounted(1, Map.of("agreed none", 1L));
    }

    @Test
    void aCopyThatIsLostIsLostForThoseAloneThatItWasFor() {
        relay.set("relay.destination_backups", relay.backup(1).address() + "?only=one@d.example," + relay.backup(2).address()).start();
        relay.relay().spool().stop();

        send("<a@b.example>", HELLO, "one@d.example", "two@d.example", "three@d.example");

        assertCounted(1, Map.of("incomparable system", 3L));
        assertThat(relay.relay().agreement().report(Map.of()).backups()).filteredOn(one -> one.backup().equals(name(1)))
                .flatExtracting(Report.Backup::differences).extracting(one -> one.backup() + " " + one.count())
                .containsExactlyInAnyOrder("the copy is lost 1", "the routes left this backup out 2");
    }

    @Test
    void theNewPrimarysOwnAnswerIsNotWhatThePrimarySaidOfACopyThatWasLeft() {
        ScriptedSmtpServer next = relay.backup(1);
        relay.edit("20-copies.camel.yaml", "        - recipientList:\n",
                "        - removeHeader: {name: CamelSmtpServerVerdict}\n        - recipientList:\n").start();
        next.down();
        send("<a@b.example>", HELLO, "one@d.example");
        relay.stop();

        next.up();
        relay.set("relay.destination_primary", next.address()).set("relay.destination_backups", relay.primary().address()).start();

        next.awaitMessages(1);
        assertCounted(1, Map.of("incomparable none", 1L));
    }

    @Test
    void aCopyThatIsLostBeforeAnyQueueIsLostForEachBackup() {
        relay.edit("20-copies.camel.yaml", "        - recipientList:\n",
                "        - throwException: {exceptionType: java.lang.IllegalStateException, message: broken}\n        - recipientList:\n");
        relay.start();

        send("<a@b.example>", HELLO, "one@d.example");

        assertCounted(1, Map.of("incomparable system", 1L));
        assertCounted(2, Map.of("incomparable system", 1L));
        assertThat(relay.relay().agreement().report(Map.of()).backups())
                .allSatisfy(one -> assertThat(one.reasons()).extracting(Report.Reason::code).contains("lost-copies"));
    }

    @Test
    void aCopyThatAnEarlierVersionHasQueuedCannotBeCompared() {
        relay.edit("20-copies.camel.yaml", "        - recipientList:\n",
                "        - removeHeader: {name: CamelSmtpServerVerdict}\n        - recipientList:\n").start();

        send("<a@b.example>", HELLO, "one@d.example");

        assertCounted(1, Map.of("incomparable none", 1L));
    }

    @Test
    void aCopyThatIsLostCannotBeCompared() {
        relay.start();
        relay.relay().spool().stop();

        send("<a@b.example>", HELLO, "one@d.example", "two@d.example");

        assertCounted(1, Map.of("incomparable system", 2L));
        assertCounted(2, Map.of("incomparable system", 2L));
    }

    private void send(String from, String message, String... recipients) {
        relay.send(from, List.of(recipients), octets(message), "250");
    }

    private String name(int backup) {
        return relay.backup(backup).address().replace(':', '-');
    }

    /** By relation and category. */
    private Map<String, Long> counts(int backup) {
        Agreement agreement = relay.relay().agreement();
        return agreement.counts().stream().filter(count -> count.backup().equals(name(backup))).collect(Collectors.toMap(
                count -> count.relation().text() + " " + count.category().text(), Agreement.Count::count, Long::sum, TreeMap::new));
    }

    private void assertCounted(int backup, Map<String, Long> expected) {
        await().untilAsserted(() -> assertThat(counts(backup)).isEqualTo(new TreeMap<>(expected)));
    }

    private List<String> differences(int backup) {
        return relay.relay().agreement().report(Map.of()).backups().stream().filter(one -> one.backup().equals(name(backup)))
                .flatMap(one -> one.differences().stream())
                .map(one -> one.relation() + " " + one.stage() + ": " + one.backup()).toList();
    }

    /** How many mails each recipient has. */
    private static Map<String, Integer> at(ScriptedSmtpServer server) {
        return server.messages().stream().map(ReceivedMessage::recipients).flatMap(recipients -> recipients.stream().distinct())
                .collect(Collectors.toMap(recipient -> recipient, recipient -> 1, Integer::sum));
    }

    private void assertTheServersHaveCountedTheSame(int backup) {
        long taken = counts(backup).entrySet().stream().filter(one -> one.getKey().matches("agreed .*|healed .*"))
                .mapToLong(Map.Entry::getValue).sum();
        assertThat(at(relay.backup(backup)).values().stream().mapToInt(count -> count).sum()).isEqualTo((int) taken);
        assertThat(at(relay.backup(backup))).isEqualTo(at(relay.primary()));
    }

    private static byte[] octets(String message) {
        return message.getBytes(StandardCharsets.UTF_8);
    }
}
