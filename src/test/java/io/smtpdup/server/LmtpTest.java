package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

import io.smtpdup.message.Reply;
import io.smtpdup.message.ReplyingException;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A listener that speaks LMTP (RFC 2033). */
class LmtpTest {

    private static final byte[] MESSAGE = "Subject: x\r\n\r\nx\r\n".getBytes();

    private Listener listener = Listener.with("protocol=lmtp&domain=relay.example&maxSize=1000");

    @AfterEach
    void stop() {
        listener.close();
    }

    private SmtpDialogue client(String... recipients) {
        SmtpDialogue client = SmtpDialogue.connect(listener.port());
        client.expect("220 relay.example LMTP SMTP Duplicator");
        client.say("LHLO postfix.example", "250");
        client.say("MAIL FROM:<a@b.example>", "250 2.1.0");
        for (String recipient : recipients) {
            client.say("RCPT TO:<" + recipient + ">", "250 2.1.5");
        }
        return client;
    }

    /** A failure as a destination has it that refused one of the recipients after all. */
    private static final class OneRefused extends Exception implements ReplyingException {

        private static final long serialVersionUID = 1L;

        @Override
        public Reply reply() {
            return Reply.of(451, "4.5.0", "one was refused");
        }

        @Override
        public List<Reply> recipientReplies(List<String> recipients) {
            return recipients.stream()
                    .map(one -> one.equals("2@d.example") ? Reply.of(550, "5.1.1", "nobody") : reply()).toList();
        }
    }

    @Test
    void announcesWhatRfc2033Demands() {
        try (SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.expect("220");
            assertThat(client.say("LHLO postfix.example", "250").lines().map(line -> line.substring(4)))
                    .contains("relay.example", "PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EHLO", "HELO"})
    void refusesTheGreetingsOfSmtp(String verb) {
        try (SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.expect("220");
            client.say(verb + " client.example", "500 5.5.1");
            client.say("MAIL FROM:<a@b.example>", "503 5.5.1");
            client.say("LHLO client.example", "250");
            client.say("MAIL FROM:<a@b.example>", "250");
        }
    }

    @Test
    void isUnknownToAListenerForSmtp() {
        listener.close();
        listener = Listener.plain();
        try (SmtpDialogue client = listener.client()) {
            client.say("LHLO client.example", "500 5.5.2");
        }
    }

    @Test
    void answersOnceForEachRecipientThatWasAccepted() {
        try (SmtpDialogue client = client("1@d.example", "2@d.example", "1@d.example")) {
            client.say("RCPT TO:<bad", "501");
            client.data(MESSAGE);
            for (int i = 0; i < 3; i++) {
                client.expect("250 2.0.0");
            }
            client.say("NOOP", "250 2.0.0 Ok");
        }
        assertThat(listener.onlyMail().recipients()).containsExactly("1@d.example", "2@d.example", "1@d.example");
        assertThat(listener.onlyMail().receivedField()).contains("with LMTP id");
    }

    @Test
    void givesEachRecipientWhatTheRoutesFailureSaysOfIt() {
        listener.then(exchange -> {
            throw new OneRefused();
        });
        try (SmtpDialogue client = client("1@d.example", "2@d.example", "3@d.example")) {
            client.data(MESSAGE);
            client.expect("451 4.5.0");
            client.expect("550 5.1.1 nobody");
            client.expect("451 4.5.0");
            client.say("NOOP", "250");
        }
    }

    @Test
    void givesAllTheReplyThatTheRouteLeft() {
        listener.then(exchange -> exchange.getMessage().setHeader(SmtpServerConstants.REPLY, "554 5.7.1 spam"));
        try (SmtpDialogue client = client("1@d.example", "2@d.example")) {
            client.data(MESSAGE);
            client.expect("554 5.7.1 spam");
            client.expect("554 5.7.1 spam");
            client.say("NOOP", "250");
        }
    }

    @Test
    void refusesAMessageThatIsTooLargeForEachRecipient() {
        try (SmtpDialogue client = client("1@d.example", "2@d.example")) {
            client.data("x\r\n".repeat(400).getBytes());
            client.expect("552 5.3.4");
            client.expect("552 5.3.4");
            client.say("NOOP", "250");
        }
        assertThat(listener.arrived()).isEmpty();
    }

    @Test
    void wantsRecipientsBeforeData() {
        try (SmtpDialogue client = client()) {
            client.say("DATA", "503 5.5.1");
        }
    }

    @Test
    void takesAWholePipelinedMail() {
        try (SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.expect("220");
            client.say("LHLO postfix.example", "250");
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>", "DATA");
            client.expect("250");
            client.expect("250");
            client.expect("250");
            client.expect("354");
            client.message(MESSAGE);
            client.send("QUIT");
            client.expect("250");
            client.expect("250");
            client.expect("221");
        }
    }

    @Test
    void saysSoInTheReceivedFieldUnderTls() {
        listener.close();
        listener = Listener.withTls("protocol=lmtp");
        try (SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.expect("220");
            client.say("LHLO postfix.example", "250");
            client.say("STARTTLS", "220");
            client.startTls(TestCertificates.localhost().trustingContext());
            client.say("LHLO postfix.example", "250");
            Listener.mail(client, "x\r\n");
        }
        assertThat(listener.onlyMail().receivedField()).contains("with LMTPS id");
    }

    @Test
    void isNotSpokenOnPort25() {
        assertThatThrownBy(() -> Listener.on("127.0.0.1:25?protocol=lmtp").close())
                .hasRootCauseMessage("LMTP must not be spoken on port 25 (RFC 2033 section 5)");
    }
}
