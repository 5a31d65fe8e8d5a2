package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

import io.smtpdup.message.BodyType;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;

/** A mail's way in, when all goes well. */
class SmtpServerTest {

    @Test
    void handsOverTheEnvelopeAndTheOctets() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.expect("220");
            client.say("EHLO client.example", "250");
            client.say("MAIL FROM:<a@b.example> BODY=8BITMIME SIZE=100", "250 2.1.0");
            client.say("RCPT TO:<c@d.example>", "250 2.1.5");
            client.say("RCPT TO:<\"quoted > local\"@d.example>", "250 2.1.5");
            client.data("..dots\r\n.\r\n.x\r\n".getBytes(StandardCharsets.UTF_8));
            client.expect("250 2.0.0 Ok: queued as");

            assertThat(listener.arrived()).hasSize(1);
            Listener.Arrived mail = listener.arrived().get(0);
            assertThat(mail.reversePath()).isEqualTo("a@b.example");
            assertThat(mail.recipients()).containsExactly("c@d.example", "\"quoted > local\"@d.example");
            assertThat(mail.envelope().body()).isEqualTo(BodyType.EIGHT_BIT_MIME);
            assertThat(new String(mail.octets(), StandardCharsets.UTF_8)).endsWith("\r\n..dots\r\n.\r\n.x\r\n");
        }
    }
}
