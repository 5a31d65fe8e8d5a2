package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

import io.smtpdup.message.Reply;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the next hop has said to DATA before we say 354 is the reply to DATA: nobody sends content for nothing. */
class RefusedDataTest {

    private static Listener answeringData(int code, String enhanced, String text) {
        return Listener.asking(new AnnouncingHop().answeringData(Reply.of(code, enhanced, text)));
    }

    private static void data(SmtpDialogue client, boolean pipelining, String reply) {
        String[] envelope = {"MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>"};
        if (pipelining) {
            client.pipeline(envelope[0], envelope[1], "DATA");
            client.expect("250");
            client.expect("250");
            client.expect(reply);
        } else {
            client.say(envelope[0], "250");
            client.say(envelope[1], "250");
            client.say("DATA", reply);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isHeardAtData(boolean pipelining) {
        try (Listener listener = answeringData(554, "5.7.1", "no content from you"); SmtpDialogue client = listener.greetedClient()) {
            data(client, pipelining, "554 5.7.1 no content from you");
            client.say("MAIL FROM:<a@b.example>", "250");

            assertThat(listener.arrived()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aGoAheadIsOurs(boolean pipelining) {
        try (Listener listener = answeringData(354, "2.0.0", "go ahead"); SmtpDialogue client = listener.greetedClient()) {
            data(client, pipelining, "354 End data");
            client.message("Subject: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            client.expect("250");

            assertThat(listener.arrived()).hasSize(1);
        }
    }
}
