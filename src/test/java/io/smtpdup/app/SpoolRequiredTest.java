package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

import io.smtpdup.postfix.FreePort;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What a client hears when its copies could not be kept, by an operator's choice. */
class SpoolRequiredTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    @Test
    void isPutOffAtMailBeforeThePrimaryIsAsked() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).set("spool.required", "true").start()) {
            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");
            relay.backup(1).awaitMessages(1);

            relay.relay().spool().stop();

            try (SmtpDialogue client = relay.client()) {
                client.say("MAIL FROM:<a@b.example> SIZE=100", "452 4.3.1 Insufficient system storage");
                client.say("RCPT TO:<c@d.example>", "503");
                client.say("MAIL FROM:<a@b.example>", "452 4.3.1");
            }
            assertThat(relay.primary().messages()).hasSize(1);
        }
    }

    @Test
    void isPutOffWhileTheBrokerIsAway() throws IOException {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1).set("spool.required", "true")
                .set("spool.broker_url", "tcp://127.0.0.1:" + FreePort.find()).start();
                SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "452 4.3.1");
        }
    }

    @Test
    void isNotPutOffWhenThereIsNoBackup() {
        try (RelayUnderTest relay = RelayUnderTest.withBackups(0).set("spool.required", "true").start()) {
            relay.relay().spool().stop();

            relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");
        }
    }
}
