package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.Recipient;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that says DATA without waiting for the replies to its RCPT: the primary is asked as early. */
class PipelinedDataTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final String uri = "smtp:" + primary.address();

    private CheckingRelay relay = new CheckingRelay(uri, "timeout=20s&localName=localhost");

    @AfterEach
    void stop() {
        relay.close();
        primary.close();
    }

    /** Says the whole envelope and DATA, and hears these replies to it. */
    private static void open(SmtpDialogue client, String... replies) {
        client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>", "DATA");
        Stream.of(replies).forEach(client::expect);
    }

    private static void mail(SmtpDialogue client) {
        open(client, "250", "250", "250", "354");
        client.message(HELLO);
        client.expect("250");
    }

    @ParameterizedTest
    @ValueSource(strings = {"451 4.3.0 not now", "554 5.7.1 no content from you"})
    void theClientHearsThePrimaryOnData(String reply) {
        CountDownLatch clientSends = new CountDownLatch(1);
        primary.on("DATA").once().waitFor(clientSends).reply(reply);

        try (SmtpDialogue client = relay.client()) {
            open(client, "250", "250", "250", "354");
            client.message(HELLO);
            clientSends.countDown();
            assertThat(client.expect(reply.substring(0, 3))).isEqualTo(reply);
            mail(client);
        }

        assertThat(primary.messages()).hasSize(1);
        assertThat(primary.connectionCount()).isEqualTo(2);
        assertThat(relay.copies()).hasSize(1);
    }

    @Test
    void theNextMailGetsAFreshConnectionWhenAllRecipientsAreRefused() {
        primary.on("RCPT").times(2).reply("550 5.1.1 nobody");

        try (SmtpDialogue client = relay.client()) {
            open(client, "250", "550 5.1.1 nobody", "550 5.1.1 nobody", "554");
            client.say("RSET", "250");
            mail(client);
        }

        assertThat(primary.messages()).hasSize(1);
        assertThat(primary.connectionCount()).isEqualTo(2);
    }

    @Test
    void nothingIsGivenToAPrimaryThatWantsContentForNobody() {
        primary.on("RCPT").times(2).reply("550 5.1.1 nobody");
        primary.on("DATA").once().reply("354 go ahead");

        try (SmtpDialogue client = relay.client()) {
            open(client, "250", "550 5.1.1 nobody", "550 5.1.1 nobody", "554 5.5.1");
            primary.awaitOpenConnections(0);
            client.say("RSET", "250");
            mail(client);
        }

        assertThat(primary.offeredMessages()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gone", "bare"})
    void nothingIsGivenToThePrimaryWhenTheContentNeverComesOrIsRefused(String how) {
        try (SmtpDialogue client = relay.client()) {
            open(client, "250", "250", "250", "354");
            client.sendRaw("Subject: half a mail\r\n");
            if (how.equals("bare")) {
                client.sendRaw("bare\nline feed\r\n.\r\n");
                client.expect("550 5.6.11");
                primary.awaitOpenConnections(0);
                mail(client);
            }
        }
        if (how.equals("gone")) {
            primary.awaitOpenConnections(0);
        }

        assertThat(primary.offeredMessages()).hasSize(how.equals("bare") ? 1 : 0);
        assertThat(relay.copies()).hasSize(how.equals("bare") ? 1 : 0);
    }

    @Test
    void looksWhetherThePrimaryIsStillThereAlsoUnderTls() {
        primary.withStartTls(TestCertificates.localhost().serverContext());

        try (SmtpDialogue client = relay.client()) {
            mail(client);
            mail(client);
        }

        assertThat(primary.messages()).hasSize(2).allMatch(ReceivedMessage::tls);
        assertThat(primary.connectionCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theMailGoesOverAnotherConnectionWhenThePrimaryWasTiredOfWaiting(boolean tls) {
        if (tls) {
            primary.withStartTls(TestCertificates.localhost().serverContext());
        }
        try (SmtpDialogue client = relay.client()) {
            open(client, "250", "250", "250", "354");
            primary.dropIdleConnections();
            client.message(HELLO);
            client.expect("250");
        }

        assertThat(primary.awaitMessages(1).get(0).recipients()).containsExactly("1@d.example", "2@d.example");
        assertThat(relay.copies()).hasSize(1);
    }

    @Test
    void theMailGoesOverAnotherConnectionWhenThePrimaryLeavesWithinTheContent() {
        byte[] big = ("Subject: big\r\n\r\n" + "0123456789".repeat(7).concat("\r\n").repeat(300_000))
                .getBytes(StandardCharsets.US_ASCII); // more than the system holds for a server that has not left yet
        primary.hangUpDuringData(1000);
        try (SmtpDialogue client = relay.client()) {
            open(client, "250", "250", "250", "354");
            client.message(big);
            client.expect("451 4.4.2");
        }
        assertThat(primary.connectionCount()).isEqualTo(2);
        assertThat(relay.copies()).isEmpty();

        primary.behaveAgain();
        try (SmtpDialogue client = relay.client()) {
            open(client, "250", "250", "250", "354");
            client.message(big);
            client.expect("250");
        }
        assertThat(primary.awaitMessages(1)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL", "RCPT", "DATA"})
    void theMailIsSentOnceWhenThePrimaryLeavesWithinTheEnvelope(String where) {
        primary.on(where).once().hangUp();

        try (SmtpDialogue client = relay.client()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>", "DATA");
            Stream.of("250", "250", "250", "354").forEach(client::expect);
            client.message(HELLO);
            client.expect("250");
        }

        assertThat(primary.messages()).hasSize(1);
        assertThat(relay.copies()).hasSize(1);
    }

    @Test
    void anEnvelopeThatTheRouteChangedTakesAnotherConnection() {
        relay.close();
        relay = new CheckingRelay(uri, "timeout=20s&localName=localhost", exchange ->
                EnvelopeHeaders.write(EnvelopeHeaders.read(exchange.getMessage()).orElseThrow()
                        .withForwardPaths(List.of(new Recipient("1@d.example"))), exchange.getMessage()));

        try (SmtpDialogue client = relay.client()) {
            mail(client);
            mail(client);
        }

        assertThat(primary.messages()).hasSize(2).allSatisfy(message ->
                assertThat(message.recipients()).containsExactly("1@d.example"));
        assertThat(primary.offeredMessages()).hasSize(2);
    }

    @Test
    void aMailWithManyRecipientsStillAsksForTheContentWithTheLastOfThem() {
        try (SmtpDialogue client = relay.client()) {
            String[] lines = Stream.concat(Stream.concat(Stream.of("MAIL FROM:<a@b.example>"),
                    Stream.iterate(1, n -> n + 1).limit(120).map(n -> "RCPT TO:<" + n + "@d.example>")), Stream.of("DATA"))
                    .toArray(String[]::new);
            client.pipeline(lines);
            for (int i = 0; i < 121; i++) {
                client.expect("250");
            }
            client.expect("354");
            client.message(HELLO);
            client.expect("250");
        }

        assertThat(primary.awaitMessages(1).get(0).recipients()).hasSize(120);
        assertThat(primary.flights(1)).anySatisfy(flight -> assertThat(flight).hasSizeGreaterThan(1).last().isEqualTo("DATA"));
    }
}
