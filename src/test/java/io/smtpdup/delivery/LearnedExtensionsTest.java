package io.smtpdup.delivery;

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What a client may say is what the primary announced, and stays true when the primary changes its mind. */
class LearnedExtensionsTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final CheckingRelay relay = new CheckingRelay("smtp:" + primary.address(), "timeout=3s&localName=localhost");

    @AfterEach
    void stop() {
        relay.close();
        primary.close();
    }

    @Test
    void announcesAnewWhatThePrimaryAnnouncesAnew() {
        primary.announcing("8BITMIME", "DSN", "SMTPUTF8");
        try (SmtpDialogue client = relay.client()) {
            assertThat(client.say("EHLO again.example", "250")).contains("8BITMIME", "DSN", "SMTPUTF8");
            primaryOffersOnly("8BITMIME");
            CheckingRelay.send(client, "<a@b.example>", List.of("c@d.example"), HELLO, "250");
            assertThat(client.say("EHLO again.example", "250"))
                    .contains("8BITMIME").doesNotContain("DSN").doesNotContain("SMTPUTF8");
        }
    }

    @Test
    void announcesTheUsualOfAPrimaryThatWasNeverThereAndDsnOfNone() {
        primary.down();
        try (SmtpDialogue client = relay.client()) {
            assertThat(client.say("EHLO again.example", "250")).contains("8BITMIME", "SMTPUTF8").doesNotContain("DSN");
        }
    }

    @Test
    void answers455WhenAReceiptIsWantedAndThePrimaryOffersDsnNoMore() {
        primary.announcing("8BITMIME", "PIPELINING", "DSN");
        try (SmtpDialogue client = relay.client()) {
            primaryOffersOnly("8BITMIME", "PIPELINING");
            client.pipeline("MAIL FROM:<a@b.example> RET=HDRS", "RCPT TO:<1@d.example> NOTIFY=SUCCESS",
                    "RCPT TO:<2@d.example> NOTIFY=NEVER", "RCPT TO:<3@d.example> NOTIFY=SUCCESS,FAILURE", "DATA");
            List.of("250", "455 4.3.3", "250", "455 4.3.3", "354").forEach(client::expect);
            client.message(HELLO);
            client.expect("250");
        }

        assertThat(primary.messages()).singleElement()
                .satisfies(mail -> assertThat(mail.rcptTo()).containsExactly("<2@d.example>"));
        assertThat(relay.copies()).containsExactly(List.of("2@d.example"));
    }

    @Test
    void answers455OneByOneToo() {
        primary.announcing("DSN");
        try (SmtpDialogue client = relay.client()) {
            primaryOffersOnly("8BITMIME");
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<1@d.example> NOTIFY=SUCCESS", "455 4.3.3");
            client.say("RCPT TO:<2@d.example>", "250");
            client.say("RSET", "250");
            CheckingRelay.send(client, "<a@b.example>", List.of("c@d.example"), HELLO, "250");
        }

        assertThat(primary.messages()).hasSize(1);
        assertThat(primary.connectionCount()).isEqualTo(3);
    }

    @Test
    void answers550WhereAnAddressNeedsSmtputf8AndThePrimaryOffersItNoMore() {
        primary.announcing("8BITMIME", "SMTPUTF8", "PIPELINING");
        try (SmtpDialogue client = relay.client()) {
            primaryOffersOnly("8BITMIME", "PIPELINING");
            client.say("MAIL FROM:<jürgen@b.example> SMTPUTF8", "550 5.6.7");
            client.say("MAIL FROM:<a@b.example> SMTPUTF8", "250");
            client.say("RCPT TO:<jürgen@d.example>", "550 5.6.7");
            client.say("RCPT TO:<c@d.example>", "250");
            client.data(HELLO);
            client.expect("250");
        }

        assertThat(primary.messages()).singleElement().satisfies(mail -> {
            assertThat(mail.mailFrom()).isEqualTo("<a@b.example>");
            assertThat(mail.rcptTo()).containsExactly("<c@d.example>");
        });
    }

    private void primaryOffersOnly(String... keywords) {
        primary.announcing(keywords);
        primary.dropIdleConnections();
    }
}
