package io.smtpdup.delivery;

import static io.smtpdup.delivery.TestSender.from;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that announces PIPELINING and cannot do it gets its mail all the same, command by command. */
@Timeout(60)
class OneByOneTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();

    private final TestSender sender = new TestSender();

    private final String uri = "smtp:" + server.address() + "?timeout=2s&localName=localhost";

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServerThatLosesWhatArrivesTogetherGetsItsMailAndIsRemembered(boolean tls) {
        server.readingOneCommandAtATime();
        if (tls) {
            server.withStartTls(TestCertificates.localhost().serverContext());
        }

        sender.deliver(uri, from("a@a.test", "1@b.test", "2@b.test"), TestSender.MESSAGE);
        server.dropIdleConnections();
        sender.deliver(uri, from("a@a.test", "3@b.test", "4@b.test"), TestSender.MESSAGE);

        assertThat(server.messages()).extracting(mail -> mail.recipients())
                .containsExactly(List.of("1@b.test", "2@b.test"), List.of("3@b.test", "4@b.test"));
        assertThat(server.flights(server.connectionCount())).allMatch(flight -> flight.size() == 1);
        assertThat(server.commands()).filteredOn(line -> line.startsWith("MAIL")).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hangs up", "503 5.5.1 need MAIL", "500 5.5.2 what?", "421 4.4.2 timeout waiting for a command",
        "421 4.7.0 improper command pipelining", "550 5.5.0 no pipelining here", "451 4.5.0 out of synchronization"})
    void aServerThatAnswersTheFirstOfThemOnlyGetsItsMail(String what) {
        var rule = server.on("RCPT");
        if (what.equals("hangs up")) {
            rule.hangUp();
        } else {
            rule.reply(what);
        }
        rule.once();

        sender.deliver(uri, from("a@a.test", "1@b.test", "2@b.test"), TestSender.MESSAGE);

        assertThat(server.messages()).hasSize(1);
        assertThat(server.flights(2)).allMatch(flight -> flight.size() == 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hangs up", "says nothing"})
    void aServerThatAnswersNoneOfThemGetsItsMailAndIsRemembered(String what) {
        int needed = what.equals("says nothing") ? 1 : 2; // the line may be lost by chance, once
        for (int mail = 1; mail <= needed; mail++) {
            var rule = server.on("MAIL").once();
            if (what.equals("hangs up")) {
                rule.hangUp();
            } else {
                rule.stall();
            }
            sender.deliver(uri, from("a@a.test", "1@b.test", "2@b.test"), TestSender.MESSAGE);
            server.dropIdleConnections();
        }
        server.behaveAgain();
        sender.deliver(uri, from("a@a.test", "3@b.test", "4@b.test"), TestSender.MESSAGE);

        assertThat(server.messages()).hasSize(needed + 1);
        assertThat(server.flights(server.connectionCount())).allMatch(flight -> flight.size() == 1);
    }

    @Test
    void oneLostLineIsNoReasonToDoWithoutPipelining() {
        server.on("RCPT").once().hangUp();
        sender.deliver(uri, from("a@a.test", "1@b.test"), TestSender.MESSAGE);

        sender.deliver(uri, from("a@a.test", "2@b.test"), TestSender.MESSAGE);

        assertThat(server.flights(server.connectionCount())).last().asList().hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"smtp", "lmtp"})
    void theClientOfSuchAPrimaryHearsNothingOfIt(String protocol) {
        server.readingOneCommandAtATime();
        try (CheckingRelay relay = new CheckingRelay("protocol=" + protocol + "&", "smtp:" + server.address(),
                "timeout=2s&localName=localhost", exchange -> { });
                SmtpDialogue client = relay.client(protocol.equals("lmtp") ? "LHLO" : "EHLO")) {
            for (int i = 0; i < 2; i++) {
                client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "RCPT TO:<2@d.example>", "DATA");
                Stream.of("250", "250", "250", "354").forEach(client::expect);
                client.message(HELLO);
                client.expect("250");
                if (protocol.equals("lmtp")) {
                    client.expect("250");
                }
            }
            assertThat(relay.copies()).hasSize(2);
        }

        assertThat(server.messages()).hasSize(2)
                .allSatisfy(mail -> assertThat(mail.recipients()).containsExactly("1@d.example", "2@d.example"));
    }

    @Test
    void aRefusalThatComesOneByOneAsWellIsTheServersWord() {
        server.on("RCPT").reply("503 5.5.1 not in this mood");

        assertThat(sender.fail(uri).reply().toString()).isEqualTo("503 5.5.1 not in this mood");
        server.behaveAgain();
        sender.deliver(uri);

        assertThat(server.flights(server.connectionCount())).last().asList().hasSize(3);
    }

    @Test
    void manyRecipientsGoOneByOneToo() {
        server.readingOneCommandAtATime();
        String[] recipients = IntStream.range(0, 250).mapToObj(n -> "user" + n + "@b.test").toArray(String[]::new);

        sender.deliver(uri, from("a@a.test", recipients), TestSender.MESSAGE);

        assertThat(server.messages().get(0).recipients()).containsExactly(recipients);
    }

    @ParameterizedTest
    @ValueSource(strings = {"350 go on", "354 go on", "399 what else", "300-well\n300 yes"})
    void anyReplyThatAsksForMoreIsAGoAhead(String reply) {
        server.on("DATA").reply(reply);
        sender.deliver(uri);
        server.announcing("8BITMIME");
        server.dropIdleConnections();
        sender.deliver(uri);
        server.announcing("PIPELINING");

        try (CheckingRelay relay = new CheckingRelay("smtp:" + server.address(), "timeout=2s&localName=localhost");
                SmtpDialogue client = relay.client()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "DATA");
            Stream.of("250", "250", "354").forEach(client::expect);
            client.message(HELLO);
            client.expect("250");
            CheckingRelay.send(client, "<a@b.example>", List.of("2@d.example"), HELLO, "250");
        }

        assertThat(server.messages()).hasSize(4);
    }
}
