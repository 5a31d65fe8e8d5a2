package io.smtpdup.app;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** A primary that takes connections and then says nothing, with the time limits that nobody has shortened. */
@Timeout(180)
class HangingPrimaryIT {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    @Test
    void endsWithinItsGraceWhileClientsWaitForMinutes() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1)
                .set("relay.timeout_seconds", "").set("relay.dot_timeout_seconds", "").start()) {
            relay.primary().on("DOT").once().stall();
            SmtpDialogue atTheDot = relay.client();
            atTheDot.say("MAIL FROM:<a@b.example>", "250");
            atTheDot.say("RCPT TO:<c@d.example>", "250");
            atTheDot.data(HELLO);
            relay.primary().awaitTranscript("stalls");
            relay.primary().on("CONNECT").stall();
            SmtpDialogue atMail = relay.client();
            atMail.pipeline("MAIL FROM:<a@b.example>");
            relay.primary().awaitConnections(2);

            Instant begin = Instant.now();
            relay.stop();

            assertThat(Duration.between(begin, Instant.now())).isLessThan(Patience.LIMIT);
            List.of(atTheDot, atMail).forEach(SmtpDialogue::close);
        }
    }
}
