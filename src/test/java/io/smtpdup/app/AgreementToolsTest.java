package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.agreement.Comparison;
import io.smtpdup.agreement.Fate;
import io.smtpdup.spool.BrokerSession;
import org.apache.activemq.artemis.api.core.Message;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What a running relay tells of the agreement of its servers, over HTTP, in the log and in the metrics. */
class AgreementToolsTest extends AgreementRelay {

    @Test
    void answersByTheNamesThatItsReadersKnow() {
        agreed(relay, "one", "a@b.example", Instant.now());
        refused(relay, "two", "c@b.example");

        JsonNode report = port.get("/agreement");

        assertThat(names(report)).containsExactly("verdict", "backups");
        JsonNode backup = report.at("/backups/0");
        assertThat(names(backup)).contains("backup", "verdict", "reasons", "since", "until", "compared", "relations", "bound",
                "coverage", "latency", "differences");
        assertThat(backup.get("backup").asText()).isEqualTo(name());
        assertThat(names(backup.get("relations"))).containsExactly("agreed", "healed", "refused", "expired", "leaked", "different",
                "expected", "incomparable", "open");
        assertThat(names(backup.at("/reasons/0"))).containsExactly("code", "text", "advice");
        assertThat(names(backup.get("coverage"))).containsExactly("known", "exercised");
        assertThat(names(backup.at("/latency/backup"))).startsWith("p50", "p95", "p99");
        assertThat(names(backup.at("/differences/0"))).containsExactly("relation", "category", "stage", "primary", "backup", "count",
                "first", "last", "examples");
        assertThat(names(backup.at("/differences/0/examples/0"))).containsExactly("id", "sender", "recipient", "at");
        assertThat(backup.get("compared").asInt()).isEqualTo(2);
        assertThat(backup.at("/coverage/known").asInt()).isEqualTo(2);
    }

    @Test
    void countsTheRecipientsOfCopiesThatWait() {
        port.post("/spool/pause?backup=" + name());
        relay.send("<a@b.example>", List.of("one@d.example", "two@d.example"), SteeredRelay.HELLO, "250");
        await().until(() -> port.get("/spool/backups").at("/backups/0/waiting").asInt() == 1);

        JsonNode backup = port.get("/agreement?backup=" + relay.backup(1).address()).at("/backups/0");

        assertThat(backup.at("/relations/open").asInt()).isEqualTo(2);
        assertThat(backup.at("/evidence/circumstances/oldest_open_seconds").asLong()).isNotNegative();
        port.post("/spool/resume?backup=" + name());
        relay.backup(1).awaitMessages(1);
        await().until(() -> port.get("/agreement").at("/backups/0/relations/open").asInt() == 0);
    }

    @Test
    void listsTheKindsOfDifferencesThatAreMeant() {
        agreed(relay, "one", "a@b.example", Instant.now());
        refused(relay, "two", "c@b.example");
        refused(relay, "three", "d@b.example");

        JsonNode all = port.get("/agreement/signatures");

        assertThat(all.at("/backups/0/backup").asText()).isEqualTo(name());
        assertThat(all.at("/backups/0/differences")).hasSize(1);
        assertThat(all.at("/backups/0/differences/0/count").asInt()).isEqualTo(2);
        assertThat(all.at("/backups/0/differences/0/examples")).hasSize(2);
        assertThat(port.get("/agreement/signatures?relation=refused&category=address").at("/backups/0/differences")).hasSize(1);
        assertThat(port.get("/agreement/signatures?relation=leaked").at("/backups/0/differences")).isEmpty();
        assertThat(port.get("/agreement/signatures?category=size").at("/backups/0/differences")).isEmpty();
    }

    @Test
    void keepsWhatWasBeforeAMark() {
        refused(relay, "two", "c@b.example");
        port.post("/agreement/mark?reason=made+the+mailbox");

        assertThat(port.get("/agreement").at("/backups/0/compared").asInt()).isZero();
        assertThat(port.get("/agreement").at("/backups/0/evidence/mark").asText()).isEqualTo("made the mailbox");
        assertThat(port.get("/agreement/earlier").at("/reports/0/backups/0/relations/refused").asInt()).isEqualTo(1);
        assertThat(port.post("/agreement/forget?address=c@b.example").get("forgotten").asInt()).isPositive();
    }

    @Test
    void filesTheEpochThatEndsUnderTheVerdictThatItHad() {
        relay.set("agreement.oldest_open", "1s");
        restart(ANYTHING_GOES);
        agreed(relay, "one", "a@b.example", Instant.now().minusSeconds(2));
        agreed(relay, "two", "a@b.example", Instant.now());
        assertThat(port.get("/agreement").get("verdict").asText()).isEqualTo("ready");
        port.post("/spool/pause?backup=" + name());
        relay.send("<a@b.example>", List.of("one@d.example"), SteeredRelay.HELLO, "250");
        relay.relay().agreement().record(List.of(new Comparison("three", "sender@a.example", "d@b.example", "left.example-25", TOOK,
                Fate.REFUSED, UNKNOWN, null, 1, Duration.ZERO, Duration.ofMillis(12), Duration.ofMillis(20), Instant.now())));
        await().until(() -> port.get("/agreement").at("/backups/0/reasons/0/code").asText().equals("open-copies"));

        port.post("/agreement/mark?reason=made+the+mailbox");

        JsonNode filed = port.get("/agreement/earlier").at("/reports/0");
        assertThat(filed.get("verdict").asText()).isEqualTo("inconclusive");
        assertThat(filed.at("/backups/0/reasons/0/code").asText()).isEqualTo("open-copies");
        assertThat(filed.at("/backups/1/notes/0/code").asText()).as("of one that has left the list").isEqualTo("no-vote");
    }

    @Test
    void isRememberedAcrossARestart() {
        refused(relay, "two", "c@b.example");

        restart(Map.of());

        assertThat(port.get("/agreement").at("/backups/0/relations/refused").asInt()).isEqualTo(1);
    }

    @Test
    void remembersHowLongABackupWasAwayAcrossARestartAndNotBeyondAMark() {
        relay.backup(1).down();
        relay.send("<a@b.example>", List.of("one@d.example"), SteeredRelay.HELLO, "250");
        await().until(() -> away() >= 1);
        relay.backup(1).up();
        port.post("/spool/retry?all=true");
        relay.backup(1).awaitMessages(1);
        await().until(() -> port.get("/spool/backups").at("/backups/0/state").asText().equals("active"));
        long before = away();

        restart(Map.of());

        assertThat(away()).isEqualTo(before);
        port.post("/agreement/mark?reason=it+is+back");
        assertThat(away()).isZero();
    }

    private long away() {
        return port.get("/agreement").at("/backups/0/evidence/circumstances/away_seconds").asLong();
    }

    @Test
    void doesNotCountWhatWasSetAsideBeforeAMark() throws Exception {
        damage(1);
        assertThat(lostCopies()).endsWith(": 1 copy.");

        port.post("/agreement/mark?reason=sent+it+another+way");
        assertThat(lostCopies()).as("it still lies there").isEmpty();
        restart(Map.of());
        assertThat(lostCopies()).isEmpty();

        damage(2);
        assertThat(lostCopies()).endsWith(": 1 copy.");
        restart(Map.of());
        assertThat(lostCopies()).endsWith(": 1 copy.");
    }

    /** Puts something into the queue that is no copy. */
    private void damage(int before) throws Exception {
        try (BrokerSession session = relay.relay().spool().open(false)) {
            session.send("backup." + name(), session.session().createMessage(Message.DEFAULT_TYPE, true));
        }
        await().until(() -> port.get("/spool/backups").at("/backups/0/damaged").asInt() == before);
    }

    private String lostCopies() {
        for (JsonNode reason : port.get("/agreement").at("/backups/0/reasons")) {
            if (reason.get("code").asText().equals("lost-copies")) {
                return reason.get("text").asText();
            }
        }
        return "";
    }

    @Test
    void showsABackupThatIsNoLongerInTheListWithoutAVote() {
        refused(relay, "two", "c@b.example");

        restart(Map.of("relay.destination_backups", "127.0.0.1:1"));

        JsonNode left = port.get("/agreement?backup=" + relay.backup(1).address()).at("/backups/0");
        assertThat(left.get("verdict").asText()).isEqualTo("not-ready");
        assertThat(left.at("/notes/0/code").asText()).isEqualTo("no-vote");
        assertThat(port.get("/agreement").get("verdict").asText()).isEqualTo("inconclusive");

        restart(Map.of("relay.destination_backups", ""));

        assertThat(port.get("/agreement").get("backups")).isEmpty();
        assertThat(port.get("/agreement").get("verdict").asText()).isEqualTo("inconclusive");
    }

    @Test
    void isNobodysButTheOperators() {
        restart(Map.of("management.token", "correct-horse-battery"));

        for (String path : List.of("/agreement", "/agreement/", "/agreement/signatures", "/agreement/earlier")) {
            assertThat(port.request("GET", path, null).statusCode()).as(path).isEqualTo(401);
            assertThat(port.request("GET", path, null, "Authorization", "Bearer correct-horse-battery").statusCode()).isEqualTo(200);
        }
        assertThat(port.request("POST", "/agreement/mark?reason=x", null).statusCode()).isEqualTo(401);
        assertThat(port.request("GET", "/agreement", null, "Origin", "http://evil.example").statusCode()).isEqualTo(403);
    }

    @Test
    void saysWhatIsWrongWithARequest() {
        assertThat(status("GET", "/agreement/nothing")).isEqualTo(404);
        assertThat(status("GET", "/agreement/mark?reason=x")).isEqualTo(405);
        assertThat(status("POST", "/agreement")).isEqualTo(405);
        assertThat(status("POST", "/agreement/mark")).isEqualTo(400);
        assertThat(status("POST", "/agreement/forget?adress=x")).isEqualTo(400);
        assertThat(status("GET", "/agreement?backup=nobody:25")).isEqualTo(404);
    }

    @Test
    void startsAndDeliversWhereNothingCanBeRecorded() throws IOException {
        relay.stop();
        Path store = relay.directory().resolve("spool/agreement");
        try (Stream<Path> files = Files.walk(store)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        }
        Files.writeString(store, "in the way");
        relay.start();

        relay.send("<a@b.example>", List.of("one@d.example"), SteeredRelay.HELLO, "250");

        relay.backup(1).awaitMessages(1);
        assertThat(port.get("/agreement").get("verdict").asText()).isEqualTo("inconclusive");
    }

    @Test
    void leavesNothingBehindWhereItIsSwitchedOff() {
        relay.stop();
        RelayUnderTest other = RelayUnderTest.withBackups(1).set("agreement.enabled", "false").start();
        try {
            other.send("<a@b.example>", List.of("one@d.example"), SteeredRelay.HELLO, "250");
            other.backup(1).awaitMessages(1);
            assertThat(other.directory().resolve("spool")).isDirectory();
            assertThat(other.directory().resolve("spool/agreement")).doesNotExist();
        } finally {
            other.close();
        }
    }

    @Test
    void saysOnceThatAKindOfDifferenceIsNew() {
        Logger mail = (Logger) LoggerFactory.getLogger("mail");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        mail.addAppender(log);
        mail.setLevel(Level.INFO);
        try {
            refused(relay, "one", "a@b.example");
            refused(relay, "two", "c@b.example");
            port.get("/agreement");
            restart(Map.of());
            refused(relay, "three", "d@b.example");
            port.get("/agreement");

            assertThat(log.list).filteredOn(event -> event.getMessage().equals("difference")).singleElement().satisfies(event -> {
                assertThat(event.getLevel()).isEqualTo(Level.WARN);
                assertThat(event.getKeyValuePairs().stream().collect(Collectors.toMap(pair -> pair.key, pair -> pair.value)))
                        .containsEntry("id", "one").containsEntry("destination", relay.backup(1).address())
                        .containsEntry("relation", "refused").containsEntry("category", "address").containsEntry("stage", "rcpt")
                        .containsEntry("primary", "250 2.0.0").containsEntry("reply", "550 5.1.1 User unknown");
            });
        } finally {
            mail.detachAppender(log);
            mail.setLevel(null);
        }
    }

    @Test
    void showsItInTheMetrics() {
        agreed(relay, "one", "a@b.example", Instant.now());
        refused(relay, "two", "c@b.example");
        refused(relay, "three", "c@b.example");
        port.get("/agreement");

        String page = metrics();

        assertThat(page.lines()).contains("# TYPE smtpdup_agreement_total counter",
                "smtpdup_agreement_total{backup=\"" + name() + "\",category=\"none\",relation=\"agreed\"} 1.0",
                "smtpdup_agreement_total{backup=\"" + name() + "\",category=\"address\",relation=\"refused\"} 2.0",
                "smtpdup_agreement_recipients{backup=\"" + name() + "\",category=\"address\",relation=\"refused\"} 2.0",
                "smtpdup_agreement_coverage{backup=\"" + name() + "\"} 1.0",
                "smtpdup_agreement_verdict{backup=\"" + name() + "\",verdict=\"not-ready\"} 1.0",
                "smtpdup_agreement_verdict{backup=\"" + name() + "\",verdict=\"ready\"} 0.0",
                "smtpdup_agreement_verdict{backup=\"" + name() + "\",verdict=\"inconclusive\"} 0.0");
        assertThat(page).containsPattern("(?m)^smtpdup_agreement_bound\\{backup=\"" + name() + "\"} [01]\\.[0-9]+$");
    }

    @Test
    void countsUpAndShowsWhatStillCounts() {
        refused(relay, "two", "c@b.example");
        port.post("/agreement/mark?reason=made+the+mailbox");
        agreed(relay, "three", "c@b.example", Instant.now());
        port.get("/agreement");

        assertThat(metrics().lines()).contains(
                "smtpdup_agreement_total{backup=\"" + name() + "\",category=\"address\",relation=\"refused\"} 1.0",
                "smtpdup_agreement_total{backup=\"" + name() + "\",category=\"none\",relation=\"agreed\"} 1.0",
                "smtpdup_agreement_recipients{backup=\"" + name() + "\",category=\"none\",relation=\"agreed\"} 1.0");
        await().until(() -> metrics().contains(
                "smtpdup_agreement_recipients{backup=\"" + name() + "\",category=\"address\",relation=\"refused\"} 0.0"));

        restart(Map.of());

        await().until(() -> metrics().contains(
                "smtpdup_agreement_recipients{backup=\"" + name() + "\",category=\"none\",relation=\"agreed\"} 1.0"));
        assertThat(metrics()).contains("smtpdup_agreement_total{backup=\"" + name() + "\",category=\"none\",relation=\"agreed\"} 0.0");
    }

    private String metrics() {
        return new String(port.request("GET", "/observe/metrics", null).body(), StandardCharsets.UTF_8);
    }

    private int status(String method, String path) {
        return port.request(method, path, null).statusCode();
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
