package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.smtpdup.message.Reply;
import io.smtpdup.testkit.ScriptRule;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one client did changes nothing of what the next one hears, although both use the same connection to the primary. */
@Timeout(60)
class ReusedConnectionTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final CheckingRelay relay = new CheckingRelay("smtp:" + primary.address(), "timeout=3s&localName=localhost");

    private final TestSender sender = new TestSender();

    private final String uri = "smtp:" + primary.address() + "?timeout=3s";

    @AfterEach
    void stop() {
        relay.close();
        sender.close();
        primary.close();
    }

    private void sendOne() {
        try (SmtpDialogue client = relay.client()) {
            CheckingRelay.send(client, "<first@b.example>", List.of("1@d.example"), HELLO, "250");
        }
    }

    /** Says this once, and then only good things. */
    private static void play(ScriptRule rule, String trouble) {
        switch (trouble) {
            case "hangs up" -> rule.hangUp();
            case "resets" -> rule.reset();
            default -> {
                if (trouble.startsWith("421")) {
                    rule.replyAndHangUp(trouble);
                } else {
                    rule.reply(trouble);
                }
            }
        }
        rule.once();
    }

    @Test
    void theRefusalsOfOtherClientsDoNotCount() {
        refusesFiveTimes();

        for (int i = 0; i < 4; i++) {
            try (SmtpDialogue client = relay.client()) {
                client.say("MAIL FROM:<a@b.example>", "250");
                client.say("RCPT TO:<unknown@d.example>", "550 5.1.1");
            }
        }

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<1@d.example>", "250");
            client.say("RCPT TO:<unknown@d.example>", "550 5.1.1");
            client.say("RCPT TO:<unknown@d.example>", "550 5.1.1");
            client.data(HELLO);
            client.expect("250");
        }
        assertThat(primary.messages()).hasSize(1);
    }

    /** As Exchange does: the fifth error of a connection ends it. */
    private void refusesFiveTimes() {
        List<AtomicInteger> errors = IntStream.range(0, 50).mapToObj(i -> new AtomicInteger()).toList();
        primary.on("RCPT").when(line -> line.contains("unknown@")
                && errors.get(primary.connectionCount()).incrementAndGet() > 4).replyAndHangUp("421 4.7.0 Too many errors");
        primary.on("RCPT").when(line -> line.contains("unknown@")).reply("550 5.1.1 nobody");
    }

    @ParameterizedTest
    @CsvSource({"MAIL,421 4.7.0 enough", "MAIL,451 4.7.0 enough", "MAIL,452 4.5.3 enough mails on this connection",
        "MAIL,554 5.7.0 enough mails on this connection", "MAIL,hangs up", "MAIL,resets",
        "RCPT,421 4.7.0 enough", "RCPT,452 4.5.3 enough recipients on this connection", "RCPT,450 4.7.1 greylisted",
        "RCPT,hangs up", "RCPT,resets", "DATA,421 4.7.0 enough", "DATA,451 4.3.0 enough", "DATA,554 5.7.0 enough", "DATA,hangs up",
        "DOT,421 4.7.0 enough", "DOT,452 4.3.1 enough"})
    void theClientHearsWhatAFreshConnectionHears(String where, String trouble) {
        sendOne();
        play(primary.on(where), trouble);

        try (SmtpDialogue client = relay.client()) {
            CheckingRelay.send(client, "<second@b.example>", List.of("1@d.example", "2@d.example"), HELLO, "250");
        }

        assertThat(primary.messages()).hasSize(2);
        assertThat(primary.messages().get(1).recipients()).containsExactly("1@d.example", "2@d.example");
        assertThat(primary.connectionCount()).isEqualTo(2);
        assertThat(relay.copies()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"1,421 4.7.0 enough", "2,421 4.7.0 enough", "3,421 4.7.0 enough", "1,hangs up", "2,hangs up", "3,resets",
        "1,450 4.7.1 later", "2,450 4.7.1 later", "3,450 4.7.1 later"})
    void aPipeliningClientToo(String recipient, String trouble) {
        sendOne();
        play(primary.on("RCPT").when(line -> line.contains("<" + recipient + "@")), trouble);

        try (SmtpDialogue client = relay.client()) {
            client.pipeline("MAIL FROM:<second@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>",
                    "RCPT TO:<3@d.example>", "DATA");
            Stream.of("250", "250", "250", "250", "354").forEach(client::expect);
            client.message(HELLO);
            client.expect("250");
        }

        assertThat(primary.messages().get(1).recipients()).containsExactly("1@d.example", "2@d.example", "3@d.example");
        assertThat(primary.connectionCount()).isEqualTo(2);
    }

    @Test
    void whatTheClientHasHeardStaysTrueOverTheOtherConnection() {
        sendOne();
        primary.on("RCPT").when(line -> line.contains("unknown@")).once().reply("550 5.1.1 nobody");
        play(primary.on("RCPT").when(line -> line.contains("<3@")), "421 4.7.0 enough");

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<second@b.example>", "250");
            client.say("RCPT TO:<1@d.example>", "250");
            client.say("RCPT TO:<unknown@d.example>", "550 5.1.1");
            client.say("RCPT TO:<3@d.example>", "250");
            client.data(HELLO);
            client.expect("250");
        }

        assertThat(primary.messages().get(1).recipients()).containsExactly("1@d.example", "3@d.example");
        assertThat(primary.commands(2)).noneMatch(line -> line.contains("unknown@"));
    }

    @Test
    void nothingIsSentWhenTheOtherConnectionRefusesWhatTheClientHeardToBeTaken() {
        sendOne();
        play(primary.on("RCPT").when(line -> line.contains("<2@")), "421 4.7.0 enough");

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<second@b.example>", "250");
            client.say("RCPT TO:<1@d.example>", "250");
            primary.on("RCPT").when(line -> line.contains("<1@")).reply("550 5.1.1 gone meanwhile");
            client.say("RCPT TO:<2@d.example>", "250");
            client.data(HELLO);
            client.expect("451 4.5.0");
        }

        assertThat(primary.offeredMessages()).hasSize(1);
        assertThat(relay.copies()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"MAIL,421 4.3.2 shutting down", "MAIL,550 5.7.1 not you", "RCPT,421 4.3.2 shutting down", "RCPT,450 4.7.1 later",
        "RCPT,550 5.1.1 nobody", "DATA,451 4.3.0 no", "DATA,421 4.3.2 shutting down", "DOT,554 5.7.1 spam", "DOT,452 4.3.1 full",
        "DOT,421 4.3.2 shutting down"})
    void hidesNothingThatTheClientWouldHaveHeardAlone(String where, String reply) {
        sender.deliver(uri);
        primary.on(where).reply(reply);

        assertThat(sender.fail(uri).reply()).isEqualTo(Reply.parse(reply));

        assertThat(primary.messages()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL", "RCPT", "DATA", "DOT"})
    void passesTheFirstRefusalOfAFreshConnectionOn(String where) {
        play(primary.on(where), "451 4.3.0 not now");

        assertThat(sender.fail(uri).reply()).isEqualTo(Reply.parse("451 4.3.0 not now"));

        assertThat(primary.connectionCount()).isEqualTo(1);
    }

    @Test
    void aMailThatMayHaveArrivedIsNotSaidOnceMore() {
        sender.deliver(uri);
        primary.on("DOT").once().acceptAndHangUp();

        assertThat(sender.fail(uri).outcome()).isEqualTo(Outcome.UNKNOWN);

        assertThat(primary.messages()).hasSize(2);
    }

    @Test
    void aRefusedRecipientIsRefusedOnce() {
        sender.deliver(uri);
        primary.on("RCPT").reply("550 5.1.1 nobody");

        sender.fail(uri);

        assertThat(primary.connectionCount()).isEqualTo(1);
        assertThat(primary.commands()).filteredOn(line -> line.startsWith("RCPT")).hasSize(2);
    }
}
