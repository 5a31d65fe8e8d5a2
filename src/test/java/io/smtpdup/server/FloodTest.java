package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Extensions;
import io.smtpdup.message.NextHop;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that goes on and on without sending a mail is disconnected, and the log stays readable. */
class FloodTest {

    /** A next hop that refuses everybody whose address begins with "no", and counts the conversations that are open. */
    private static final class PickyHop implements NextHop {

        private final AtomicInteger open = new AtomicInteger();

        @Override
        public Optional<Extensions> extensions() {
            return Optional.of(new Extensions(Map.of("SMTPUTF8", "", "8BITMIME", "")));
        }

        @Override
        public Conversation begin(Envelope mail, long size, ClientIdentity client) {
            open.incrementAndGet();
            return new Conversation() {

                private final java.util.Queue<String> asked = new java.util.ArrayDeque<>();

                private boolean closed;

                @Override
                public Reply mailReply() {
                    return verdict(mail.reversePath(), "2.1.0", "5.1.8");
                }

                @Override
                public void ask(Recipient recipient) {
                    asked.add(recipient.address());
                }

                @Override
                public Reply nextReply() {
                    return verdict(asked.remove(), "2.1.5", "5.1.1");
                }

                @Override
                public void close() {
                    if (!closed) {
                        closed = true;
                        open.decrementAndGet();
                    }
                }
            };
        }

        private static Reply verdict(String address, String yes, String no) {
            return address.startsWith("no") ? Reply.of(550, no, "Not that one") : Reply.of(250, yes, "Ok");
        }
    }

    private final PickyHop hop = new PickyHop();

    @ParameterizedTest
    @ValueSource(strings = {"NOOP", "RSET", "VRFY joe", "HELP", "EHLO client.example", "HELO client.example"})
    void closesAfterAHundredCommandsThatBringNoMailNearer(String command) {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            for (int i = 0; i < 100; i++) {
                client.say(command, "2");
            }
            client.say(command, "421 4.7.0");
            assertThat(client.isClosedByPeer()).isTrue();
            await().until(() -> listener.sessions() == 0);
        }
    }

    @Test
    void countsThemAnewAfterEachMail() {
        try (Listener listener = Listener.with("maxEmptyCommands=2"); SmtpDialogue client = listener.greetedClient()) {
            for (int i = 0; i < 10; i++) {
                client.say("RSET", "250");
                client.say("NOOP", "250");
                assertThat(Listener.mail(client, "Subject: x\r\n\r\n")).startsWith("250");
            }
        }
    }

    @Test
    void countsAcrossTls() {
        try (Listener listener = Listener.withTls("maxErrors=4"); SmtpDialogue client = listener.greetedClient()) {
            client.say("XYZZY", "500");
            client.say("XYZZY", "500");
            client.say("STARTTLS", "220");
            client.startTls(TestCertificates.localhost().trustingContext());
            client.say("XYZZY", "500");
            client.say("XYZZY", "500");
            client.say("XYZZY", "421 4.7.0");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void countsAnewForAnotherClientOfATrustedRelay() {
        try (Listener listener = Listener.with("maxErrors=2&trustedRelays=127.0.0.0/8"); SmtpDialogue relay = listener.greetedClient()) {
            for (int i = 0; i < 5; i++) {
                relay.say("XCLIENT ADDR=192.0.2." + i, "220");
                relay.say("EHLO client" + i + ".example", "250");
                relay.say("XYZZY", "500");
                relay.say("XYZZY", "500");
            }
            relay.say("XYZZY", "421 4.7.0");
        }
    }

    @Test
    void countsInLmtp() {
        try (Listener listener = Listener.with("protocol=lmtp&maxErrors=3"); SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.expect("220");
            client.say("EHLO client.example", "500 5.5.1");
            client.say("HELO client.example", "500 5.5.1");
            client.say("DATA", "503");
            client.say("DATA", "421 4.7.0");
        }
    }

    @Test
    void executesNothingOfAPipelinedFlood() {
        try (Listener listener = Listener.asking(hop); SmtpDialogue client = listener.greetedClient()) {
            client.sendRaw("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n" + "NOOP\r\n".repeat(20_000)
                    + "DATA\r\nSubject: x\r\n\r\n.\r\n");
            client.expect("250 2.1.0");
            client.expect("250 2.1.5");
            for (int i = 0; i < 100; i++) {
                client.expect("250 2.0.0");
            }
            client.expect("421 4.7.0");
            assertThat(client.isClosedByPeer()).isTrue();
            await().until(() -> hop.open.get() == 0);
            assertThat(listener.arrived()).isEmpty();
        }
    }

    @Test
    void endsAHarvestOfAddressesAndFreesThePlaceAtTheNextHop() {
        try (MailLogLines log = MailLogLines.listen(); Listener listener = Listener.asking(hop);
                SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.sendRaw("RCPT TO:<no-one@d.example>\r\n".repeat(2000));
            for (int i = 0; i < 1000; i++) {
                client.expect("550 5.1.1");
            }
            client.expect("421 4.7.0");
            assertThat(client.isClosedByPeer()).isTrue();
            await().until(() -> hop.open.get() == 0 && listener.sessions() == 0);

            assertThat(log.of("recipient-rejected")).hasSize(Conduct.LINES);
            assertThat(log.of("cut-off")).singleElement().asString()
                    .contains("client=127.0.0.1", "errors=0", "refusals=1001", "unlogged=" + (1001 - Conduct.LINES));
            assertThat(log.of("unlogged")).isEmpty();
        }
    }

    @Test
    void boundsTheLogOfAHarvestOverManyConnections() {
        try (MailLogLines log = MailLogLines.listen(); Listener listener = Listener.asking(hop)) {
            for (int i = 0; i < 200; i++) {
                try (SmtpDialogue client = listener.greetedClient()) {
                    client.say("MAIL FROM:<a@b.example>", "250");
                    client.sendRaw("RCPT TO:<no-one@d.example>\r\n".repeat(20));
                    for (int j = 0; j < 20; j++) {
                        client.expect("550 5.1.1");
                    }
                }
            }
            await().until(() -> log.of("recipient-rejected").size() + log.of("unlogged").stream()
                    .mapToInt(line -> Integer.parseInt(line.replaceAll(".*unlogged=", ""))).sum() >= 4000);
        }
    }

    @Test
    void bearsAMailMostOfWhoseRecipientsAreUnknown() {
        try (MailLogLines log = MailLogLines.listen(); Listener listener = Listener.asking(hop)) {
            try (SmtpDialogue client = listener.greetedClient()) {
                client.say("MAIL FROM:<a@b.example>", "250");
                client.sendRaw("RCPT TO:<no-one@d.example>\r\n".repeat(999) + "RCPT TO:<c@d.example>\r\n");
                for (int i = 0; i < 999; i++) {
                    client.expect("550 5.1.1");
                }
                client.expect("250 2.1.5");
                client.data("Subject: x\r\n\r\n".getBytes());
                client.expect("250");
            }
            await().until(() -> log.of("unlogged").size() == 1);
            assertThat(log.of("unlogged").get(0)).contains("unlogged=" + (999 - Conduct.LINES));
        }
    }

    @Test
    void countsMailsWhoseSenderTheNextHopRefusesOnceEach() {
        try (Listener listener = Listener.asking(hop); SmtpDialogue client = listener.greetedClient()) {
            for (int i = 0; i < 50; i++) {
                client.sendRaw("MAIL FROM:<no@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
                client.expect("550 5.1.8");
                client.expect("503");
                client.expect("503");
            }
            assertThat(Listener.mail(client, "Subject: x\r\n\r\n")).startsWith("250");
        }
    }

    @Test
    void countsMailsAllOfWhoseRecipientsAreUnknownAsRefusalsOnly() {
        try (Listener listener = Listener.asking(hop); SmtpDialogue client = listener.greetedClient()) {
            for (int i = 0; i < 50; i++) {
                client.sendRaw("MAIL FROM:<a@b.example>\r\nRCPT TO:<no-one@d.example>\r\nDATA\r\nRSET\r\n");
                client.expect("250");
                client.expect("550 5.1.1");
                client.expect("554 5.5.1");
                client.expect("250");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"3, 550 5.7.1 Not here", "3, 451 4.7.1 Later"})
    void closesAfterTooManyRefusedMails(int limit, String verdict) {
        try (Listener listener = Listener.with("maxRefusals=" + limit); SmtpDialogue client = listener.greetedClient()) {
            listener.then(exchange -> exchange.getMessage().setHeader(SmtpServerConstants.REPLY, verdict));
            for (int i = 0; i <= limit; i++) {
                assertThat(Listener.mail(client, "Subject: x\r\n\r\n")).startsWith(verdict);
            }
            client.expect("421 4.7.0");
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void closesAfterAHundredTimesTheRecipientsThatAMailMayHave() {
        try (Listener listener = Listener.with("maxRecipients=2&maxRefusals=5"); SmtpDialogue client = listener.clientWithEnvelope()) {
            client.sendRaw("RCPT TO:<c@d.example>\r\n".repeat(300));
            client.expect("250");
            for (int i = 0; i < 200; i++) {
                client.expect("452 4.5.3");
            }
            client.expect("421 4.7.0");
        }
    }

    @Test
    void logsAFewErrorsOfAFloodAndThenOneLine() {
        try (MailLogLines log = MailLogLines.listen(); Listener listener = Listener.with("maxErrors=500")) {
            try (SmtpDialogue client = listener.greetedClient()) {
                client.sendRaw("AUTH PLAIN c2VjcmV0\r\n".repeat(1000));
                for (int i = 0; i < 500; i++) {
                    client.expect("502");
                }
                client.expect("421");
            }
            await().until(() -> listener.sessions() == 0);
            assertThat(log.of("command-refused")).hasSize(Conduct.LINES).allMatch(line -> line.contains("command=AUTH reply"));
            assertThat(log.of("cut-off")).hasSize(1);
        }
    }
}
