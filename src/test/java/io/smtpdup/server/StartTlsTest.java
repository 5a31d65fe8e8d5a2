package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** STARTTLS (RFC 3207): from then on nothing counts that was said before. */
class StartTlsTest {

    private static SmtpDialogue secured(Listener listener) {
        SmtpDialogue client = listener.greetedClient();
        client.say("STARTTLS", "220 2.0.0");
        return client.startTls(TestCertificates.localhost().trustingContext());
    }

    @Test
    void offersTlsUntilItIsActive() {
        try (Listener listener = Listener.withTls(""); SmtpDialogue client = listener.client()) {
            assertThat(client.say("EHLO client.example", "250")).contains("STARTTLS");
            client.say("STARTTLS", "220 2.0.0");
            client.startTls(TestCertificates.localhost().trustingContext());
            assertThat(client.say("EHLO client.example", "250")).doesNotContain("STARTTLS").contains("PIPELINING");
            client.say("STARTTLS", "503 5.5.1");
        }
    }

    @Test
    void takesMailsUnderTls() {
        try (Listener listener = Listener.withTls(""); SmtpDialogue client = secured(listener)) {
            client.say("EHLO client.example", "250");
            assertThat(Listener.mail(client, "first\r\n")).startsWith("250");
            assertThat(Listener.mail(client, "large ".repeat(100_000) + "\r\n")).startsWith("250");
            client.say("QUIT", "221 2.0.0");
            assertThat(client.isClosedByPeer()).isTrue();

            assertThat(listener.arrived()).hasSize(2);
            assertThat(listener.arrived().get(0).receivedField()).contains("with ESMTPS id");
            assertThat(listener.arrived().get(0).envelope().origin().protocol()).isEqualTo("ESMTPS");
        }
    }

    @Test
    void takesPipelinedCommandsUnderTls() {
        try (Listener listener = Listener.withTls(""); SmtpDialogue client = secured(listener)) {
            client.pipeline("EHLO client.example", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA");
            client.expect("250");
            client.expect("250 2.1.0");
            client.expect("250 2.1.5");
            client.expect("354");
            client.sendRaw("x\r\n.\r\nNOOP\r\n");
            client.expect("250 2.0.0 Ok: queued");
            client.expect("250 2.0.0");
        }
    }

    @Test
    void forgetsNameAndTransaction() {
        try (Listener listener = Listener.withTls(""); SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("STARTTLS", "220");
            client.startTls(TestCertificates.localhost().trustingContext());
            client.say("RCPT TO:<c@d.example>", "503 5.5.1");
            client.say("MAIL FROM:<a@b.example>", "503 5.5.1");
        }
    }

    @Test
    void executesNothingThatWasInjectedInClearText() {
        try (Listener listener = Listener.withTls(""); SmtpDialogue client = listener.greetedClient()) {
            client.pipeline("STARTTLS", "EHLO injected.example", "MAIL FROM:<injected@b.example>");
            client.expect("220 2.0.0");
            client.startTls(TestCertificates.localhost().trustingContext());
            client.say("NOOP", "250 2.0.0");
            client.say("MAIL FROM:<a@b.example>", "503 5.5.1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EHLO client.example\r\n", "\0\0\0\0\0\0\0\0", "QUIT\r\n", "\u0016\u0003\u0001\u0000\u0005hello"})
    void closesWhenTheHandshakeIsNone(String garbage) {
        try (Listener listener = Listener.withTls(""); SmtpDialogue client = listener.greetedClient()) {
            client.say("STARTTLS", "220");
            client.sendRaw(garbage);

            await().until(() -> listener.sessions() == 0);
        }
    }

    @Test
    void closesWhenNobodyShakesHands() {
        try (Listener listener = Listener.withTls("commandTimeout=1s"); SmtpDialogue client = listener.greetedClient()) {
            client.say("STARTTLS", "220");

            await().until(() -> listener.sessions() == 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"XYZ, 500 5.5.2", "AB, 500 5.5.2", "MAILFOO, 500 5.5.2", "NOOP, 250 2.0.0", "STARTTLS, 503 5.5.1"})
    void answersAsWellAsInClearText(String command, String reply) {
        try (Listener listener = Listener.withTls(""); SmtpDialogue client = secured(listener)) {
            client.say(command, reply);
        }
    }

    @Test
    void closesUnderTlsAfterTooManyErrors() {
        try (Listener listener = Listener.withTls(""); SmtpDialogue client = secured(listener)) {
            for (int i = 0; i < 20; i++) {
                client.say("XYZ", "500 5.5.2");
            }
            client.say("XYZ", "421 4.7.0");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void limitsTheTimeForACommandUnderTls() {
        try (Listener listener = Listener.withTls("commandTimeout=1s"); SmtpDialogue client = secured(listener)) {
            client.expect("421 4.4.2");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void takesNoParameters() {
        try (Listener listener = Listener.withTls(""); SmtpDialogue client = listener.greetedClient()) {
            client.say("STARTTLS now", "501 5.5.4");
            client.say("NOOP", "250");
        }
    }

    @Test
    void offersNoTlsWithoutACertificate() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.client()) {
            assertThat(client.say("EHLO client.example", "250")).doesNotContain("STARTTLS");
            client.say("STARTTLS", "502 5.5.1");
            client.say("NOOP", "250");
        }
    }

    @Test
    void saysGoodbyeUnderTlsWhenItStops() {
        try (Listener listener = Listener.withTls(""); SmtpDialogue client = secured(listener)) {
            client.say("NOOP", "250"); // the server has seen the end of the handshake too

            listener.close();

            client.expect("421 4.3.2");
        }
    }
}
