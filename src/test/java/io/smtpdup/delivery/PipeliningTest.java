package io.smtpdup.delivery;

import static io.smtpdup.delivery.TestSender.from;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;

import io.smtpdup.message.Reply;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What leaves together, and what becomes of it when the server says no in the middle. */
class PipeliningTest {

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start().announcing("PIPELINING");
    private final TestSender sender = new TestSender();
    private final String uri = "smtp:" + server.address() + "?tls=off&timeout=2s&localName=localhost";

    @AfterEach
    void stop() {
        sender.close();
        server.close();
    }

    @Test
    void costsTwoRoundTripsOverAConnectionThatIsThere() {
        sender.deliver(uri, from("a@a.test", "1@b.test", "2@b.test", "3@b.test"), TestSender.MESSAGE);

        assertThat(server.flights(1)).containsExactly(
                List.of("EHLO localhost"),
                List.of("MAIL FROM:<a@a.test>", "RCPT TO:<1@b.test>", "RCPT TO:<2@b.test>", "RCPT TO:<3@b.test>", "DATA"));
        assertThat(server.messages().get(0).recipients()).containsExactly("1@b.test", "2@b.test", "3@b.test");
    }

    @Test
    void waitsForEachReplyOfAServerThatDoesNotAnnouncePipelining() {
        server.announcing("8BITMIME");

        sender.deliver(uri, from("a@a.test", "1@b.test", "2@b.test"), TestSender.MESSAGE);

        assertThat(server.flights(1)).containsExactly(
                List.of("EHLO localhost"), List.of("MAIL FROM:<a@a.test>"), List.of("RCPT TO:<1@b.test>"),
                List.of("RCPT TO:<2@b.test>"), List.of("DATA"));
    }

    @Test
    void deliversToAThousandRecipientsInFlightsThatFitTheReceiveBuffers() {
        String[] recipients = IntStream.range(0, 1000).mapToObj(n -> "user" + n + "@b.test").toArray(String[]::new);

        sender.deliver(uri, from("a@a.test", recipients), TestSender.MESSAGE);

        assertThat(server.messages().get(0).recipients()).containsExactly(recipients);
        assertThat(server.commands()).filteredOn(line -> line.startsWith("RCPT")).hasSize(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"450 4.7.1 later", "550 5.7.1 not you"})
    void givesTheNextMailAFreshConnectionWhenMailIsRefused(String refusal) {
        server.on("MAIL").once().reply(refusal);

        DeliveryException failure = sender.fail(uri, from("a@a.test", "1@b.test", "2@b.test"), TestSender.MESSAGE);
        sender.deliver(uri);

        assertThat(failure.reply()).isEqualTo(Reply.parse(refusal));
        assertThat(server.messages()).hasSize(1);
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void givesTheNextMailAFreshConnectionWhenAllRecipientsAreRefused() {
        server.on("RCPT").times(2).reply("550 5.1.1 nobody");

        DeliveryException failure = sender.fail(uri, from("a@a.test", "1@b.test", "2@b.test"), TestSender.MESSAGE);
        sender.deliver(uri);

        assertThat(failure.reply()).isEqualTo(Reply.parse("550 5.1.1 nobody"));
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void givesNothingToAServerThatWantsContentAlthoughItRefusedEveryRecipient() {
        server.on("RCPT").once().reply("550 5.1.1 nobody");
        server.on("DATA").once().reply("354 go ahead");

        DeliveryException failure = sender.fail(uri, from("a@a.test", "1@b.test"), TestSender.MESSAGE);
        server.awaitOpenConnections(0);
        sender.deliver(uri);

        assertThat(failure.reply()).isEqualTo(Reply.parse("550 5.1.1 nobody"));
        assertThat(server.offeredMessages()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL", "RCPT", "DATA"})
    void isDeferredWhenTheServerLeavesWithinTheFlight(String where) {
        server.on(where).hangUp();

        DeliveryException failure = sender.fail(uri, from("a@a.test", "1@b.test", "2@b.test"), TestSender.MESSAGE);

        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(failure.reply().toString()).startsWith("451 4.4.2");
        assertThat(server.offeredMessages()).isEmpty();
    }

    @Test
    void takesNoReplyForTheAnswerToAnotherCommand() {
        server.on("MAIL").once().reply("250 2.1.0 Ok\r\n250 2.1.5 One too many");

        DeliveryException failure = sender.fail(uri, from("a@a.test", "1@b.test"), TestSender.MESSAGE);

        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(server.messages()).isEmpty();
        server.awaitOpenConnections(0);
    }
}
