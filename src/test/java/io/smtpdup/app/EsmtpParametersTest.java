package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The whole envelope from the client to the primary and the backups, which announce more or less. */
class EsmtpParametersTest {

    private static final byte[] SEVEN_BIT = octets("Subject: x\r\n\r\nx\r\n");

    private static final byte[] EIGHT_BIT = octets("Subject: x\r\n\r\nfür\r\n");

    private static final byte[] EIGHT_BIT_HEADER = octets("Subject: für\r\n\r\nx\r\n");

    private final ManagementPort port = new ManagementPort();

    private final RelayUnderTest relay =
            RelayUnderTest.withBackups(2).set("management.port", String.valueOf(port.number()));

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void takesNoDsnParametersWhenNobodyIsAsked() throws IOException {
        relay.primary().announcing("DSN");
        askingNobody().start();

        try (SmtpDialogue client = SmtpDialogue.connect(relay.relay().port())) {
            client.expect("220");
            assertThat(client.say("EHLO client.example", "250")).doesNotContain("DSN").contains("8BITMIME", "SMTPUTF8");
            client.say("MAIL FROM:<a@b.example> RET=FULL", "555 5.5.4");
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<c@d.example> NOTIFY=NEVER", "555 5.5.4");
        }
    }

    @Test
    void carriesTheWholeEnvelopeToThePrimaryAndTheBackupsAlsoThroughARestart() throws IOException {
        relay.primary().announcing("SIZE", "8BITMIME", "SMTPUTF8", "DSN");
        relay.backup(1).announcing("8BITMIME", "SMTPUTF8", "DSN").down();
        relay.backup(2).announcing("8BITMIME", "SMTPUTF8");
        relay.start();

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<jürgen@b.example> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+20b", "250");
            client.say("RCPT TO:<\"c d\"@d.example> NOTIFY=SUCCESS,DELAY ORCPT=utf-8;jürgen@d.example", "250");
            client.say("RCPT TO:<e@d.example>", "250");
            client.data(EIGHT_BIT_HEADER);
            client.expect("250");
        }
        relay.stop();
        relay.backup(1).up();
        relay.start();

        ReceivedMessage primary = relay.primary().awaitMessages(1).get(0);
        assertThat(primary.mailFrom()).isEqualTo("<jürgen@b.example> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+20b");
        assertThat(primary.rcptTo()).containsExactly(
                "<\"c d\"@d.example> NOTIFY=SUCCESS,DELAY ORCPT=utf-8;jürgen@d.example", "<e@d.example>");
        ReceivedMessage first = relay.backup(1).awaitMessages(1).get(0);
        assertThat(first.mailFrom()).isEqualTo("<jürgen@b.example> BODY=8BITMIME SMTPUTF8 ENVID=a+20b");
        assertThat(first.rcptTo()).containsExactly(
                "<\"c d\"@d.example> NOTIFY=NEVER ORCPT=utf-8;jürgen@d.example", "<e@d.example> NOTIFY=NEVER");
        ReceivedMessage second = relay.backup(2).awaitMessages(1).get(0);
        assertThat(second.mailFrom()).isEqualTo("<jürgen@b.example> BODY=8BITMIME SMTPUTF8");
        assertThat(second.rcptTo()).containsExactly("<\"c d\"@d.example>", "<e@d.example>");
        assertThat(first.belowReceived()).isEqualTo(EIGHT_BIT_HEADER);
    }

    @Test
    void keepsWhatWasSaidOfEachRecipientWhenACopyIsSplit() throws IOException {
        relay.primary().announcing("DSN");
        relay.backup(1).announcing("DSN");
        relay.backup(1).on("RCPT").when(line -> line.contains("<full@")).once().reply("452 4.2.2 mailbox full");
        relay.start();

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example> ENVID=x", "250");
            client.say("RCPT TO:<one@d.example> ORCPT=rfc822;1@d.example", "250");
            client.say("RCPT TO:<full@d.example> ORCPT=rfc822;2@d.example", "250");
            client.data(SEVEN_BIT);
            client.expect("250");
        }

        assertThat(relay.backup(1).awaitMessages(2)).extracting(ReceivedMessage::rcptTo).containsExactly(
                List.of("<one@d.example> NOTIFY=NEVER ORCPT=rfc822;1@d.example"),
                List.of("<full@d.example> NOTIFY=NEVER ORCPT=rfc822;2@d.example"));
        assertThat(relay.backup(1).messages()).allSatisfy(mail -> assertThat(mail.mailFrom()).contains("ENVID=x"));
    }

    @Test
    void announcesWhatThePrimaryCanTakeAndNoMore() {
        relay.primary().announcing("SIZE 1000");
        relay.start();

        try (SmtpDialogue client = SmtpDialogue.connect(relay.relay().port())) {
            client.expect("220");
            assertThat(client.say("EHLO client.example", "250"))
                    .contains("SIZE 1000").doesNotContain("8BITMIME").doesNotContain("SMTPUTF8").doesNotContain("DSN");
            client.say("MAIL FROM:<a@b.example> BODY=8BITMIME", "555 5.5.4");
            client.say("MAIL FROM:<a@b.example> SIZE=1001", "552 5.3.4");
        }
        relay.send("<a@b.example>", List.of("c@d.example"), EIGHT_BIT, "554 5.6.3");
        assertThat(relay.primary().messages()).isEmpty();
    }

    @Test
    void tellsTheClientAfterItsContentWhatThePrimaryCannotTakeWhenNobodyWasAskedBefore() throws IOException {
        relay.primary().announcing("SIZE");
        askingNobody().start();

        relay.send("<a@b.example>", List.of("c@d.example"), EIGHT_BIT, "554 5.6.3");
        relay.send("<a@b.example> BODY=8BITMIME", List.of("c@d.example"), EIGHT_BIT, "554 5.6.3");
        relay.send("<a@b.example> SMTPUTF8", List.of("jürgen@d.example"), SEVEN_BIT, "550 5.6.7");
        relay.send("<a@b.example> SMTPUTF8", List.of("c@d.example"), EIGHT_BIT_HEADER, "550 5.6.7");
        relay.send("<a@b.example> SMTPUTF8 BODY=8BITMIME", List.of("c@d.example"), SEVEN_BIT, "250");

        assertThat(relay.primary().awaitMessages(1)).hasSize(1);
        assertThat(relay.primary().messages().get(0).mailFrom()).doesNotContain("SMTPUTF8", "BODY");
        relay.backup(1).awaitMessages(1);
    }

    @Test
    void makesADeadLetterAtOnceOfWhatABackupCannotTake() {
        relay.backup(1).announcing("SIZE");
        relay.start();

        relay.send("<a@b.example>", List.of("c@d.example"), EIGHT_BIT, "250");
        relay.send("<a@b.example> SMTPUTF8", List.of("jürgen@d.example"), SEVEN_BIT, "250");
        relay.send("<a@b.example> SMTPUTF8", List.of("e@d.example"), SEVEN_BIT, "250");

        assertThat(relay.backup(1).awaitMessages(1).get(0).recipients()).containsExactly("e@d.example");
        assertThat(relay.backup(2).awaitMessages(3)).hasSize(3);
        await().untilAsserted(() -> assertThat(port.get("/spool/dead").get("copies")).hasSize(2));
        JsonNode dead = port.get("/spool/dead").get("copies");
        assertThat(dead).extracting(copy -> copy.at("/recipients/0").asText() + " "
                + copy.get("last_reply").asText().substring(0, 9) + " " + copy.get("attempts").asInt())
                .containsExactlyInAnyOrder("c@d.example 554 5.6.3 1", "jürgen@d.example 550 5.6.7 1");
        String label = "{destination=\"" + relay.backup(1).address() + "\"";
        await().untilAsserted(() -> assertThat(metrics()).contains("smtpdup_dead_length" + label + "} 2.0",
                "smtpdup_copies_dead_total" + label + "} 2.0", "smtpdup_delivery_total" + label + ",outcome=\"failed\"} 2.0"));
    }

    private String metrics() {
        return new String(port.request("GET", "/observe/metrics", null).body(), StandardCharsets.UTF_8);
    }

    /** Takes the option away, as an operator may. */
    private RelayUnderTest askingNobody() throws IOException {
        Path route = relay.directory().resolve("routes").resolve("10-relay.camel.yaml");
        Files.writeString(route, Files.readString(route).replaceAll("\n *parameters:\n *recipientCheck:.*", ""));
        return relay;
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
