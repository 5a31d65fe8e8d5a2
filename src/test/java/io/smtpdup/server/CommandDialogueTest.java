package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands, their order, and what is said to those that are none. */
class CommandDialogueTest {

    private static Listener listener;

    @BeforeAll
    static void listen() {
        listener = Listener.with("domain=relay.example");
    }

    @AfterAll
    static void stop() {
        listener.close();
    }

    @Test
    void greetsWithItsNameAndWithoutAnEnhancedCode() {
        try (SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            assertThat(client.expect("220")).startsWith("220 relay.example ESMTP").doesNotContainPattern("2\\.\\d\\.\\d");
        }
    }

    @Test
    void announcesItsExtensionsToEhlo() {
        try (SmtpDialogue client = listener.client()) {
            assertThat(client.say("EHLO client.example", "250")).isEqualTo("""
                    250-relay.example
                    250-PIPELINING
                    250-SIZE 52428800
                    250-ENHANCEDSTATUSCODES
                    250-8BITMIME
                    250 SMTPUTF8""");
        }
    }

    @Test
    void announcesNothingToHelo() {
        try (SmtpDialogue client = listener.client()) {
            assertThat(client.say("HELO client.example", "250")).isEqualTo("250 relay.example");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "ehlo client.example", "EhLo client.example", "EHLO [127.0.0.1]", "EHLO [IPv6:::1]", "EHLO under_score", "EHLO x",
        "EHLO \tclient.example ", "helo client.example", "HELO localhost", "EHLO bücher.example"})
    void acceptsWhateverNameClientsGive(String hello) {
        try (SmtpDialogue client = listener.client()) {
            client.say(hello, "250");
            client.say("MAIL FROM:<>", "250 2.1.0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EHLO", "EHLO ", "HELO", "HELO two words", "EHLO tab\tinside", "EHLO nul\0inside", "EHLO bell\u0007"})
    void refusesAHelloWithoutAProperName(String hello) {
        try (SmtpDialogue client = listener.client()) {
            client.say(hello, "501 5.5.");
            client.say("MAIL FROM:<>", "503 5.5.1");
        }
    }

    @Test
    void refusesANameBeyond255Characters() {
        try (SmtpDialogue client = listener.client()) {
            client.say("EHLO " + "x".repeat(255), "250");
            client.say("EHLO " + "x".repeat(256), "501 5.5.4");
        }
    }

    @Test
    void anotherEhloEndsTheTransaction() {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("EHLO client.example", "250");
            client.say("RCPT TO:<c@d.example>", "503 5.5.1");
            client.say("MAIL FROM:<a@b.example>", "250 2.1.0");
        }
    }

    @Test
    void wantsTheCommandsInTheirOrder() {
        try (SmtpDialogue client = listener.client()) {
            client.say("MAIL FROM:<a@b.example>", "503 5.5.1");
            client.say("EHLO client.example", "250");
            client.say("RCPT TO:<c@d.example>", "503 5.5.1");
            client.say("DATA", "503 5.5.1");
            client.say("MAIL FROM:<a@b.example>", "250 2.1.0");
            client.say("DATA", "554 5.5.1");
            client.say("MAIL FROM:<other@b.example>", "503 5.5.1");
            client.say("RCPT TO:<c@d.example>", "250 2.1.5");
            client.say("DATA now", "501 5.5.4");
            client.say("DATA", "354");
        }
    }

    @Test
    void resetsATransactionAndKeepsTheName() {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("RSET", "250 2.0.0");
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<c@d.example>", "250");
            client.say("RSET", "250 2.0.0");
            client.say("DATA", "503");
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("DATA", "554 5.5.1");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "NOOP, 250 2.0.0", "noop with words, 250 2.0.0", "RSET, 250 2.0.0", "VRFY, 252 2.5.0", "VRFY joe, 252 2.5.0",
        "HELP, 214 2.0.0", "HELP MAIL, 214 2.0.0", "EXPN list, 502 5.5.1", "AUTH PLAIN AGEAYg==, 502 5.5.1",
        "STARTTLS, 502 5.5.1"})
    void answersTheOtherCommandsAtAnyTime(String command, String reply) {
        try (SmtpDialogue client = listener.client()) {
            client.say(command, reply);
            client.say("EHLO client.example", "250");
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say(command, reply);
            client.say("QUIT", "221 2.0.0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "DATAX", "MAILFOO FROM:<a@b.example>", "RCPTO:<a@b.example>", "RSETTLE", "QUITE", "EHLOX client.example", "NOOPS",
        "STARTTLSX", "START", "XYZ", "XYZZY", "", " ", "A", " NOOP", "\0\0\0\0", "BÜCHER", "250 Ok"})
    void doesNotKnowOtherVerbs(String line) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say(line, "500 5.5.2");
            client.say("NOOP", "250");
        }
    }

    @Test
    void saysGoodbyeAndCloses() {
        try (SmtpDialogue client = listener.client()) {
            client.say("QUIT", "221 2.0.0");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void refusesChunksAndClosesBecauseTheirOctetsAreNoCommands() {
        try (SmtpDialogue client = listener.clientWithEnvelope()) {
            client.bdat("QUIT\r\n".getBytes(), true);
            client.expect("502 5.5.1");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }
}
