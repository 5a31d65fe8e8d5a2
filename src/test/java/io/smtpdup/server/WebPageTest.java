package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A browser is not listened to: what a web page has it post may have a mail's commands in it. */
class WebPageTest {

    private static final String MAIL = "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
            + "Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n";

    private final Listener listener = Listener.plain();

    @AfterEach
    void stop() {
        listener.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST / HTTP/1.1", "get /mail HTTP/1.0", "PUT / HTTP/1.1", "OPTIONS * HTTP/1.1", "CONNECT mail:25 HTTP/1.1"})
    void takesNoMailBehindARequestOfHttp(String line) {
        try (SmtpDialogue client = listener.client()) {
            client.sendRaw(line + "\r\nHost: 127.0.0.1:2525\r\nContent-Type: text/plain\r\n\r\n" + MAIL);

            client.expect("421 4.7.0");
            assertThat(client.isClosedByPeer()).isTrue();
        }
        assertThat(listener.arrived()).isEmpty();
    }

    @Test
    void stillAnswersWhatAPersonMayType() {
        try (SmtpDialogue client = listener.client()) {
            client.say("", "500");
            client.say("  EHLO x", "500");
            client.say("GETTING there", "500");
            client.say("EHLO x", "250");
            Listener.mail(client, "Subject: x\r\n\r\n");
        }
        assertThat(listener.arrived()).hasSize(1);
    }
}
