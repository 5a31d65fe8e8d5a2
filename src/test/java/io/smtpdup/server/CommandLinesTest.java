package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ends a command line, and what becomes of a line that is none. */
class CommandLinesTest {

    private static Listener listener;

    @BeforeAll
    static void listen() {
        listener = Listener.withTls("");
    }

    @AfterAll
    static void stop() {
        listener.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOOP\n", "EHLO x\n", "NOOP\n\r\n", "NO\rOP", "NOOP \rR", "NOOP\r\r", "\n", "\r\r", "QUIT\n",
        "EHLO a\nMAIL FROM:<a@b.example>\r\n", "BDAT 3 LAST\n", "XYZZY\n", "\u00e4\n"})
    void refusesABareNewlineAtOnceAndCloses(String octets) {
        try (SmtpDialogue client = listener.client()) {
            client.sendRaw(octets);
            client.expect("50");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void executesNothingThatWasSentBehindABareNewline() {
        int before = listener.arrived().size();
        try (SmtpDialogue client = listener.clientWithEnvelope()) {
            client.sendRaw("NOOP\nDATA\r\nSubject: smuggled\r\n\r\n.\r\n");
            client.expect("501 5.5.2");
            assertThat(client.isClosedByPeer()).isTrue();
        }
        assertThat(listener.arrived()).hasSize(before);
    }

    @Test
    void refusesABareNewlineUnderTls() {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("STARTTLS", "220");
            client.startTls(TestCertificates.localhost().trustingContext());
            client.sendRaw("EHLO x\n");
            client.expect("501 5.5.2");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOOP \u00e4", "NOOP \u00c0\u0080", "NOOP \u00ed\u00a0\u0080", "\u0080\u0081", "EHLO b\u00fccher",
        "MAIL FROM:<\u00fc@b.example>", "RCPT TO:<\u00fc@b.example>", "DATA \u00e4", "RSET \u00e4", "QUIT \u00e4", "NOOP \0"})
    void refusesACommandThatIsNotUtf8OrHasANulAndGoesOn(String octets) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.sendRaw(octets + "\r\nNOOP\r\n");
            client.expect("50");
            client.expect("250 2.0.0");
        }
    }

    @Test
    void refusesOneRecipientInLatin1AmongGoodOnes() {
        int before = listener.arrived().size();
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example> SMTPUTF8", "250");
            client.say("RCPT TO:<first@d.example>", "250");
            client.sendRaw("RCPT TO:<m\u00fcller@d.example>\r\n");
            client.expect("501 5.1.3");
            client.say("RCPT TO:<last@d.example>", "250");
            client.data("Subject: x\r\n\r\n".getBytes());
            client.expect("250");
        }
        assertThat(listener.arrived().get(before).recipients()).containsExactly("first@d.example", "last@d.example");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOOP ", "RCPT TO:<", "MAIL FROM:<", "EHLO ", "XYZZY ", ""})
    void refusesALineBeyondTheLimitAndGoesOn(String beginning) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.sendRaw(beginning + "x".repeat(100_000) + "\r\nNOOP\r\n");
            client.expect("500 5.5.2");
            client.expect("250 2.0.0");
        }
    }

    @Test
    void takesALineUpToTheLimit() {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("NOOP " + "x".repeat(CommandReader.LONGEST - 5), "250");
            client.say("NOOP " + "x".repeat(CommandReader.LONGEST - 4), "500 5.5.2");
        }
    }

    @Test
    void closesOnALineWithoutEnd() {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.sendRaw("NOOP " + "x".repeat(1_000_000));
            client.expect("501 5.5.2");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"BDAT \u00e4 LAST\r\nNOOP\r\n", "BDAT 9 LAST\0\r\nNOOP\r\n"})
    void refusesChunksAndClosesWhateverTheirCommandSays(String octets) {
        try (SmtpDialogue client = listener.clientWithEnvelope()) {
            client.sendRaw(octets);
            client.expect("502 5.5.1");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void hasALineInTheLogForEach() {
        try (MailLogLines log = MailLogLines.listen(); SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.sendRaw("RCPT TO:<m\u00fcller@d.example>\r\n");
            client.expect("501");
            client.sendRaw("EHLO x\n");
            client.expect("501");

            assertThat(log.lines()).anyMatch(line -> line.matches("command-refused .*command=RCPT TO:<m.ller@d.example> reply=501 5.1.3.*"))
                    .anyMatch(line -> line.startsWith("command-refused ") && line.contains("command=EHLO x") && line.contains("Bare CR or LF"));
        }
    }
}
