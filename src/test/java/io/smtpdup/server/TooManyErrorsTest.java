package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** After twenty errors a client is no mail client. */
class TooManyErrorsTest {

    @ParameterizedTest
    @ValueSource(strings = {"XYZZY", "A", "DATAX", "RCPT TO:<c@d.example>", "MAIL FROM:<no address>", "EXPN list", "",
        "MAIL FROM:<a@b.example> X=1", "MAIL FROM:<\u00fc@b.example>", "MAIL FROM:<a@b.example> SIZE=9999999999", "DATA", "STARTTLS",
        "XCLIENT NAME=x", "AUTH PLAIN", "RCPT TO:<\0@d.example>"})
    void closesAfterTwenty(String nonsense) {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            for (int i = 0; i < 20; i++) {
                client.say(nonsense, "5");
            }
            client.say(nonsense, "421 4.7.0");
            assertThat(client.isClosedByPeer()).isTrue();
            await().until(() -> listener.sessions() == 0);
        }
    }

    @Test
    void countsErrorsOfEveryKindTogether() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            for (int i = 0; i < 10; i++) {
                client.say("HOLA relay.example", "500");
                client.say("RCPT TO:<c@d.example>", "503");
            }
            client.say("Host: relay.example", "421 4.7.0");
        }
    }

    @Test
    void executesNothingThatWasSentBehindTheLastError() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            client.sendRaw("XYZZY\r\n".repeat(21)
                    + "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\ntext\r\n.\r\n");
            for (int i = 0; i < 20; i++) {
                client.expect("500 5.5.2");
            }
            client.expect("421 4.7.0");
            assertThat(client.isClosedByPeer()).isTrue();
            await().until(() -> listener.sessions() == 0);
            assertThat(listener.arrived()).isEmpty();
        }
    }

    @Test
    void setsNoLimitWhereAnOperatorWantsNone() {
        try (Listener listener = Listener.with("maxErrors=0&maxEmptyCommands=0"); SmtpDialogue client = listener.greetedClient()) {
            for (int i = 0; i < 200; i++) {
                client.say("XYZZY", "500");
                client.say("NOOP", "250");
            }
        }
    }

    @Test
    void bearsAnErrorBetweenMailsForAsLongAsItTakesMails() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            for (int i = 0; i < 30; i++) {
                client.say("MAIL FROM:<no address>", "501 5.1.7");
                assertThat(Listener.mail(client, "Subject: x\r\n\r\n")).startsWith("250");
            }
        }
    }

    @Test
    void bearsAnyNumberOfMailsThatThePrimaryRefuses() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            listener.then(exchange -> exchange.getMessage().setHeader(SmtpServerConstants.REPLY, "501 5.5.0 Not that one"));
            for (int i = 0; i < 30; i++) {
                assertThat(Listener.mail(client, "Subject: x\r\n\r\n")).startsWith("501 5.5.0");
            }
        }
    }
}
