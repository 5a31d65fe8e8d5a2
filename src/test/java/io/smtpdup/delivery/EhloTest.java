package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.smtpdup.message.BodyType;
import io.smtpdup.message.Envelope;
import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server can do is what it says on the connection in use; a bad moment at EHLO is no word about a mail. */
@Timeout(300)
class EhloTest {

    private static final byte[] EIGHT_BIT = TestSender.octets("Subject: x\r\n\r\nGrüße\r\n");

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();
    private final TestSender sender = new TestSender();
    private final String uri = "smtp:" + server.address() + "?timeout=5s";

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"450 4.3.2 busy", "421 4.3.2 not now", "451 4.7.1 greylisted", "454 4.7.0 no TLS now", "452-4.3.1\n452 full"})
    void countsAsAwayWhenItIsBusyAtEhloAndTakesTheMailAMomentLater(String busy) {
        server.on("EHLO").once().reply(busy);

        DeliveryException failure = sender.fail(uri, TestSender.eightBit(), EIGHT_BIT);

        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(failure.reply().toString()).startsWith("451 4.4.1");
        assertThat(failure.isDestinationAway()).isTrue();
        assertThat(failure.getMessage()).contains(server.address()).contains(busy.substring(0, 3));
        assertThat(server.commands()).noneMatch(line -> line.startsWith("HELO"));

        sender.deliver(uri, TestSender.eightBit(), EIGHT_BIT);

        assertThat(server.commands()).anyMatch(line -> line.endsWith("BODY=8BITMIME"));
    }

    @Test
    void countsAsAwayWhenItIsBusyAtTheEhloAfterStartTls() {
        server.withStartTls(TestCertificates.localhost().serverContext());
        server.on("EHLO").once().replyAsUsual();
        server.on("EHLO").once().reply("450 4.3.2 busy");

        DeliveryException failure = sender.fail(uri.replace("5s", "20s"), TestSender.eightBit(), EIGHT_BIT);

        assertThat(failure.reply().toString()).startsWith("451 4.4.1");
        assertThat(failure.isDestinationAway()).isTrue();
        assertThat(server.commands()).noneMatch(line -> line.startsWith("HELO") || line.startsWith("MAIL"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"500 5.5.2 what", "501 5.5.4 bad", "502 5.5.1 what", "504 5.5.1 no", "550 5.7.1 no EHLO", "554 5.5.1 no"})
    void saysHeloAfter5xxOnly(String refusal) {
        server.on("EHLO").reply(refusal);

        sender.deliver(uri);

        assertThat(server.commands()).anyMatch(line -> line.startsWith("HELO"));
    }

    @Test
    void keepsNoConnectionOnWhichItKnewOnlyHelo() {
        server.on("EHLO").once().reply("502 5.5.1 what");
        sender.deliver(uri);

        sender.deliver(uri, TestSender.eightBit(), EIGHT_BIT);

        assertThat(server.connectionCount()).isEqualTo(2);
        assertThat(server.commands()).anyMatch(line -> line.endsWith("BODY=8BITMIME"));
    }

    @Test
    void defersWhatNeedsMoreThanHeloAtAServerThatKnewEhloBefore() {
        sender.deliver(uri);
        server.dropIdleConnections();
        server.on("EHLO").once().reply("502 5.5.1 what");

        DeliveryException failure = sender.fail(uri, TestSender.eightBit(), EIGHT_BIT);

        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(failure.reply().toString()).startsWith("451 4.3.3");
        sender.deliver(uri, TestSender.eightBit(), EIGHT_BIT);
    }

    @Test
    void refusesWhatNeedsMoreThanAServerHasThatNeverKnewEhlo() {
        server.on("EHLO").reply("502 5.5.1 what");

        assertThat(sender.fail(uri, TestSender.eightBit(), EIGHT_BIT).reply().toString()).startsWith("554 5.6.3");
    }

    /** As after a reload: the connections from before go on, and do not know what new ones are offered. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void deliversWithWhatAServerHasLearnedSinceTheConnectionBefore(boolean restarted) {
        server.announcing("PIPELINING");
        sender.deliver(uri);
        server.announcing("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 1000");
        if (restarted) {
            server.dropIdleConnections();
        }

        sender.deliver(uri, new Envelope("jürgen@a.test", BodyType.EIGHT_BIT_MIME, true, TestSender.envelope().recipients()), EIGHT_BIT);

        assertThat(server.commands(2)).anyMatch(line -> line.matches("MAIL FROM:<j.+@a.test> SIZE=\\d+ BODY=8BITMIME SMTPUTF8"));
    }

    @Test
    void usesNoConnectionThatOffersLessThanANewerOne() {
        server.announcing("PIPELINING");
        sender.deliver(uri);
        server.announcing("PIPELINING", "8BITMIME", "DSN");
        sender.deliver(uri, TestSender.eightBit(), EIGHT_BIT);

        sender.deliver(uri);
        sender.deliver(uri);

        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void saysNothingThatAServerHasUnlearned() {
        server.announcing("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 1000", "DSN");
        sender.deliver(uri, TestSender.eightBit(), EIGHT_BIT);
        server.announcing();
        server.dropIdleConnections();

        sender.deliver(uri, TestSender.eightBit(), TestSender.MESSAGE);

        assertThat(server.commands(2)).contains("MAIL FROM:<alice@a.test>");
        assertThat(sender.fail(uri, TestSender.eightBit(), EIGHT_BIT).reply().toString()).startsWith("554 5.6.3");
    }

    @Test
    void tellsClientsNoLessBecauseOfOneBadConnection() {
        try (CheckingRelay relay = new CheckingRelay("smtp:" + server.address(), "timeout=5s&localName=localhost")) {
            try (SmtpDialogue client = relay.client()) {
                assertThat(client.say("EHLO again.example", "250")).contains("8BITMIME", "SMTPUTF8");
                server.dropIdleConnections();
                server.on("EHLO").once().reply("502 5.5.1 what");
                CheckingRelay.send(client, "<a@b.example>", List.of("c@d.example"), TestSender.MESSAGE, "250");

                assertThat(server.commands()).anyMatch(line -> line.startsWith("HELO"));
                assertThat(client.say("EHLO again.example", "250")).contains("8BITMIME", "SMTPUTF8");
                CheckingRelay.send(client, "<a@b.example> BODY=8BITMIME", List.of("c@d.example"), EIGHT_BIT, "250");
            }
        }
    }

    @Test
    void putsARecipientOffThatNeedsMoreThanHeloAtAPrimaryThatKnewEhloBefore() {
        try (CheckingRelay relay = new CheckingRelay("smtp:" + server.address(), "timeout=5s&localName=localhost");
                SmtpDialogue client = relay.client()) {
            server.dropIdleConnections();
            server.on("EHLO").once().reply("502 5.5.1 what");
            client.say("MAIL FROM:<a@b.example> SMTPUTF8", "250");
            client.say("RCPT TO:<jürgen@d.example>", "451 4.3.3");
            client.say("RSET", "250");
            CheckingRelay.send(client, "<a@b.example> SMTPUTF8", List.of("jürgen@d.example"), EIGHT_BIT, "250");
        }
    }

    @Test
    void answers451AtMailWhileThePrimaryIsBusyAtEhlo() {
        server.on("EHLO").reply("450 4.3.2 busy");
        try (CheckingRelay relay = new CheckingRelay("smtp:" + server.address(), "timeout=5s&localName=localhost");
                SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example> BODY=8BITMIME", "451 4.4.1");
            server.behaveAgain();
            CheckingRelay.send(client, "<a@b.example> BODY=8BITMIME", List.of("c@d.example"), EIGHT_BIT, "250");
        }
    }

    /** A client gives up on us long before the primary's five minutes are over. */
    @Test
    void answersTheClientsEhloSoonWhileThePrimaryHangs() {
        server.on("CONNECT").stall();
        long start = System.nanoTime();
        try (CheckingRelay relay = new CheckingRelay("smtp:" + server.address(), "timeout=600s&localName=localhost");
                SmtpDialogue client = relay.client()) {
            assertThat(client.say("EHLO again.example", "250")).contains("8BITMIME");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Patience.LIMIT);
        }
    }

    @Test
    void takesWhatIsDiscardedAsNotSaid() {
        server.announcing("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 1000", "DSN").withStartTls(TestCertificates.localhost().serverContext());

        sender.deliver(uri + "&notifyNever=true&discardEhlo=pipelining,8bitmime,SIZE,dsn,StartTLS", TestSender.eightBit(),
                TestSender.MESSAGE);

        assertThat(server.flights(1)).allMatch(flight -> flight.size() == 1);
        assertThat(server.commands()).contains("MAIL FROM:<alice@a.test>", "RCPT TO:<bob@b.test>").doesNotContain("STARTTLS");
    }

    @Test
    void hearsTheLastOfHundredsOfKeywords() {
        server.announcing(Stream.concat(IntStream.range(0, 300).mapToObj(i -> "X" + i), Stream.of("8BITMIME")).toArray(String[]::new));

        sender.deliver(uri, TestSender.eightBit(), EIGHT_BIT);

        assertThat(server.commands()).anyMatch(line -> line.endsWith("BODY=8BITMIME"));
    }

    @Test
    void offersNoClientWhatIsDiscarded() {
        try (CheckingRelay relay = new CheckingRelay("smtp:" + server.address(), "timeout=5s&localName=localhost&discardEhlo=SMTPUTF8");
                SmtpDialogue client = relay.client()) {
            assertThat(client.say("EHLO again.example", "250")).contains("8BITMIME").doesNotContain("SMTPUTF8");
        }
    }
}
