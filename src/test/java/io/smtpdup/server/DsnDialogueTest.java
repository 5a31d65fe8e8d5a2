package io.smtpdup.server;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.Recipient;
import io.smtpdup.testkit.SmtpDialogue;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** RET, ENVID, NOTIFY and ORCPT, where DSN is offered (RFC 3461, RFC 6533). */
class DsnDialogueTest {

    private static Listener listener;

    @BeforeAll
    static void listen() {
        listener = Listener.asking(new AnnouncingHop());
    }

    @AfterAll
    static void stop() {
        listener.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "RET=FULL", "ret=hdrs", "RET=Full ENVID=x", "ENVID=QQ314159", "envid=a+20b+3Dc+2Bd", "ENVID=!\"#$%&'()*,-./:;<>?@[\\]^_`{|}~",
        "SIZE=1 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x"})
    void takesWhatMailMaySay(String parameters) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example> " + parameters, "250 2.1.0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "RET=NONE", "RET", "RET=", "RET=FULL RET=HDRS", "RET=FULL,HDRS", "ENVID", "ENVID=", "ENVID=a+2", "ENVID=a+", "ENVID=a+zz",
        "ENVID=a+2b", "ENVID=a=b", "ENVID=+0D+0A", "ENVID=+00", "ENVID=+7F", "ENVID=+FC", "ENVID=für", "ENVID=x ENVID=y"})
    void refusesWhatMailMayNotSay(String parameters) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example> " + parameters, "501 5.5.4");
            client.say("MAIL FROM:<a@b.example>", "250 2.1.0");
        }
    }

    @Test
    void takesAnIdOfAHundredOctetsAndNoMore() {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example> ENVID=" + "x".repeat(101), "501 5.5.4");
            client.say("MAIL FROM:<a@b.example> ENVID=" + "x".repeat(100), "250 2.1.0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "NOTIFY=NEVER", "notify=never", "NOTIFY=SUCCESS", "NOTIFY=FAILURE,DELAY", "NOTIFY=Success,failure,DELAY",
        "ORCPT=rfc822;Bob@d.example", "orcpt=RFC822;Bob+2Btag@d.example", "ORCPT=x400;/G=Bob/S=x/", "ORCPT=local;a;b",
        "ORCPT=rfc822;\"two+20words\"@d.example", "ORCPT=utf-8;b\\x{FC}cher@d.example", "ORCPT=utf-8;a+2Bb@d.example",
        "NOTIFY=DELAY ORCPT=rfc822;c@d.example"})
    void takesWhatRcptMaySay(String parameters) {
        String sent = parameters.replace("/G=Bob/S=x/", "/G+3DBob/S+3Dx/");
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<c@d.example> " + sent, "250 2.1.5");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "NOTIFY", "NOTIFY=", "NOTIFY=ALWAYS", "NOTIFY=NEVER,SUCCESS", "NOTIFY=SUCCESS,NEVER", "NOTIFY=SUCCESS,SUCCESS",
        "NOTIFY=SUCCESS,success", "NOTIFY=SUCCESS,", "NOTIFY=,SUCCESS", "NOTIFY=NEVER NOTIFY=NEVER", "NOTIFY=SUCCESS;DELAY",
        "ORCPT", "ORCPT=", "ORCPT=rfc822", "ORCPT=rfc822;", "ORCPT=;c@d.example", "ORCPT=rfc 822;c@d.example",
        "ORCPT=a.b;c@d.example", "ORCPT=rfc822;a+b@d.example", "ORCPT=rfc822;a=b@d.example", "ORCPT=rfc822;bücher@d.example",
        "ORCPT=utf-8;bücher@d.example", "ORCPT=utf-8;a\\x{0A}b@d.example", "ORCPT=utf-8;a\\b@d.example", "ORCPT=rfc822;+0A",
        "ORCPT=rfc822;x ORCPT=rfc822;y"})
    void refusesWhatRcptMayNotSay(String parameters) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<c@d.example> " + parameters, "501 5.5.4");
            client.say("DATA", "554 5.5.1");
        }
    }

    @Test
    void takesAnOriginalRecipientOfFiveHundredOctetsAndNoMore() {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example> SMTPUTF8", "250");
            client.say("RCPT TO:<c@d.example> ORCPT=rfc822;" + "x".repeat(494), "501 5.5.4");
            client.say("RCPT TO:<c@d.example> ORCPT=utf-8;" + "ü".repeat(248), "501 5.5.4");
            client.say("RCPT TO:<c@d.example> ORCPT=rfc822;" + "x".repeat(493), "250 2.1.5");
            client.say("RCPT TO:<c@d.example> ORCPT=utf-8;" + "ü".repeat(247), "250 2.1.5");
        }
    }

    @ParameterizedTest
    @CsvSource({"ORCPT=utf-8;bücher@d.example, 250 2.1.5", "ORCPT=UTF-8;δοκιμή\\x{20}x@παράδειγμα.example, 250 2.1.5",
        "ORCPT=rfc822;bücher@d.example, 501 5.5.4"})
    void takesAnInternationalOriginalRecipientWithSmtpUtf8(String parameter, String reply) {
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example> SMTPUTF8", "250");
            client.say("RCPT TO:<c@d.example> " + parameter, reply);
        }
    }

    @Test
    void handsEveryValueOverAsItCame() {
        try (Listener own = Listener.asking(new AnnouncingHop()); SmtpDialogue client = own.greetedClient()) {
            client.say("MAIL FROM:<> ret=Hdrs ENVID=a+20b SMTPUTF8", "250");
            client.say("RCPT TO:<c@d.example> NOTIFY=Success,DELAY ORCPT=rfc822;C+2Bx@d.example", "250");
            client.say("RCPT TO:<c@d.example>", "250");
            client.say("RCPT TO:<\"e f\"@d.example> ORCPT=utf-8;bücher@d.example", "250");
            client.data("Subject: x\r\n\r\n".getBytes());
            client.expect("250");

            DefaultExchange exchange = new DefaultExchange(own.context());
            exchange.getMessage().setHeaders(new java.util.HashMap<>(own.onlyMail().headers()));
            Envelope envelope = EnvelopeHeaders.read(exchange.getMessage()).orElseThrow();
            assertThat(envelope.ret()).isEqualTo("Hdrs");
            assertThat(envelope.envid()).isEqualTo("a+20b");
            assertThat(envelope.forwardPaths()).containsExactly(
                    new Recipient("c@d.example", "Success,DELAY", "rfc822;C+2Bx@d.example"),
                    new Recipient("c@d.example"),
                    new Recipient("\"e f\"@d.example", null, "utf-8;bücher@d.example"));
        }
    }
}
