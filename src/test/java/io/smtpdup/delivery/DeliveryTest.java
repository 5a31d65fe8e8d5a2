package io.smtpdup.delivery;

import static io.smtpdup.delivery.TestSender.from;
import static io.smtpdup.delivery.TestSender.octets;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.List;

import io.smtpdup.message.Reply;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.apache.camel.converter.stream.InputStreamCache;
import org.apache.camel.support.ExchangeHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class DeliveryTest {

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();
    private final TestSender sender = new TestSender();
    private final String uri = "smtp:" + server.address() + "?localName=relay.test";

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    @Test
    void tellsWhatTheServerSaid() {
        server.on("DOT").reply("250-2.0.0 Ok: queued as 4711\n250 2.0.0 thank you");

        Reply reply = sender.deliver(uri);

        assertThat(reply).isEqualTo(new Reply(250, List.of("2.0.0 Ok: queued as 4711", "2.0.0 thank you")));
    }

    @Test
    void takesAny2xxToTheFinalDotForDelivered() {
        server.on("DOT").reply("251 taken");

        assertThat(sender.deliver(uri).code()).isEqualTo(251);
    }

    @Test
    void passesOnAReplyWithoutText() {
        server.on("DOT").reply("250");

        assertThat(sender.deliver(uri).isTextless()).isTrue();
    }

    @Test
    void readsUtf8AndOtherOctetsOfAReply() {
        server.on("DOT").reply("250 2.0.0 angenommen für Jürgen");

        assertThat(sender.deliver(uri).lines()).containsExactly("2.0.0 angenommen für Jürgen");
    }

    @Test
    void saysTheCommandsOfADialogueAndNoMore() {
        sender.deliver(uri, from("alice@a.test", "bob@b.test", "carol@c.test"), TestSender.MESSAGE);

        assertThat(server.commands()).containsExactly("EHLO relay.test", "MAIL FROM:<alice@a.test> SIZE=26",
                "RCPT TO:<bob@b.test>", "RCPT TO:<carol@c.test>", "DATA");
    }

    @Test
    void keepsTheNullReversePath() {
        sender.deliver(uri, from("", "bob@b.test"), TestSender.MESSAGE);

        assertThat(server.messages().get(0).mailFrom()).startsWith("<>");
    }

    @Test
    void keepsOrderAndDuplicatesOfRecipients() {
        sender.deliver(uri, from("a@a.test", "z@b.test", "a@b.test", "z@b.test"), TestSender.MESSAGE);

        assertThat(server.messages().get(0).recipients()).containsExactly("z@b.test", "a@b.test", "z@b.test");
    }

    @Test
    void sendsToTheEnvelopeWhateverTheHeaderSays() {
        byte[] list = octets("From: carol@c.test\r\nTo: list@l.test\r\nBcc: dave@d.test\r\nMIME-Version: 1.0 (x)\r\n\r\nHi\r\n");

        sender.deliver(uri, from("list-bounces@l.test", "member@m.test"), list);

        ReceivedMessage message = server.messages().get(0);
        assertThat(message.envelopeFrom()).isEqualTo("list-bounces@l.test");
        assertThat(message.recipients()).containsExactly("member@m.test");
        assertThat(message.octets()).isEqualTo(list);
    }

    @Test
    void keepsQuotedAndOddPathsAsTheyAre() {
        sender.deliver(uri, from("\"a b>c\"@a.test", "<odd@b.test", "@hop.test:user@b.test"), TestSender.MESSAGE);

        assertThat(server.commands()).contains("MAIL FROM:<\"a b>c\"@a.test> SIZE=26", "RCPT TO:<<odd@b.test>",
                "RCPT TO:<@hop.test:user@b.test>");
    }

    @Test
    void readsAStreamCacheFromItsBeginning() throws Exception {
        InputStreamCache cache = new InputStreamCache(TestSender.MESSAGE);
        cache.readNBytes(10);

        sender.deliver(uri, TestSender.envelope(), cache);

        assertThat(server.messages().get(0).octets()).isEqualTo(TestSender.MESSAGE);
        assertThat(cache.readAllBytes()).isEqualTo(TestSender.MESSAGE);
    }

    @Test
    void leavesAReadableBodyAfterSendingAStream() {
        var exchange = sender.send(uri, TestSender.envelope(), new ByteArrayInputStream(TestSender.MESSAGE));

        assertThat(exchange.getException()).isNull();
        assertThat(server.messages().get(0).octets()).isEqualTo(TestSender.MESSAGE);
        assertThat(ExchangeHelper.getBodyAndResetStreamCache(exchange, byte[].class)).isEqualTo(TestSender.MESSAGE);
    }

    @Test
    void endsAMessageWhoseLastLineHasNoEnd() {
        sender.deliver(uri, TestSender.envelope(), octets("Subject: x\r\n\r\nno end"));

        assertThat(server.messages().get(0).text()).isEqualTo("Subject: x\r\n\r\nno end\r\n");
    }

    @Test
    void composesANotificationAsCamelMailDoes() {
        var exchange = sender.send(uri, message -> {
            message.setHeader("To", "operator@o.test");
            message.setHeader("From", "relay@r.test");
            message.setHeader("Subject", "queue is long");
            message.setBody("very long");
        });

        assertThat(exchange.getException()).isNull();
        assertThat(server.messages().get(0).recipients()).containsExactly("operator@o.test");
        assertThat(server.messages().get(0).text()).contains("Subject: queue is long", "very long");
    }
}
