package io.smtpdup.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class SmtpDialogueTest {

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"250", "250-scripted", "250 SMTPUTF8", "/PIPELINING\n.*SIZE/", "/(?i)^250-SCRIPTED/"})
    void acceptsAReplyByTheBeginningOfItsFirstOrLastLineOrByAPattern(String expectation) {
        server.announcing("PIPELINING", "SIZE 10", "SMTPUTF8");
        try (SmtpDialogue client = greeted()) {
            client.say("EHLO client.test", expectation);
        }
    }

    @Test
    void showsTheWholeDialogueWhenAReplyIsNotAsExpected() {
        server.on("NOOP").reply("450 not now");
        try (SmtpDialogue client = greeted()) {
            assertThatThrownBy(() -> client.say("NOOP", "250"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("expected 250 but heard 450 not now")
                    .hasMessageContaining("S: 220 scripted.test ESMTP\nC: NOOP\nS: 450 not now");
        }
    }

    @Test
    void saysThatTheServerClosedWhereAReplyWasExpected() {
        server.on("NOOP").hangUp();
        try (SmtpDialogue client = greeted()) {
            assertThatThrownBy(() -> client.say("NOOP", "250"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("the server closed the connection");
        }
    }

    @Test
    void sendsOctetsAsTheyAreWrittenInAScript() {
        server.on("NOOP").reply("250 ok");
        SmtpDialogue.script(server.port(), """
                # a remark

                S: 220
                C: NOOP \\xC3\\xA4\\t\\\\
                S: 250
                R: NOOP 1\\r\\nNOOP 2\\r
                R: \\n
                S: 250
                S: 250 ok
                """);
        assertThat(server.commands()).containsExactly("NOOP ä\t\\", "NOOP 1", "NOOP 2");
    }

    @Test
    void failsAScriptWhoseServerDoesNotClose() {
        server.on("QUIT").reply("221 but I stay");
        assertThatThrownBy(() -> SmtpDialogue.script(server.port(), "S: 220\nC: NOOP\nS: 250\nC: NOOP\nS: (closed)"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("expected the server to close");
    }

    @Test
    void listensAfterItHasFinishedSpeaking() {
        try (SmtpDialogue client = greeted()) {
            client.send("NOOP").shutdownOutput();
            client.expect("250");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void leavesWithAReset() {
        server.on("MAIL").stall();
        SmtpDialogue client = greeted();
        client.send("MAIL FROM:<a@x.test>");
        server.awaitCommand("MAIL");
        client.reset();
        server.awaitOpenConnections(0);
        assertThat(server.transcript()).contains("Connection reset");
    }

    @Test
    void stuffsDotsAndEndsAMessageOnce() {
        assertThat(stuffed("")).isEqualTo(".\r\n");
        assertThat(stuffed(".\r\n..\r\na.\r\n.b\r\n")).isEqualTo("..\r\n...\r\na.\r\n..b\r\n.\r\n");
    }

    @Test
    void refusesToSendAMessageThatWouldNotArriveAsItIs() {
        assertThatIllegalArgumentException().isThrownBy(() -> stuffed("no end"));
        assertThatIllegalArgumentException().isThrownBy(() -> stuffed("bare\n"));
    }

    private static String stuffed(String message) {
        byte[] octets = message.getBytes(StandardCharsets.US_ASCII);
        return new String(SmtpDialogue.stuffed(octets), StandardCharsets.US_ASCII);
    }

    private SmtpDialogue greeted() {
        SmtpDialogue client = SmtpDialogue.connect(server.port());
        client.expect("220");
        return client;
    }
}
