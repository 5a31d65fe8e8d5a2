package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client hears of every recipient what the primary says, while it is still talking. */
class RecipientCheckTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final List<String> ALL = List.of("1@d.example", "2@d.example", "3@d.example");

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final CheckingRelay relay = new CheckingRelay("smtp:" + primary.address(), "timeout=3s&localName=localhost");

    @AfterEach
    void stop() {
        relay.close();
        primary.close();
    }

    @ParameterizedTest
    @CsvSource({"1,550 5.1.1", "2,550 5.1.1", "3,550 5.1.1", "1,450 4.2.1", "2,450 4.2.1", "3,450 4.2.1"})
    void aRefusedRecipientIsInNobodysEnvelope(int refused, String reply) {
        String nobody = refused + "@d.example";
        primary.on("RCPT").when(line -> line.contains(nobody)).reply(reply + " not that one");

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            ALL.forEach(to -> client.say(
                    "RCPT TO:<" + to + ">", to.equals(nobody) ? reply + " not that one" : "250 2.1.5"));
            client.data(HELLO);
            client.expect("250");
        }

        List<String> others = ALL.stream().filter(to -> !to.equals(nobody)).toList();
        assertThat(primary.awaitMessages(1).get(0).recipients()).isEqualTo(others);
        assertThat(relay.copies()).containsExactly(others);
        saysOnceEach("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>", "RCPT TO:<3@d.example>", "DATA");
    }

    @ParameterizedTest
    @ValueSource(strings = {"550 5.1.1 nobody", "450 4.2.1 full"})
    void theMailHasNoRecipientWhenThePrimaryRefusesAll(String reply) {
        primary.on("RCPT").times(3).reply(reply);

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            ALL.forEach(to -> client.say("RCPT TO:<" + to + ">", reply));
            client.say("DATA", "554 5.5.1");
            client.say("RSET", "250");
            CheckingRelay.send(client, "<a@b.example>", ALL, HELLO, "250");
        }

        assertThat(primary.messages()).hasSize(1);
        assertThat(primary.connectionCount()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"550 5.7.1 not you", "451 4.7.1 later", "250 2.1.0 welcome"})
    void theClientHearsThePrimaryOnTheSender(String reply) {
        primary.on("MAIL").once().reply(reply);

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", reply);
            if (!reply.startsWith("250")) {
                client.say("RCPT TO:<1@d.example>", "503");
                CheckingRelay.send(client, "<a@b.example>", ALL, HELLO, "250");
            }
        }

        assertThat(primary.connectionCount()).isEqualTo(reply.startsWith("250") ? 1 : 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"550 5.1.1 one of them does not exist", "451 4.3.0 not now", "554 5.6.0 not that"})
    void theClientHearsThePrimaryOnTheContent(String reply) {
        primary.on("DOT").once().reply(reply);

        try (SmtpDialogue client = relay.client()) {
            CheckingRelay.send(client, "<a@b.example>", ALL, HELLO, reply);
            CheckingRelay.send(client, "<a@b.example>", ALL, HELLO, "250");
        }

        assertThat(relay.copies()).hasSize(1);
        assertThat(primary.connectionCount()).isEqualTo(2);
    }

    @Test
    void aPipelinedEnvelopeReachesThePrimaryInOneFlight() {
        try (SmtpDialogue client = relay.client()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>", "DATA");
            Stream.of("250", "250", "250", "354").forEach(client::expect);
            client.message(HELLO);
            client.expect("250");
        }

        assertThat(primary.flights(1).get(1))
                .containsExactly("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>", "DATA");
        assertThat(primary.commands()).containsOnlyOnce("DATA");
    }

    @Test
    void aPipelinedEnvelopeGetsItsRepliesInOrder() {
        primary.on("RCPT").when(line -> line.contains("<2@")).reply("550 5.1.1 nobody");

        try (SmtpDialogue client = relay.client()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>", "RCPT TO:bad<",
                    "RCPT TO:<3@d.example>", "DATA");
            Stream.of("250", "250", "550 5.1.1 nobody", "501", "250", "354").forEach(client::expect);
            client.message(HELLO);
            client.expect("250");
        }

        assertThat(primary.awaitMessages(1).get(0).recipients()).containsExactly("1@d.example", "3@d.example");
    }

    @Test
    void aPipelinedEnvelopeWhoseSenderIsRefusedGetsOneReplyEach() {
        primary.on("MAIL").once().reply("550 5.7.1 not you");

        try (SmtpDialogue client = relay.client()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>", "DATA");
            Stream.of("550 5.7.1 not you", "503", "503", "503").forEach(client::expect);
            CheckingRelay.send(client, "<a@b.example>", ALL, HELLO, "250");
        }

        assertThat(primary.connectionCount()).isEqualTo(2);
    }

    @Test
    void asksOneByOneWhereThePrimaryDoesNotPipeline() {
        primary.announcing("8BITMIME");
        primary.on("RCPT").when(line -> line.contains("<2@")).reply("550 5.1.1 nobody");

        try (SmtpDialogue client = relay.client()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>",
                    "RCPT TO:<3@d.example>", "DATA");
            Stream.of("250", "250", "550 5.1.1 nobody", "250", "354").forEach(client::expect);
            client.message(HELLO);
            client.expect("250");
        }

        assertThat(primary.flights(1)).allMatch(flight -> flight.size() == 1);
        assertThat(primary.awaitMessages(1).get(0).recipients()).containsExactly("1@d.example", "3@d.example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSET", "EHLO again.example", "QUIT", "gone"})
    void theConnectionEndsWithATransactionThatCameToNothing(String how) {
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<1@d.example>", "250");
            if (!how.equals("gone")) {
                client.say(how, how.equals("QUIT") ? "221" : "250");
            }
        }
        primary.awaitCommand("QUIT");

        try (SmtpDialogue client = relay.client()) {
            CheckingRelay.send(client, "<c@b.example>", ALL, HELLO, "250");
        }

        assertThat(primary.connectionCount()).isEqualTo(2);
        assertThat(primary.messages()).hasSize(1);
        assertThat(primary.messages().get(0).mailFrom()).contains("<c@b.example>");
    }

    @Test
    void theConnectionEndsWhenTheClientFallsAsleep() {
        try (CheckingRelay impatient = new CheckingRelay("commandTimeout=300&", "smtp:" + primary.address(),
                "timeout=3s&localName=localhost", exchange -> { });
                SmtpDialogue client = impatient.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<1@d.example>", "250");
            client.expect("421 4.4.2");
            primary.awaitCommand("QUIT");

            try (SmtpDialogue other = impatient.client()) {
                CheckingRelay.send(other, "<c@b.example>", ALL, HELLO, "250");
            }
        }

        assertThat(primary.connectionCount()).isEqualTo(2);
        assertThat(primary.messages().get(0).mailFrom()).contains("<c@b.example>");
    }

    @Test
    void answers451AtMailWhenThePrimaryCannotBeReached() {
        primary.down();

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "451 4.4.1");
            client.say("RCPT TO:<1@d.example>", "503");
            primary.up();
            CheckingRelay.send(client, "<a@b.example>", ALL, HELLO, "250");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL", "RCPT"})
    void replacesADeadConnectionOfThePoolWithoutAWord(String moment) {
        try (SmtpDialogue client = relay.client()) {
            CheckingRelay.send(client, "<a@b.example>", ALL, HELLO, "250");
        }
        if (moment.equals("MAIL")) {
            primary.dropIdleConnections();
        } else {
            primary.on("MAIL").once().replyAndHangUp("421 4.4.2 idle too long");
        }

        try (SmtpDialogue client = relay.client()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "DATA");
            Stream.of("250", "250", "354").forEach(client::expect);
            client.message(HELLO);
            client.expect("250");
        }

        assertThat(primary.awaitMessages(2)).hasSize(2);
    }

    @Test
    void sendsTheContentOverAnotherConnectionWhenThePrimaryLeftWhileTheClientWasTyping() {
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<1@d.example>", "250");
            primary.dropIdleConnections();
            client.data(HELLO);
            client.expect("250");
        }

        assertThat(primary.awaitMessages(1)).hasSize(1);
        assertThat(relay.copies()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"RCPT,451 4.4.2", "DOT,451 4.4.2"})
    void answers451WhenThePrimaryClosesTheLine(String where, String reply) {
        primary.on(where).once().hangUp();

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<1@d.example>", where.equals("RCPT") ? reply : "250");
            if (where.equals("DOT")) {
                client.data(HELLO);
                client.expect(reply);
            } else {
                client.say("DATA", "554 5.5.1");
            }
        }

        assertThat(primary.messages()).isEmpty();
        assertThat(relay.copies()).isEmpty();
    }

    @Test
    void refusesForNowWhatThePrimaryRefusesInPartOverTheOtherConnection() {
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            ALL.forEach(to -> client.say("RCPT TO:<" + to + ">", "250"));
            primary.dropIdleConnections();
            primary.on("RCPT").when(line -> line.contains("<2@")).reply("550 5.1.1 gone meanwhile");
            client.data(HELLO);
            client.expect("451 4.5.0");
        }

        assertThat(primary.offeredMessages()).isEmpty();
        assertThat(relay.copies()).isEmpty();
    }

    @Test
    void tellsAnLmtpClientWhichRecipientThePrimaryRefusesOverTheOtherConnection() {
        try (CheckingRelay lmtp = new CheckingRelay("protocol=lmtp&", "smtp:" + primary.address(),
                "timeout=3s&localName=localhost", exchange -> { });
                SmtpDialogue client = lmtp.client("LHLO")) {
            client.say("MAIL FROM:<a@b.example>", "250");
            ALL.forEach(to -> client.say("RCPT TO:<" + to + ">", "250"));
            primary.dropIdleConnections();
            primary.on("RCPT").when(line -> line.contains("<2@")).reply("550 5.1.1 gone meanwhile");
            client.data(HELLO);
            Stream.of("451 4.5.0", "550 5.1.1 gone meanwhile", "451 4.5.0").forEach(client::expect);
            assertThat(lmtp.copies()).isEmpty();
        }

        assertThat(primary.offeredMessages()).isEmpty();
    }

    private void saysOnceEach(String... commands) {
        assertThat(primary.commands()).filteredOn(line -> !line.startsWith("EHLO") && !line.equals("QUIT"))
                .containsExactly(commands);
    }
}
