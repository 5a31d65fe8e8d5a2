package io.smtpdup.server;

import static io.smtpdup.server.StockDefects.keptButNotByStock;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.subethamail.smtp.auth.EasyAuthenticationHandlerFactory;
import org.subethamail.smtp.server.SMTPServer;

/** The library's defects in what it announces, in the message's octets, and in the trace it adds. */
class StockContentDefectsTest {

    private static final UnaryOperator<SMTPServer.Builder> WITH_RECEIVED = SMTPServer.Builder::insertReceivedHeaders;

    @Test
    void removesTheTransparencyDotOfTheFirstLine() {
        keptButNotByStock("", server -> server.insertReceivedHeaders(false), front -> {
            try (SmtpDialogue client = front.clientWithEnvelope()) {
                client.data(".first\r\n.second\r\n".getBytes(StandardCharsets.US_ASCII));
                client.expect("250");
                assertThat(front.arrived().get(0).text()).as("message").endsWith(".first\r\n.second\r\n")
                        .doesNotContain("..first");
            }
        }, "[message]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\n.\nb", "a\r.\rb", "a\nb", "a\rb"})
    void passesNoBareNewlineOn(String content) {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.clientWithEnvelope()) {
                client.say("DATA", "354");
                client.sendRaw(content + "\r\n.\r\n");
                client.expect("550");
                assertThat(front.arrived()).isEmpty();
            }
        }, "expected 550 but heard 250");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "ENHANCEDSTATUSCODES", "SIZE"})
    void announcesWhatItDoes(String keyword) {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.client()) {
                assertThat(client.say("EHLO client.example", "250")).containsPattern("(?m)^250[- ]" + keyword);
            }
        }, keyword);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CHUNKING", "Ok", "AUTH"})
    void announcesNothingItDoesNot(String keyword) {
        UnaryOperator<SMTPServer.Builder> withAuth =
                server -> server.authenticationHandlerFactory(new EasyAuthenticationHandlerFactory((user, word, context) -> {
                }));
        keptButNotByStock("", withAuth, front -> {
            try (SmtpDialogue client = front.client()) {
                assertThat(client.say("EHLO client.example", "250")).doesNotContainPattern("(?m)^250[- ]" + keyword);
            }
        }, keyword);
    }

    @Test
    void saysInTheTraceThatItWasEsmtp() {
        keptButNotByStock("", WITH_RECEIVED, front -> {
            try (SmtpDialogue client = front.clientWithEnvelope()) {
                client.data("Subject: x\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII));
                client.expect("250");
                assertThat(front.arrived().get(0).text()).as("trace").contains("with ESMTP");
            }
        }, "[trace]");
    }

    @Test
    void endsTheTraceOfAnEmptyMessageWithItsLineFeed() {
        keptButNotByStock("", WITH_RECEIVED, front -> {
            try (SmtpDialogue client = front.clientWithEnvelope()) {
                client.data(new byte[0]);
                client.expect("250");
                assertThat(front.arrived().get(0).text()).as("trace").endsWith("\r\n");
            }
        }, "[trace]");
    }

    @Test
    void takesNoMailFromAClientWithoutAName() {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.client()) {
                client.say("MAIL FROM:<a@b.example>", "503");
            }
        }, "expected 503 but heard 250");
    }
}
