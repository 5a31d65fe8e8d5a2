package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;

/** Clients that do not wait for each reply (RFC 2920), and clients that send octet by octet. */
class PipeliningTest {

    private static final String ENVELOPE = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n";

    @Test
    void takesAnEnvelopeInOneSegment() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "RCPT TO:<e@d.example>", "DATA");
            client.expect("250 2.1.0");
            client.expect("250 2.1.5");
            client.expect("250 2.1.5");
            client.expect("354");
            client.message("Subject: x\r\n\r\nhello\r\n".getBytes());
            client.expect("250 2.0.0");

            assertThat(listener.onlyMail().recipients()).containsExactly("c@d.example", "e@d.example");
        }
    }

    @Test
    void takesTheEndOfAMessageAndTheNextEnvelopeInOneSegment() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            client.sendRaw("first\r\n.\r\n" + ENVELOPE + "DATA\r\n");
            client.expect("250 2.0.0");
            client.expect("250 2.1.0");
            client.expect("250 2.1.5");
            client.expect("354");
            client.sendRaw("second\r\n.\r\nQUIT\r\n");
            client.expect("250 2.0.0");
            client.expect("221");

            assertThat(listener.arrived()).extracting(Listener.Arrived::content).containsExactly("first\r\n", "second\r\n");
        }
    }

    @Test
    void takesWholeMailsOctetByOctet() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            for (char octet : (ENVELOPE + "DATA\r\n..dot\r\n.\r\n").toCharArray()) {
                client.sendRaw(String.valueOf(octet));
            }
            client.expect("250 2.1.0");
            client.expect("250 2.1.5");
            client.expect("354");
            client.expect("250 2.0.0");

            assertThat(listener.onlyMail().content()).isEqualTo(".dot\r\n");
        }
    }

    @Test
    void takesManyWholeMailsFromAClientThatNeverWaits() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            client.sendRaw((ENVELOPE + "DATA\r\n" + "x".repeat(500) + "\r\n.\r\n").repeat(100));
            for (int i = 0; i < 100; i++) {
                client.expect("250 2.1.0");
                client.expect("250 2.1.5");
                client.expect("354");
                client.expect("250 2.0.0");
            }

            assertThat(listener.arrived()).hasSize(100).allMatch(mail -> mail.content().equals("x".repeat(500) + "\r\n"));
        }
    }

    @Test
    void readsNoContentForADataThatWasRefused() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<no recipient>", "DATA", "NOOP");
            client.expect("250 2.1.0");
            client.expect("501 5.1.3");
            client.expect("554 5.5.1");
            client.expect("250 2.0.0");
        }
    }

    @Test
    void answersManyMailsOnOneConnectionEachForItself() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            assertThat(Listener.mail(client, "first\r\n")).startsWith("250 2.0.0");
            listener.then(exchange -> {
                throw new IllegalStateException("the route is broken");
            });
            assertThat(Listener.mail(client, "second\r\n")).startsWith("451 4.3.0");
            assertThat(Listener.mail(client, "bare\nnewline\r\n")).startsWith("550 5.6.11");
            listener.then(exchange -> {
            });
            assertThat(Listener.mail(client, "third\r\n")).startsWith("250 2.0.0");
            assertThat(Listener.mail(client, "")).startsWith("250 2.0.0");

            assertThat(listener.arrived()).extracting(Listener.Arrived::content)
                    .containsExactly("first\r\n", "second\r\n", "third\r\n", "");
        }
    }

    @Test
    void givesEachMailItsOwnId() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            String reply = Listener.mail(client, "first\r\n");
            Listener.mail(client, "second\r\n");

            assertThat(listener.arrived()).extracting(mail -> mail.headers().get(SmtpServerConstants.ID)).doesNotHaveDuplicates();
            String id = (String) listener.arrived().get(0).headers().get(SmtpServerConstants.ID);
            assertThat(reply).isEqualTo("250 2.0.0 Ok: queued as " + id);
            assertThat(listener.arrived().get(0).receivedField()).contains(" id " + id);
        }
    }
}
