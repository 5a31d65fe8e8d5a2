package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A backup at 127.0.0.2 that does not keep quiet, and others that look like it. */
class QuietCheckTest {

    private static final String BACKUP = "127.0.0.2";

    private static final String VACATION = "Subject: away\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n";

    private static final String ORDINARY = "Subject: hello\r\nAuto-Submitted: no\r\n\r\nHello.\r\n";

    private final ManagementPort port = new ManagementPort();

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private final Logger mail = (Logger) LoggerFactory.getLogger("mail");

    private RelayUnderTest relay;

    private ScriptedSmtpServer backup;

    @BeforeEach
    void start() {
        log.start();
        mail.addAppender(log);
        mail.setLevel(Level.INFO);
        relay = RelayUnderTest.withBackups(1).set("management.port", String.valueOf(port.number())).set("smtp.domain", "relay.example");
        backup = ScriptedSmtpServer.startBeside(relay.backup(1), BACKUP);
        relay.set("relay.destination_backups", BACKUP + ":" + backup.port()).start();
    }

    @AfterEach
    void stop() {
        mail.detachAppender(log);
        mail.setLevel(null);
        relay.close();
        backup.close();
    }

    @Test
    void countsAndNamesWhatABackupWritesByItself() {
        send(BACKUP, "", "Subject: Undelivered\r\n\r\nNo.\r\n");
        send(BACKUP, "me@d.example", VACATION);
        send(BACKUP, "me@d.example", "Content-Type: multipart/report; report-type=disposition-notification\r\n\r\nRead.\r\n");
        send(BACKUP, "me@d.example", ORDINARY);

        assertThat(relay.primary().awaitMessages(4)).as("it is treated as any other").hasSize(4);
        assertThat(circumstance("echoes")).isEqualTo(3);
        assertThat(circumstance("loops")).isZero();
        assertThat(codes("reasons")).contains("not-quiet").doesNotContain("loop");
        assertThat(echoes()).extracting(line -> line.get("kind")).containsExactly("bounce", "automatic", "receipt");
        assertThat(echoes()).allSatisfy(line -> assertThat(line).containsEntry("destination", BACKUP + ":" + backup.port())
                .containsKeys("id", "client"));
        assertThat(metrics()).contains(metric("bounce", 1), metric("automatic", 1), metric("receipt", 1), metric("loop", 0));
    }

    @Test
    void writesItDownThoughNobodyAsks() {
        send(BACKUP, "", "Subject: Undelivered\r\n\r\nNo.\r\n");
        relay.primary().awaitMessages(1);

        await().untilAsserted(() -> assertThat(relay.directory().resolve("spool/agreement/history")).content().contains(" 0 0 0 0 1\n"));
    }

    @Test
    void knowsACopyThatComesBackFromTheBackup() {
        send("127.0.0.1", "a@b.example", ORDINARY);
        String copy = "Received: from relay.example by new.example id 7\r\n" + backup.awaitMessages(1).get(0).text();

        send(BACKUP, "a@b.example", copy);

        assertThat(circumstance("loops")).isEqualTo(1);
        assertThat(backup().get("verdict").asText()).isEqualTo("not-ready");
        assertThat(codes("reasons")).contains("loop").doesNotContain("not-quiet");
        assertThat(echoes()).singleElement().satisfies(line -> assertThat(line).containsEntry("kind", "loop"));
        assertThat(metrics()).contains(metric("loop", 1));
    }

    @Test
    void countsALoopThatTheRelayRefusesAsWell() {
        relay.stop();
        relay.set("smtp.hop_limit", "1").start();
        send("127.0.0.1", "a@b.example", ORDINARY);
        String copy = "Received: from relay.example by new.example id 7\r\n" + backup.awaitMessages(1).get(0).text();

        send(BACKUP, "a@b.example", copy, "554 5.4.6");

        assertThat(circumstance("loops")).isEqualTo(1);
    }

    @Test
    void takesNobodyElsesMailForTheBackups() {
        send("127.0.0.1", "a@b.example", ORDINARY);
        String copy = backup.awaitMessages(1).get(0).text();

        send("127.0.0.3", "", ORDINARY);
        send("127.0.0.3", "a@b.example", VACATION);
        send("127.0.0.3", "a@b.example", copy);
        send(BACKUP, "a@b.example", "Received: from x by other.example with ESMTP id 1M857J9QHYK51GMQ; now\r\n" + ORDINARY);

        assertThat(circumstance("echoes")).isZero();
        assertThat(circumstance("loops")).isZero();
        assertThat(echoes()).isEmpty();
    }

    @Test
    void goesByTheClientThatATrustedRelayNames() {
        relay.stop();
        relay.set("smtp.trusted_relays", "127.0.0.0/8").start();

        try (SmtpDialogue postfix = client("127.0.0.1")) {
            postfix.say("XFORWARD ADDR=" + BACKUP, "250");
            send(postfix, "", ORDINARY, "250");
            send(postfix, "", ORDINARY, "250");
        }
        try (SmtpDialogue postfix = client(BACKUP)) {
            postfix.say("XFORWARD ADDR=192.0.2.7", "250");
            send(postfix, "", ORDINARY, "250");
        }

        assertThat(circumstance("echoes")).isEqualTo(1);
    }

    @Test
    void believesNobodyElseWhoTheClientIs() {
        try (SmtpDialogue client = client("127.0.0.3")) {
            client.say("XFORWARD ADDR=" + BACKUP, "550");
            send(client, "", ORDINARY, "250");
        }

        assertThat(circumstance("echoes")).isZero();
    }

    @Test
    void remembersItAcrossARestartAndNotBeyondAMark() {
        send(BACKUP, "me@d.example", VACATION);

        relay.stop();
        relay.start();

        assertThat(circumstance("echoes")).isEqualTo(1);
        send(BACKUP, "me@d.example", VACATION);
        assertThat(circumstance("echoes")).isEqualTo(2);
        port.post("/agreement/mark?reason=vacation+is+off");
        assertThat(circumstance("echoes")).isZero();
        assertThat(codes("reasons")).doesNotContain("not-quiet");
    }

    @Test
    void saysThatItCannotSeeABackupAtTheAddressOfAnother() {
        relay.stop();
        relay.set("relay.destination_primary", BACKUP + ":" + relay.primary().port());
        try (ScriptedSmtpServer primary = ScriptedSmtpServer.startBeside(relay.primary(), BACKUP)) {
            relay.start();
            send(BACKUP, "", ORDINARY);

            assertThat(primary.awaitMessages(1)).hasSize(1);
            assertThat(circumstance("echoes")).isZero();
            assertThat(codes("notes")).contains("not-seen-quiet");
        }
    }

    @Test
    void knowsABackupAtTheAddressOfAnotherByTheNameThatItGivesItself() {
        relay.stop();
        relay.backup(1).on("EHLO").reply("250-new.example at your service\n250 PIPELINING");
        relay.set("relay.destination_backups", relay.backup(1).address()).start();
        send("127.0.0.1", "a@b.example", ORDINARY);
        relay.backup(1).awaitMessages(1);

        send("127.0.0.1", "", ORDINARY);
        try (SmtpDialogue other = SmtpDialogue.connect(relay.relay().port())) {
            other.expect("220");
            other.say("EHLO other.example", "250");
            send(other, "", ORDINARY, "250");
        }

        assertThat(circumstance("echoes")).isEqualTo(1);
        assertThat(codes("notes")).contains("not-seen-quiet");
    }

    private SmtpDialogue client(String address) {
        SmtpDialogue client = SmtpDialogue.connectFrom(address, relay.relay().port());
        client.expect("220");
        client.say("EHLO new.example", "250");
        return client;
    }

    private void send(String address, String sender, String message) {
        send(address, sender, message, "250");
    }

    private void send(String address, String sender, String message, String expectation) {
        try (SmtpDialogue client = client(address)) {
            send(client, sender, message, expectation);
        }
    }

    private static void send(SmtpDialogue client, String sender, String message, String expectation) {
        RelayUnderTest.send(client, "<" + sender + ">", List.of("c@d.example"), message.getBytes(StandardCharsets.ISO_8859_1), expectation);
    }

    private JsonNode backup() {
        return port.get("/agreement").at("/backups/0");
    }

    private long circumstance(String name) {
        return backup().at("/evidence/circumstances/" + name).asLong(-1);
    }

    private List<String> codes(String list) {
        List<String> codes = new ArrayList<>();
        backup().get(list).forEach(one -> codes.add(one.get("code").asText()));
        return codes;
    }

    private List<Map<String, Object>> echoes() {
        return List.copyOf(log.list).stream().filter(event -> event.getMessage().equals("echo")).map(event -> event.getKeyValuePairs()
                .stream().collect(Collectors.toMap(pair -> pair.key, pair -> pair.value))).toList();
    }

    private List<String> metrics() {
        return new String(port.request("GET", "/observe/metrics", null).body(), StandardCharsets.UTF_8).lines().toList();
    }

    private String metric(String kind, int number) {
        return "smtpdup_backup_echoes_total{backup=\"" + BACKUP + "-" + backup.port() + "\",kind=\"" + kind + "\"} " + number + ".0";
    }
}
