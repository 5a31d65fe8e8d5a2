package io.smtpdup.delivery;

import static io.smtpdup.delivery.TestSender.from;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;

import io.smtpdup.message.Reply;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class RefusalTest {

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();
    private final TestSender sender = new TestSender();
    private final String uri = "smtp:" + server.address() + "?timeout=5s";

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "MAIL, 550 5.1.8 no such sender, FAILED", "MAIL, 451 4.3.0 later, DEFERRED",
        "RCPT, 550 5.1.1 no such user, FAILED", "RCPT, 450 4.2.0 greylisted, DEFERRED",
        "DATA, 554 5.5.1 no, FAILED", "DATA, 451 4.3.0 later, DEFERRED",
        "DOT, 554 5.7.1 spam, FAILED", "DOT, 452 4.3.1 disk full, DEFERRED"})
    void passesTheServersRefusalOnAndGivesTheNextMailAFreshConnection(String verb, String reply, Outcome outcome) {
        server.on(verb).once().reply(reply);

        DeliveryException failure = sender.fail(uri);

        assertThat(failure.reply()).isEqualTo(Reply.parse(reply));
        assertThat(failure.outcome()).isEqualTo(outcome);
        assertThat(failure.isDestinationAway()).isFalse();
        sender.deliver(uri);
        assertThat(server.connectionCount()).isEqualTo(2);
        assertThat(server.messages()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL", "RCPT", "DATA", "DOT"})
    void passes421OnAndTakesANewConnectionForTheNextMail(String verb) {
        server.on(verb).once().replyAndHangUp("421 4.3.2 shutting down");

        DeliveryException failure = sender.fail(uri);

        assertThat(failure.reply()).isEqualTo(Reply.parse("421 4.3.2 shutting down"));
        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(failure.isDestinationAway()).isTrue();
        sender.deliver(uri);
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void passesARefusalOfSeveralLinesOn() {
        server.on("DOT").reply("550-5.7.1 spam\n550-5.7.1 really\n550 5.7.1 see http://x.test/");

        assertThat(sender.fail(uri).reply().lines())
                .containsExactly("5.7.1 spam", "5.7.1 really", "5.7.1 see http://x.test/");
    }

    @Test
    void passesTheRefusalOfDataOnThoughTheServerHangsUp() {
        server.on("DATA").replyAndHangUp("554 5.7.1 no");

        assertThat(sender.fail(uri).reply()).isEqualTo(Reply.parse("554 5.7.1 no"));
        server.awaitOpenConnections(0);
    }

    @Test
    void answersTheFirst5xxWhenAllRecipientsAreRefusedForGood() {
        refuse("x1", "550 5.1.1 first");
        refuse("x2", "551 5.1.6 second");

        DeliveryException failure = sender.fail(uri, from("a@a.test", "x1@b.test", "x2@b.test"), TestSender.MESSAGE);

        assertThat(failure.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(failure.reply()).isEqualTo(Reply.parse("550 5.1.1 first"));
        assertThat(failure.refusedRecipients()).extracting(RefusedRecipient::recipient)
                .containsExactly("x1@b.test", "x2@b.test");
    }

    @Test
    void answersTheFirst4xxWhenAllRecipientsAreRefusedAndOneMayComeBack() {
        refuse("x1", "550 5.1.1 no");
        refuse("x2", "450 4.2.0 later");

        DeliveryException failure = sender.fail(uri, from("a@a.test", "x1@b.test", "x2@b.test"), TestSender.MESSAGE);

        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(failure.reply()).isEqualTo(Reply.parse("450 4.2.0 later"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x@b.test,ok@b.test", "ok@b.test,x@b.test"})
    void sendsNothingWhenOnlySomeRecipientsAreRefused(String recipients) {
        refuse("x", "550 5.1.1 no");

        DeliveryException failure = sender.fail(uri, from("a@a.test", recipients.split(",")), TestSender.MESSAGE);

        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(failure.reply()).isEqualTo(Reply.parse("451 4.5.0 The server refused 1 of 2 recipients"));
        assertThat(failure.getMessage()).contains("<x@b.test> 550 5.1.1 no");
        assertThat(server.offeredMessages()).isEmpty();
        server.awaitOpenConnections(0); // DATA went along with RCPT, and nothing but the end of the line takes it back
    }

    @ParameterizedTest
    @ValueSource(strings = {"x@b.test,ok@b.test", "ok@b.test,x@b.test"})
    void doesNotEvenSayDataToAServerWithoutPipeliningThatRefusesSomeRecipients(String recipients) {
        server.announcing("SIZE", "8BITMIME");
        refuse("x", "550 5.1.1 no");

        DeliveryException failure = sender.fail(uri, from("a@a.test", recipients.split(",")), TestSender.MESSAGE);

        assertThat(failure.reply()).isEqualTo(Reply.parse("451 4.5.0 The server refused 1 of 2 recipients"));
        server.awaitCommand("QUIT");
        assertThat(server.commands()).doesNotContain("DATA");
    }

    @Test
    void takes251ForAnAcceptedRecipient() {
        server.on("RCPT").once().reply("251 will forward");

        sender.deliver(uri);

        assertThat(server.offeredMessages()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\rb\r\n", "a\nb\r\n", "a\r\n\n.\r\nb\r\n", "a\r\n.\n", "end\r", "end\n", "\n", "a\r\r\nb\r\n"})
    void neverSendsALoneCrOrLf(String content) {
        DeliveryException failure = sender.fail(uri, TestSender.envelope(), TestSender.octets("Subject: x\r\n\r\n" + content));

        assertThat(failure.reply().toString()).startsWith("451 4.6.0 ");
        assertThat(failure.isDestinationAway()).isFalse();
        server.awaitOpenConnections(0);
        assertThat(server.offeredMessages()).isEmpty();
    }

    @Test
    void blamesItselfWhenTheMessageCannotBeRead() {
        DeliveryException failure = sender.fail(uri, TestSender.envelope(), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("disk on fire");
            }
        });

        assertThat(failure.reply().toString()).startsWith("451 4.3.0 ").doesNotContain("fire");
        assertThat(failure.isDestinationAway()).isFalse();
        assertThat(server.offeredMessages()).isEmpty();
    }

    @Test
    void refusesAnEnvelopeWithoutRecipients() {
        assertThat(sender.fail(uri, from("a@a.test"), TestSender.MESSAGE).reply().toString()).startsWith("554 5.5.1 ");
    }

    private void refuse(String localPart, String reply) {
        server.on("RCPT").when(line -> line.contains("<" + localPart + "@")).reply(reply);
    }

}
