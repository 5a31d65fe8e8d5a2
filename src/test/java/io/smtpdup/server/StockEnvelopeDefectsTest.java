package io.smtpdup.server;

import static io.smtpdup.server.StockDefects.keptButNotByStock;
import static org.assertj.core.api.Assertions.assertThat;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The library's defects in reading MAIL and RCPT. */
class StockEnvelopeDefectsTest {

    @ParameterizedTest
    @ValueSource(strings = {"RET=HDRS", "ENVID=x", "BODY=NONSENSE", "BODY=BINARYMIME", "XUNKNOWN", "SMTPUTF8=x"})
    void refusesAParameterItWouldHaveToDrop(String parameter) {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.greetedClient()) {
                client.say("MAIL FROM:<a@b.example> " + parameter, "/^5(01|55)/");
            }
        }, "but heard 250");
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOTIFY=NEVER", "ORCPT=rfc822;x@y.example", "XUNKNOWN=1"})
    void refusesARecipientsParameterItWouldHaveToDrop(String parameter) {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.clientWithEnvelope()) {
                client.say("RCPT TO:<e@d.example> " + parameter, "555");
            }
        }, "but heard 250");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<@a.example,@b.example:c@d.example>", "<a@b_c.example>", "<a..b@c.example>"})
    void takesASenderThatRealMailHas(String path) {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.greetedClient()) {
                client.say("MAIL FROM:" + path, "250");
            }
        }, "but heard 553");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<a@b.example, d@e.example>", "<Joe <a@b.example>>", "<a@b.example>junk"})
    void refusesASenderThatIsNoPath(String path) {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.greetedClient()) {
                client.say("MAIL FROM:" + path, "501");
            }
        }, "but heard 250");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<>", "<a b@c.example>", "<a\0b@c.example>", "<a@b.example,c@d.example>", "<a@b.example>junk"})
    void refusesARecipientThatIsNoPath(String path) {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.clientWithEnvelope()) {
                client.say("RCPT TO:" + path, "501");
            }
        }, "but heard 250");
    }

    @Test
    void keepsARecipientWithABracketInQuotesWhole() {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.greetedClient()) {
                client.say("MAIL FROM:<>", "250");
                client.say("RCPT TO:<\"a>b\"@c.example>", "250");
                client.say("DATA", "354");
                client.sendRaw(".\r\n");
                client.expect("250");
                assertThat(front.arrived()).hasSize(1);
                assertThat(front.arrived().get(0).recipients()).as("recipients").containsExactly("\"a>b\"@c.example");
            }
        }, "[recipients]");
    }
}
