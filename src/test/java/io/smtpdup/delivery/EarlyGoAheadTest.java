package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client sends its content while the primary still thinks about DATA: what the primary says is the reply to the content. */
class EarlyGoAheadTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final String REFUSAL = "554-5.7.1 no content\r\n554 5.7.1 from you";

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final CountDownLatch thought = new CountDownLatch(1);

    private final String uri = "smtp:" + primary.address();

    private CheckingRelay relay = new CheckingRelay(uri, "timeout=10s&localName=localhost");

    @AfterEach
    void stop() {
        thought.countDown();
        relay.close();
        primary.close();
    }

    /** Up to 354, with the primary still thinking. */
    private void begin(SmtpDialogue client, boolean pipelining) {
        String[] commands = {"MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>", "DATA"};
        if (pipelining) {
            client.pipeline(commands);
            Stream.of("250", "250", "250", "354").forEach(client::expect);
        } else {
            Stream.of(commands).forEach(command -> client.say(command, command.equals("DATA") ? "354" : "250"));
        }
        primary.awaitCommand("DATA");
    }

    private void nextMailIsTaken(SmtpDialogue client) {
        CheckingRelay.send(client, "<a@b.example>", List.of("3@d.example"), HELLO, "250");
        assertThat(primary.messages()).hasSize(1).allSatisfy(mail -> assertThat(mail.recipients()).containsExactly("3@d.example"));
    }

    @ParameterizedTest
    @CsvSource({"false, PIPELINING, false", "true, PIPELINING, false", "false, 8BITMIME, false", "true, 8BITMIME, false",
        "false, PIPELINING, true", "true, PIPELINING, true"})
    void theClientSendsWhileThePrimaryThinks(boolean pipelining, String extension, boolean tls) {
        primary.announcing(extension);
        if (tls) {
            primary.withStartTls(TestCertificates.localhost().serverContext());
        }
        primary.on("DATA").waitFor(thought).replyAsUsual();
        try (SmtpDialogue client = relay.client()) {
            begin(client, pipelining);
            client.message(HELLO);
            thought.countDown();
            client.expect("250");
        }

        assertThat(primary.messages()).hasSize(1);
        assertThat(primary.connectionCount()).isEqualTo(1);
        assertThat(relay.copies()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRefusalOfDataIsHeardAtTheDotWordForWord(boolean pipelining) {
        primary.on("DATA").once().waitFor(thought).reply(REFUSAL);
        try (SmtpDialogue client = relay.client()) {
            begin(client, pipelining);
            client.sendRaw("Subject: hello\r\n\r\nQUIT\r\n");
            thought.countDown();
            primary.awaitTranscript("554 5.7.1");
            client.sendRaw("RSET\r\n..\r\n.\r\nNOOP\r\n");
            assertThat(client.expect("554")).isEqualTo(REFUSAL.replace("\r", ""));
            client.expect("250 2.0.0");
            assertThat(primary.connectionCount()).isEqualTo(1);
            assertThat(primary.offeredMessages()).isEmpty();
            assertThat(relay.copies()).isEmpty();
            nextMailIsTaken(client);
        }
    }

    @Test
    void eachRecipientHearsTheRefusalOfDataOverLmtp() {
        relay.close();
        relay = new CheckingRelay("protocol=lmtp&", uri, "timeout=10s&localName=localhost", exchange -> { });
        primary.on("DATA").once().waitFor(thought).reply("451 4.3.0 not now");
        try (SmtpDialogue client = relay.client("LHLO")) {
            begin(client, true);
            client.message(HELLO);
            thought.countDown();
            assertThat(client.expect("451")).isEqualTo("451 4.3.0 not now");
            assertThat(client.expect("451")).isEqualTo("451 4.3.0 not now");
            client.say("NOOP", "250");
        }
        assertThat(relay.copies()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPrimaryThatVanishesWhileItThinksCostsNothing(boolean pipelining) {
        primary.on("DATA").once().waitFor(thought).hangUp();
        try (SmtpDialogue client = relay.client()) {
            begin(client, pipelining);
            thought.countDown();
            await().until(() -> primary.openConnections() == 0);
            client.message(HELLO);
            client.expect("250");
        }

        assertThat(primary.messages()).hasSize(1);
        assertThat(relay.copies()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPrimaryThatNeverAnswersDataIsNoClearAnswer(boolean pipelining) {
        relay.close();
        relay = new CheckingRelay(uri, "timeout=1s&localName=localhost");
        primary.on("DATA").stall();
        try (SmtpDialogue client = relay.client()) {
            begin(client, pipelining);
            client.message(HELLO);
            client.expect("451 4.4.2");
        }
        assertThat(relay.copies()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMailThatIsRefusedHereReachesNobody(boolean pipelining) {
        try (SmtpDialogue client = relay.client()) {
            begin(client, pipelining);
            client.sendRaw("bare\nline feed\r\n.\r\n");
            client.expect("550 5.6.11");
            primary.awaitOpenConnections(0);
            assertThat(primary.offeredMessages()).isEmpty();
            nextMailIsTaken(client);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nobodyIsToldToGoAheadWhenNoRecipientIsLeft(boolean pipelining) {
        primary.on("RCPT").times(1).reply("550 5.1.1 nobody");
        try (SmtpDialogue client = relay.client()) {
            if (pipelining) {
                client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "DATA");
                Stream.of("250", "550 5.1.1 nobody", "554").forEach(client::expect);
            } else {
                client.say("MAIL FROM:<a@b.example>", "250");
                client.say("RCPT TO:<1@d.example>", "550 5.1.1 nobody");
                client.say("DATA", "554 5.5.1");
                assertThat(primary.commands()).doesNotContain("DATA");
            }
            client.say("RSET", "250");
            nextMailIsTaken(client);
        }
    }
}
