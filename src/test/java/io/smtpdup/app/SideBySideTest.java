package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.Test;

/** What the report shows of both servers, and of the mails that one of them has taken. */
class SideBySideTest extends AgreementRelay {

    private static final String SERVERS = "/backups/0/servers";

    private static final String SMALL = "Subject: x\r\n\r\nx\r\n";

    @Test
    void showsWhatBothAnnounce() {
        relay.backup(1).announcing("PIPELINING", "SIZE 20000000", "AUTH PLAIN LOGIN", "X-NEW and more");
        mail();

        JsonNode report = port.get("/agreement");

        assertThat(report.at(SERVERS + "/primary/extensions/SIZE").asText()).isEqualTo("60000000");
        assertThat(report.at(SERVERS + "/primary/extensions/SMTPUTF8").asText(null)).isEmpty();
        JsonNode backup = report.at(SERVERS + "/backup");
        assertThat(names(backup)).containsExactly("name", "at", "extensions", "tls", "certificate", "certificate_until", "certificate_days",
                "recipients");
        assertThat(names(backup.get("extensions"))).containsExactly("AUTH", "PIPELINING", "SIZE", "X-NEW");
        assertThat(backup.at("/extensions/AUTH").asText()).isEqualTo("PLAIN LOGIN");
        assertThat(backup.get("tls").isNull()).isTrue();
        assertThat(codes(report, "notes")).contains("smaller-size", "no-8bitmime", "no-smtputf8");
        assertThat(run("agreement").out()).contains("  Side by side\n").containsPattern("  SIZE +60000000 +20000000\n")
                .containsPattern("  SMTPUTF8 +yes +no\n").containsPattern("  TLS +no +no\n").contains("Of 1 mails that the primary took");
        assertThat(run("agreement", "--csv").out()).contains(name() + ",inconclusive,server,SIZE,,60000000,20000000,,,,\r\n",
                name() + ",inconclusive,seen,mails,,,,1,,,\r\n");
    }

    @Test
    void showsTlsAndTheCertificate() {
        relay.backup(1).withStartTls(TestCertificates.made("-keyalg", "EC", "-groupname", "secp256r1", "-startdate", "-1d", "-validity", "20")
                .serverContext());
        mail();

        JsonNode report = port.get("/agreement");

        assertThat(report.at(SERVERS + "/backup/tls").asText()).startsWith("TLSv1.");
        assertThat(report.at(SERVERS + "/backup/certificate").asText()).contains("CN=localhost");
        assertThat(report.at(SERVERS + "/backup/certificate_days").asInt(-1)).isBetween(15, 19);
        assertThat(codes(report, "notes")).contains("backup-certificate");
    }

    @Test
    void countsMailsThatTheBackupWouldNotTakeAlsoWhenItGetsNone() {
        relay.backup(1).announcing("PIPELINING", "SIZE 2000");
        restart(Map.of("relay.destination_backups", relay.backup(1).address() + "?except=@d.example"));
        send("<a@b.example> BODY=8BITMIME", List.of("c@d.example", "e@d.example"), "Subject: x\r\n\r\n\u00e4" + "x".repeat(900) + "\r\n"
                + ("x".repeat(900) + "\r\n").repeat(3));
        send("<\u00e4@b.example> SMTPUTF8", List.of("c@d.example"), SMALL);
        send("<a@b.example>", List.of("c@elsewhere.example"), SMALL);
        relay.backup(1).awaitMessages(1);

        JsonNode report = port.get("/agreement");

        JsonNode seen = report.at("/backups/0/seen");
        assertThat(seen.get("mails").asInt()).isEqualTo(3);
        assertThat(seen.get("largest").asInt()).isGreaterThan(3600);
        assertThat(seen.get("most_recipients").asInt()).isEqualTo(2);
        assertThat(seen.get("eight_bit").asInt()).isEqualTo(1);
        assertThat(seen.get("smtp_utf8").asInt()).isEqualTo(1);
        assertThat(codes(report, "reasons")).contains("would-not-fit-size", "would-not-fit-8bitmime", "would-not-fit-smtputf8");
        assertThat(report.get("verdict").asText()).isEqualTo("not-ready");

        relay.backup(1).announcing("PIPELINING", "SIZE 60000000", "8BITMIME", "SMTPUTF8");
        restart(Map.of());

        assertThat(codes(port.get("/agreement"), "reasons")).as("it has said nothing else yet").contains("would-not-fit-size");
        send("<a@b.example>", List.of("c@elsewhere.example"), SMALL);
        relay.backup(1).awaitMessages(2);
        assertThat(codes(port.get("/agreement"), "reasons")).noneMatch(code -> code.startsWith("would-not-fit"));
        assertThat(port.get("/agreement").at("/backups/0/seen/mails").asInt()).isEqualTo(4);
    }

    @Test
    void countsNoMailThatThePrimaryRefuses() {
        relay.primary().on("DOT").once().reply("554 5.7.1 no");
        relay.send("<a@b.example>", List.of("c@d.example"), SteeredRelay.HELLO, "554");

        assertThat(port.get("/agreement").at("/backups/0/seen").isNull()).isTrue();
    }

    @Test
    void doesNotKnowABackupThatHasNeverAnswered() {
        relay.backup(1).down();
        send("<a@b.example>", List.of("c@d.example"), SMALL);

        JsonNode report = port.get("/agreement");

        assertThat(report.at(SERVERS + "/backup").isNull()).isTrue();
        assertThat(report.at(SERVERS + "/primary/name").asText()).isNotEmpty();
        assertThat(codes(report, "notes")).contains("not-answered");
        assertThat(run("agreement").out()).containsPattern("  SIZE +60000000 +not known\n");
    }

    @Test
    void showsHowManyRecipientsABackupTakes() {
        relay.backup(1).on("RCPT").when(line -> line.contains("r5@")).once().reply("452 4.5.3 Too many recipients");
        relay.send("<a@b.example>", IntStream.range(0, 9).mapToObj(i -> "r" + i + "@d.example").toList(), SteeredRelay.HELLO, "250");
        relay.backup(1).awaitMessages(2);

        JsonNode report = port.get("/agreement");

        assertThat(report.at(SERVERS + "/backup/recipients").asInt()).isEqualTo(5);
        assertThat(report.at(SERVERS + "/primary/recipients").isNull()).isTrue();
        assertThat(codes(report, "notes")).contains("fewer-recipients");
    }

    @Test
    void keepsWhatAHostileServerSaysShort() throws IOException {
        List<String> announced = new ArrayList<>(List.of("\u001b[31mRED", "<script> x", "LONG " + "x".repeat(400), "Y".repeat(40), "SIZE \u0007 7"));
        IntStream.range(0, 80).forEach(i -> announced.add("KEY" + i));
        relay.backup(1).announcing(announced.toArray(String[]::new));
        mail();

        JsonNode extensions = port.get("/agreement").at(SERVERS + "/backup/extensions");

        assertThat(names(extensions)).hasSize(40).allSatisfy(name -> assertThat(name).matches("[A-Z0-9-]{1,32}"));
        assertThat(extensions).allSatisfy(value -> assertThat(value.asText()).hasSizeLessThan(110).doesNotContainPattern("\\p{Cc}"));
        assertThat(run("agreement").out()).doesNotContain("\u001b", "\u0007", "<script>");
        assertThat(Files.size(relay.directory().resolve("spool/agreement/servers"))).isLessThan(10_000);
    }

    @Test
    void beginsAnewWithAFileThatCannotBeRead() throws IOException {
        mail();
        port.get("/agreement");
        relay.stop();
        Path file = relay.directory().resolve("spool/agreement/servers");
        assertThat(file).isNotEmptyFile();
        Files.writeString(file, "{\"servers\": {\"x\": 1");
        relay.start();

        assertThat(port.get("/agreement").at("/backups/0/seen").isNull()).isTrue();
        mail();
        await().until(() -> port.get("/agreement").at("/backups/0/seen/mails").asInt() == 1);
    }

    /** One that both servers get. */
    private void mail() {
        int before = relay.backup(1).messages().size();
        send("<a@b.example>", List.of("c@d.example"), SMALL);
        relay.backup(1).awaitMessages(before + 1);
    }

    private void send(String sender, List<String> recipients, String message) {
        relay.send(sender, recipients, message.getBytes(StandardCharsets.UTF_8), "250");
    }

    private static List<String> codes(JsonNode report, String list) {
        List<String> codes = new ArrayList<>();
        report.at("/backups/0/" + list).forEach(one -> codes.add(one.get("code").asText()));
        return codes;
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
