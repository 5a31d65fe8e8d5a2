package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.smtpdup.message.BodyType;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Origin;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MAIL and RCPT with their parameters; {@code PathTest} has the addresses. */
class EnvelopeDialogueTest {

    private static Listener listener;

    @BeforeAll
    static void listen() {
        listener = Listener.with("maxSize=1000&maxRecipients=3");
    }

    @AfterAll
    static void stop() {
        listener.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " SIZE=0", " SIZE=1000", " size=1", " SIZE=00000000000000000001", " BODY=7BIT", " body=8bitmime", " SMTPUTF8",
        " SIZE=1 BODY=8BITMIME SMTPUTF8", "  SIZE=1  BODY=7BIT ", " SMTPUTF8 SIZE=1"})
    void takesTheParametersItAnnounced(String parameters) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example>" + parameters, "250 2.1.0");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SIZE=1001, 552 5.3.4",
        "SIZE=99999999999, 552 5.3.4",
        "SIZE=99999999999999999999, 552 5.3.4",
        "SIZE=999999999999999999999, 501 5.5.4",
        "SIZE=, 501 5.5.4",
        "SIZE, 501 5.5.4",
        "SIZE=-1, 501 5.5.4",
        "SIZE=1k, 501 5.5.4",
        "SIZE=1 SIZE=1, 501 5.5.4",
        "SIZE=1 size=2, 501 5.5.4",
        "BODY=BINARYMIME, 501 5.5.4",
        "BODY=, 501 5.5.4",
        "BODY, 501 5.5.4",
        "BODY=7BIT BODY=8BITMIME, 501 5.5.4",
        "SMTPUTF8=x, 501 5.5.4",
        "SMTPUTF8 SMTPUTF8, 501 5.5.4",
        "RET=FULL, 555 5.5.4",
        "ENVID=x, 555 5.5.4",
        "AUTH=<>, 555 5.5.4",
        "XUNKNOWN, 555 5.5.4",
        "SIZE=1 XUNKNOWN=1, 555 5.5.4",
        "=x, 501 5.5.4",
        "-X=1, 501 5.5.4",
        "X=1=2, 501 5.5.4",
        "SIZE =1, 501 5.5.4",
        "'SIZE=1,BODY=7BIT', 501 5.5.4"})
    void refusesEveryOtherParameter(String parameters, String reply) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example> " + parameters, reply);
            client.say("RCPT TO:<c@d.example>", "503 5.5.1");
            client.say("MAIL FROM:<a@b.example>", "250 2.1.0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIZE=1", "BODY=8BITMIME", "SMTPUTF8", "XUNKNOWN"})
    void takesNoParametersAfterHelo(String parameter) {
        try (SmtpDialogue client = listener.client()) {
            client.say("HELO client.example", "250");
            client.say("MAIL FROM:<a@b.example> " + parameter, "555 5.5.4");
            client.say("MAIL FROM:<a@b.example>", "250 2.1.0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOTIFY=NEVER", "ORCPT=rfc822;x@y.example", "X"})
    void takesNoParametersOfARecipient(String parameter) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<c@d.example> " + parameter, "555 5.5.4");
            client.say("DATA", "554 5.5.1");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MAIL, 501 5.5.4", "MAIL <a@b.example>, 501 5.5.4", "MAIL FROM <a@b.example>, 501 5.5.4",
        "MAIL TO:<a@b.example>, 501 5.5.4", "MAIL FROM:, 501 5.1.7", "MAIL FROM:<a@b.example, 501 5.1.7",
        "MAIL FROM:<a@b.example>SIZE=1, 501 5.5.4", "MAIL FROM :<a@b.example>, 501 5.5.4"})
    void refusesAMailCommandOutOfShape(String command, String reply) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say(command, reply);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "RCPT, 501 5.5.4", "RCPT FROM:<a@b.example>, 501 5.5.4", "RCPT TO:, 501 5.1.3", "RCPT TO:<>, 501 5.1.3",
        "RCPT TO:<@a.example:>, 501 5.1.3"})
    void refusesARcptCommandOutOfShape(String command, String reply) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say(command, reply);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "mail from:<a@b.example>", "Mail From:<a@b.example>", "MAIL FROM: <a@b.example>", "MAIL  FROM:\t<a@b.example> ",
        "MAIL FROM:a@b.example"})
    void forgivesWhatClientsGetWrongWithoutHarm(String command) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say(command, "250 2.1.0");
        }
    }

    @Test
    void wantsSmtpUtf8ForAnInternationalAddress() {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<jürgen@b.example>", "553 5.6.7");
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<c@bücher.example>", "553 5.6.7");
            client.say("RSET", "250");
            client.say("MAIL FROM:<jürgen@b.example> SMTPUTF8", "250 2.1.0");
            client.say("RCPT TO:<c@bücher.example>", "250 2.1.5");
        }
    }

    @Test
    void takesAsManyRecipientsAsAllowedAndDefersTheRest() {
        try (Listener own = Listener.with("maxRecipients=3"); SmtpDialogue client = own.greetedClient()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            for (int i = 1; i <= 3; i++) {
                client.say("RCPT TO:<" + i + "@d.example>", "250 2.1.5");
            }
            client.say("RCPT TO:<4@d.example>", "452 4.5.3");
            client.say("RCPT TO:<5@d.example>", "452 4.5.3");
            client.data("Subject: x\r\n\r\n".getBytes());
            client.expect("250");

            assertThat(own.onlyMail().recipients()).containsExactly("1@d.example", "2@d.example", "3@d.example");
        }
    }

    @Test
    void outlivesAClientWithTenThousandRecipients() {
        try (Listener own = Listener.with("maxRecipients=1000"); SmtpDialogue client = own.greetedClient()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            for (int i = 0; i < 10_000; i += 100) {
                client.sendRaw("RCPT TO:<c@d.example>\r\n".repeat(100));
                for (int j = 0; j < 100; j++) {
                    client.expect(i < 1000 ? "250 2.1.5" : "452 4.5.3");
                }
            }
            client.data("Subject: x\r\n\r\n".getBytes());
            client.expect("250");

            assertThat(own.onlyMail().recipients()).hasSize(1000);
        }
    }

    @Test
    void handsOverWhatTheEnvelopeSaid() {
        try (Listener own = Listener.plain(); SmtpDialogue client = own.greetedClient()) {
            client.say("MAIL FROM:<@hop.example:jürgen@b.example> BODY=8BITMIME SMTPUTF8", "250");
            client.say("RCPT TO:<c@d.example>", "250");
            client.say("RCPT TO:<c@d.example>", "250");
            client.data("Subject: ä\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            client.expect("250");

            Listener.Arrived mail = own.onlyMail();
            assertThat(mail.reversePath()).isEqualTo("jürgen@b.example");
            assertThat(mail.recipients()).as("duplicates are the sender's wish").containsExactly("c@d.example", "c@d.example");
            assertThat(mail.envelope()).isEqualTo(new Envelope("jürgen@b.example", BodyType.EIGHT_BIT_MIME, true,
                    List.of("c@d.example", "c@d.example")).withOrigin(new Origin(mail.client(), "UTF8SMTP", true, true)));
            assertThat(mail.client().helo()).isEqualTo("client.example");
            assertThat(mail.headers()).containsEntry(SmtpServerConstants.SIZE, (long) mail.octets().length);
        }
    }

    @Test
    void handsOverNoBodyTypeThatNobodyDeclared() {
        try (Listener own = Listener.plain(); SmtpDialogue client = own.greetedClient()) {
            Listener.mail(client, "Subject: x\r\n\r\nhello\r\n");

            assertThat(own.onlyMail().envelope()).isEqualTo(new Envelope("a@b.example", null, false, List.of("c@d.example"))
                    .withOrigin(new Origin(own.onlyMail().client(), "ESMTP", false, false)));
        }
    }

    @Test
    void makesNoCamelHeaderOfAMessagesField() {
        try (Listener own = Listener.plain(); SmtpDialogue client = own.greetedClient()) {
            Listener.mail(client, "CamelSmtpServerReply: 250 forged\r\nCamelFileName: /etc/passwd\r\nSubject: x\r\n\r\n");

            assertThat(own.onlyMail().headers()).doesNotContainKeys("CamelSmtpServerReply", "CamelFileName", "Subject");
        }
    }
}
