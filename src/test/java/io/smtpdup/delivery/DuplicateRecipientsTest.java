package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client names a recipient twice, and hears of each mention what the primary says. */
class DuplicateRecipientsTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final List<String> TWICE = List.of("1@d.example", "2@d.example", "1@d.example");

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final CheckingRelay relay = relay("smtp");

    private final CheckingRelay lmtp = relay("lmtp");

    @AfterEach
    void stop() {
        relay.close();
        lmtp.close();
        primary.close();
    }

    private CheckingRelay relay(String protocol) {
        return new CheckingRelay("protocol=" + protocol + "&", "smtp:" + primary.address(), "timeout=3s&localName=localhost",
                exchange -> { });
    }

    @ParameterizedTest
    @ValueSource(strings = {"550 5.1.1 Duplicate recipient", "452 4.5.3 Duplicate", "250 2.1.5 again"})
    void theClientHearsThePrimaryOnEachMention(String reply) {
        Set<String> mentioned = ConcurrentHashMap.newKeySet();
        primary.on("RCPT").when(line -> !mentioned.add(line)).reply(reply);

        try (SmtpDialogue client = relay.client()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>", "RCPT TO:<1@d.example>",
                    "DATA");
            Stream.of("250", "250", "250", reply, "354").forEach(client::expect);
            client.message(HELLO);
            client.expect("250");
        }

        List<String> accepted = reply.startsWith("250") ? TWICE : TWICE.subList(0, 2);
        assertThat(primary.awaitMessages(1).get(0).recipients()).isEqualTo(accepted);
        assertThat(relay.copies()).containsExactly(accepted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"550 5.1.1 Duplicate recipient", "452 4.5.3 Duplicate", "250 2.1.5 again"})
    void anLmtpClientHearsOneReplyForEachMentionThatWasAccepted(String reply) {
        Set<String> mentioned = ConcurrentHashMap.newKeySet();
        primary.on("RCPT").when(line -> !mentioned.add(line)).reply(reply);

        try (SmtpDialogue client = lmtp.client("LHLO")) {
            client.say("MAIL FROM:<a@b.example>", "250");
            Stream.of("1", "2").forEach(to -> client.say("RCPT TO:<" + to + "@d.example>", "250"));
            client.say("RCPT TO:<1@d.example>", reply);
            client.data(HELLO);
            Stream.of("250", "250").forEach(client::expect);
            if (reply.startsWith("250")) {
                client.expect("250");
            }
            client.say("NOOP", "250");
        }
    }

    @Test
    void anLmtpClientHearsOfEachMentionWhatThePrimarySaysAtTheLastMoment() {
        try (SmtpDialogue client = lmtp.client("LHLO")) {
            client.say("MAIL FROM:<a@b.example>", "250");
            TWICE.forEach(to -> client.say("RCPT TO:<" + to + ">", "250"));
            primary.dropIdleConnections();
            primary.on("RCPT").when(line -> line.contains("<1@")).once().reply("450 4.2.0 busy");
            primary.on("RCPT").when(line -> line.contains("<1@")).reply("550 5.1.1 gone meanwhile");
            client.data(HELLO);
            Stream.of("450 4.2.0 busy", "451 4.5.0", "550 5.1.1 gone meanwhile").forEach(client::expect);
        }

        assertThat(primary.offeredMessages()).isEmpty();
    }

    @Test
    void aPrimaryThatTakesNobodyTwiceOverTheOtherConnectionHasTheMailForAll() {
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            TWICE.forEach(to -> client.say("RCPT TO:<" + to + ">", "250"));
            primary.dropIdleConnections();
            Set<String> mentioned = ConcurrentHashMap.newKeySet();
            primary.on("RCPT").when(line -> !mentioned.add(line)).reply("550 5.1.1 Duplicate recipient");
            client.data(HELLO);
            client.expect("250");
        }

        assertThat(primary.messages()).hasSize(1);
        assertThat(relay.copies()).containsExactly(TWICE);
    }

    @Test
    void theClientHearsThatThereAreTooMany() {
        primary.on("RCPT").when(line -> line.contains("<2@")).reply("452 4.5.3 Too many recipients");

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<1@d.example>", "250");
            client.say("RCPT TO:<2@d.example>", "452 4.5.3 Too many recipients");
            client.data(HELLO);
            client.expect("250");
        }

        assertThat(primary.awaitMessages(1).get(0).recipients()).containsExactly("1@d.example");
    }
}
