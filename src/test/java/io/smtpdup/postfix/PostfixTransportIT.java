package io.smtpdup.postfix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a mail administrator gets who sends one domain through the relay as deploy/postfix says. */
class PostfixTransportIT {

    /** Whatever a body or a header field may look like that a careless hop would repair. */
    private static final byte[] ODD_MESSAGE = ("""
            From: "Alice, the sender" <alice@sender.test>
            To: bob@example.com,
            \tCarol (at work) <carol@example.com>
            Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=   and  spaces\s
            Date: Mon, 02 Mar 2026 10:00:00 +0100
            Message-ID: <odd@sender.test>
            MIME-Version: 1.0 (made by hand)
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit
            X-Odd:no space

            .
            ..two dots and trailing blanks  \s
            grüße, 日本
            From here on
            %s

            """
                    .formatted("a line of 5000 ".repeat(333)))
            .replace("\n", "\r\n")
            .getBytes(StandardCharsets.UTF_8);

    private Site site;

    @RegisterExtension
    final SiteKeeper keeper = new SiteKeeper();

    @BeforeEach
    void open(@TempDir Path relayDirectory) throws IOException {
        site = keeper.keep(Site.byDomain(relayDirectory));
    }

    @Test
    void deliversTheSameOctetsToThePrimaryAndBothBackups() {
        site.send("alice@sender.test", List.of("bob@example.com"), ODD_MESSAGE);

        ReceivedMessage atPrimary = site.primary.awaitMessages(1).get(0);
        ReceivedMessage atA = site.backupA.awaitMessages(1).get(0);
        ReceivedMessage atB = site.backupB.awaitMessages(1).get(0);
        assertThat(atPrimary.firstField()).startsWith("Received:").contains("relay.test");
        ReceivedMessage asPostfixSentIt = below(atPrimary);
        assertThat(asPostfixSentIt.firstField()).startsWith("Received:").contains("mx.postfix.test");
        assertThat(asPostfixSentIt.belowReceived()).isEqualTo(ODD_MESSAGE);
        assertThat(atA.belowReceived()).isEqualTo(atPrimary.belowReceived());
        assertThat(atB.belowReceived()).isEqualTo(atPrimary.belowReceived());
    }

    @Test
    void deliversTheSameEnvelopeToThePrimaryAndBothBackups() {
        List<String> senders = List.of("", "alice+tag@sender.test", "\"alice and bob\"@sender.test");
        List<String> recipients =
                List.of("bob+lists=2026@example.com", "\"carol at work\"@example.com", "dave@sub.example.com");

        senders.forEach(sender -> site.send(sender, recipients, ODD_MESSAGE));

        for (ScriptedSmtpServer server : List.of(site.primary, site.backupA, site.backupB)) {
            List<ReceivedMessage> messages = server.awaitMessages(senders.size());
            assertThat(messages)
                    .extracting(ReceivedMessage::envelopeFrom)
                    .containsExactlyInAnyOrderElementsOf(senders);
            assertThat(messages).allSatisfy(message -> {
                assertThat(message.recipients()).containsExactlyInAnyOrderElementsOf(recipients);
                assertThat(message.mailFrom()).contains("BODY=8BITMIME");
            });
        }
    }

    @Test
    void deliversWhatAProgramOnTheSameMachineSubmits() throws IOException {
        site.postfix.sendmail("alice@sender.test", List.of("bob@example.com"), Site.message("from cron"));

        for (ScriptedSmtpServer server : List.of(site.primary, site.backupA, site.backupB)) {
            assertThat(server.awaitMessages(1)).extracting(Site::subject).containsExactly("from cron");
        }
    }

    @Test
    void deliversABigMessage() {
        String line = "0123456789".repeat(7) + "\r\n";
        String text = new String(Site.message("big"), StandardCharsets.US_ASCII)
                + line.repeat(5 * 1024 * 1024 / line.length());
        byte[] message = text.getBytes(StandardCharsets.US_ASCII);

        site.send("alice@sender.test", List.of("bob@example.com"), message);

        for (ScriptedSmtpServer server : List.of(site.primary, site.backupA, site.backupB)) {
            byte[] arrived = below(server.awaitMessages(1).get(0)).belowReceived();
            assertThat(ReceivedMessage.sha256(arrived)).isEqualTo(ReceivedMessage.sha256(message));
        }
    }

    @Test
    void leavesMailForOtherDomainsAlone() {
        site.send("alice@sender.test", List.of("zoe@other.test"), Site.message("not for the relay"));

        ReceivedMessage elsewhere = site.world.awaitMessages(1).get(0);
        assertThat(elsewhere.text()).doesNotContain("relay.test");
        assertThat(site.postfix.awaitQueue(List::isEmpty)).isEmpty();
        assertThat(List.of(site.primary, site.backupA, site.backupB)).allMatch(s -> s.messages().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"RCPT", "DOT"})
    void bouncesWithThePrimarysOwnWords(String verb) {
        site.primary.on(verb).reply("550 5.7.1 Bob has moved to Mars");

        site.send("alice@sender.test", List.of("bob@example.com"), Site.message("refused"));

        ReceivedMessage bounce = site.world.awaitMessages(1).get(0);
        assertThat(bounce.envelopeFrom()).isEmpty();
        assertThat(bounce.recipients()).containsExactly("alice@sender.test");
        assertThat(bounce.text().replaceAll("\\s+", " "))
                .contains("Diagnostic-Code: smtp; 550 5.7.1 Bob has moved to Mars")
                .contains("Status: 5.7.1");
        assertThat(site.postfix.awaitQueue(List::isEmpty)).isEmpty();
        assertThat(List.of(site.backupA, site.backupB)).allMatch(s -> s.offeredMessages().isEmpty());
    }

    @Test
    void keepsTheMailWhileThePrimaryDefersIt() {
        site.primary.on("RCPT").reply("450 4.2.0 Bob is asleep");
        site.send("alice@sender.test", List.of("bob@example.com"), Site.message("patience"));
        assertThat(awaitDeferred().reasons()).singleElement().asString().contains("450 4.2.0 Bob is asleep");
        assertThat(List.of(site.backupA, site.backupB)).allMatch(s -> s.offeredMessages().isEmpty());

        site.primary.behaveAgain();
        site.postfix.flush();

        assertDeliveredOnce("patience");
    }

    @Test
    void keepsTheMailWhileThePrimaryIsDown() {
        site.primary.down();
        site.send("alice@sender.test", List.of("bob@example.com"), Site.message("patience"));
        assertThat(awaitDeferred().reasons()).singleElement().asString().contains("451 4.4.1");
        assertThat(List.of(site.backupA, site.backupB)).allMatch(s -> s.offeredMessages().isEmpty());

        site.primary.up();
        site.postfix.flush();

        assertDeliveredOnce("patience");
    }

    @Test
    void keepsTheMailWhileTheRelayIsDown() throws IOException {
        site.relay.stop();
        site.send("alice@sender.test", List.of("bob@example.com"), Site.message("patience"));
        assertThat(awaitDeferred().reasons()).singleElement().asString().contains("Connection refused");

        site.relay.start();
        site.postfix.flush();

        assertDeliveredOnce("patience");
    }

    @Test
    void deliversEachOfManyMailsOnceOverAFewConnections() {
        List<String> subjects =
                IntStream.rangeClosed(1, 200).mapToObj(n -> "mail " + n).toList();

        try (SmtpDialogue client = SmtpDialogue.connect(site.postfix.port())) {
            client.expect("220");
            client.say("EHLO client.test", "250");
            subjects.forEach(subject -> Site.transact(
                    client, "alice@sender.test", List.of("bob@example.com"), Site.message(subject)));
        }

        await().until(() -> site.postfix.queue().isEmpty());
        for (ScriptedSmtpServer server : List.of(site.primary, site.backupA, site.backupB)) {
            await().until(() -> server.messages().size() >= subjects.size());
            assertThat(server.messages()).extracting(Site::subject).containsExactlyInAnyOrderElementsOf(subjects);
        }
        // From the second message on, Postfix logs how often it has used the connection.
        assertThat(site.postfix.log().lines().filter(line -> line.contains("conn_use=")))
                .hasSizeGreaterThan(subjects.size() / 2);
    }

    @Test
    void neverWaitsForABackupThatIsDownOrHangs() {
        site.backupA.down();
        site.backupB.on("CONNECT").stall();
        long sent = System.nanoTime();

        site.send("alice@sender.test", List.of("bob@example.com"), Site.message("no time to lose"));

        site.primary.awaitMessages(1);
        site.postfix.awaitQueue(List::isEmpty);
        assertThat(Duration.ofNanos(System.nanoTime() - sent)).isLessThan(Patience.LIMIT);
        site.backupA.up();
        site.backupB.behaveAgain();
        site.backupB.dropIdleConnections();
        assertThat(site.backupA.awaitMessages(1)).extracting(Site::subject).containsExactly("no time to lose");
        assertThat(site.backupB.awaitMessages(1)).extracting(Site::subject).containsExactly("no time to lose");
    }

    @Test
    void keepsThisServersSettingsForTheInternetAwayFromTheRelay() throws IOException {
        PostfixConfiguration configuration = PostfixConfiguration.byDomain(site.relay.port())
                .with("smtp_fallback_relay", "[127.0.0.1]:" + site.world.port())
                .with("smtp_generic_maps", "inline:{alice@sender.test=public@sender.test}")
                .with("smtp_tls_security_level", "encrypt")
                .with("smtp_tls_wrappermode", "yes")
                .with("smtp_data_done_timeout", "1s");
        site.primary.on("DOT").delay(Duration.ofSeconds(3)).replyAsUsual();

        try (PostfixInstance postfix = PostfixInstance.start(configuration)) {
            Site.send(postfix, "alice@sender.test", List.of("bob@example.com"), Site.message("unchanged"));

            assertThat(site.primary.awaitMessages(1).get(0).envelopeFrom()).isEqualTo("alice@sender.test");
            assertThat(postfix.awaitQueue(List::isEmpty)).isEmpty();
            assertThat(postfix.log()).contains("status=sent").doesNotContain("status=deferred");

            site.relay.stop();
            Site.send(postfix, "alice@sender.test", List.of("bob@example.com"), Site.message("waits"));
            postfix.awaitQueue(queue -> queue.size() == 1 && queue.get(0).isDeferred());
            assertThat(site.world.offeredMessages()).isEmpty();
        }
    }

    private PostfixInstance.QueuedMail awaitDeferred() {
        return site.postfix
                .awaitQueue(queue -> queue.size() == 1 && queue.get(0).isDeferred())
                .get(0);
    }

    private void assertDeliveredOnce(String subject) {
        assertThat(site.postfix.awaitQueue(List::isEmpty)).isEmpty();
        for (ScriptedSmtpServer server : List.of(site.primary, site.backupA, site.backupB)) {
            assertThat(server.awaitMessages(1)).extracting(Site::subject).containsExactly(subject);
        }
        assertThat(site.world.offeredMessages()).as("bounces").isEmpty();
    }

    /** The message without its first field, for the one below to become the first. */
    private static ReceivedMessage below(ReceivedMessage m) {
        return new ReceivedMessage(
                m.connection(), m.helo(), m.tls(), m.authUser(), m.mailFrom(), m.rcptTo(), m.belowReceived());
    }
}
