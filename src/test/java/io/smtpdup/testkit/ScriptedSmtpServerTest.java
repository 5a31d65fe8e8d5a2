package io.smtpdup.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ScriptedSmtpServerTest {

    private static final byte[] MESSAGE =
            "Received: by relay\r\n\tfor you\r\nSubject: x\r\n\r\n.\r\n..two\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void recordsEnvelopeAndOctetsOfAMessage() {
        try (SmtpDialogue client = greeted()) {
            client.say("MAIL FROM:<a@x.test> BODY=8BITMIME SIZE=50", "250 2.1.0");
            client.say("RCPT TO:<b@y.test> NOTIFY=NEVER", "250 2.1.5");
            client.say("RCPT TO:<c@y.test>", "250");
            client.data(MESSAGE).expect("250 2.0.0 Ok: queued as 1");
        }
        ReceivedMessage message = server.awaitMessages(1).get(0);
        assertThat(message.octets()).isEqualTo(MESSAGE);
        assertThat(message.mailFrom()).isEqualTo("<a@x.test> BODY=8BITMIME SIZE=50");
        assertThat(message.rcptTo()).containsExactly("<b@y.test> NOTIFY=NEVER", "<c@y.test>");
        assertThat(message.envelopeFrom()).isEqualTo("a@x.test");
        assertThat(message.recipients()).containsExactly("b@y.test", "c@y.test");
        assertThat(message.helo()).isEqualTo("client.test");
        assertThat(message.firstField()).isEqualTo("Received: by relay\r\n\tfor you\r\n");
        assertThat(new String(message.belowReceived(), StandardCharsets.US_ASCII)).startsWith("Subject: x\r\n");
    }

    @Test
    void answersPipelinedCommandsInOrder() {
        try (SmtpDialogue client = greeted()) {
            client.pipeline("MAIL FROM:<>", "RCPT TO:<b@y.test>", "DATA");
            client.expect("250 2.1.0");
            client.expect("250 2.1.5");
            client.expect("354");
            client.message(MESSAGE).expect("250");
        }
        assertThat(server.awaitMessages(1).get(0).envelopeFrom()).isEmpty();
    }

    @Test
    void usesTheFirstRuleThatFitsUntilItIsUsedUp() {
        server.on("RCPT").when(line -> line.contains("bob")).reply("550-5.1.1 no\n550 5.1.1 such user");
        server.on("RCPT").once().reply("451 4.2.0 first");
        server.on("RCPT").reply("452 4.2.2 second").times(1);
        try (SmtpDialogue client = greeted()) {
            client.say("MAIL FROM:<a@x.test>", "250");
            assertThat(client.say("RCPT TO:<bob@y.test>", "550")).isEqualTo("550-5.1.1 no\n550 5.1.1 such user");
            client.say("RCPT TO:<c@y.test>", "451 4.2.0 first");
            client.say("RCPT TO:<c@y.test>", "452 4.2.2 second");
            client.say("RCPT TO:<c@y.test>", "250");
            client.say("RCPT TO:<bob@y.test>", "550");
        }
    }

    @Test
    void offersButDoesNotTakeAMessageRefusedAtTheFinalDot() {
        server.on("DOT").when(text -> text.contains("Subject: x")).reply("554 5.7.1 spam");
        try (SmtpDialogue client = envelopeGiven()) {
            client.data(MESSAGE).expect("554 5.7.1 spam");
        }
        assertThat(server.messages()).isEmpty();
        assertThat(server.offeredMessages()).hasSize(1);
    }

    @Test
    void takesAMessageAndHangsUpWithoutSayingSo() {
        server.on("DOT").once().acceptAndHangUp();
        try (SmtpDialogue client = envelopeGiven()) {
            assertThat(client.data(MESSAGE).isClosedByPeer()).isTrue();
        }
        assertThat(server.messages()).hasSize(1);
    }

    @Test
    void refusesAtTheGreeting() {
        server.on("CONNECT").once().replyAndHangUp("421 4.3.2 busy");
        SmtpDialogue.script(server.port(), "S: 421 4.3.2 busy\nS: (closed)");
        SmtpDialogue.script(server.port(), "S: 220");
    }

    @Test
    void hangsUpAndResetsWhereTold() {
        server.on("MAIL").once().hangUp();
        server.on("MAIL").once().reset();
        try (SmtpDialogue client = greeted()) {
            assertThat(client.send("MAIL FROM:<a@x.test>").isResetByPeer()).isFalse();
            assertThat(client.isClosedByPeer()).isTrue();
        }
        try (SmtpDialogue client = greeted()) {
            assertThat(client.send("MAIL FROM:<a@x.test>").isResetByPeer()).isTrue();
        }
        server.awaitOpenConnections(0);
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void stallsUntilTheClientLeaves() {
        server.on("MAIL").stall();
        try (SmtpDialogue client = greeted()) {
            client.send("MAIL FROM:<a@x.test>");
            server.awaitCommand("MAIL");
            assertThat(client.hearsNothingFor(Duration.ofMillis(200))).isTrue();
        }
        server.awaitOpenConnections(0);
    }

    @Test
    void waitsForTheTestBeforeItReplies() {
        CountDownLatch release = new CountDownLatch(1);
        server.on("MAIL").waitFor(release).replyAsUsual();
        try (SmtpDialogue client = greeted()) {
            client.send("MAIL FROM:<a@x.test>");
            assertThat(client.hearsNothingFor(Duration.ofMillis(100))).isTrue();
            release.countDown();
            client.expect("250 2.1.0");
        }
    }

    @Test
    void delaysAndDripsReplies() {
        server.on("NOOP").delay(Duration.ofMillis(150)).drip("250 slow", Duration.ofMillis(5));
        try (SmtpDialogue client = greeted()) {
            long begin = System.nanoTime();
            client.say("NOOP", "250 slow");
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(190));
        }
    }

    @Test
    void hangsUpInsideAMessage() {
        server.hangUpDuringData(10);
        try (SmtpDialogue client = envelopeGiven()) {
            assertThat(client.data(MESSAGE).isClosedByPeer()).isTrue();
        }
        assertThat(server.offeredMessages()).isEmpty();
    }

    @Test
    void bringsTheSenderOfALargeMessageToAStandAndStaysConnected() {
        server.stopReadingDuringData(10);
        byte[] large = ("x".repeat(62) + "\r\n").repeat(500_000).getBytes(StandardCharsets.US_ASCII);
        try (SmtpDialogue client = envelopeGiven()) {
            CompletableFuture<?> sending = CompletableFuture.runAsync(() -> client.data(large));
            server.awaitTranscript("stops reading after 10 octets");
            assertThat(sending).failsWithin(Duration.ofMillis(500)).withThrowableOfType(TimeoutException.class);
            assertThat(server.openConnections()).isEqualTo(1);
            server.dropIdleConnections();
            assertThat(sending).failsWithin(Patience.LIMIT).withThrowableOfType(ExecutionException.class);
        }
    }

    @Test
    void endsAMessageOnlyAtCrLfDotCrLf() {
        String wire = "a\n.\nb\r.\rc\r\n.\nd\n.\r\ne\r.\r\nf\r\n.\r\r\n.\r\n";
        try (SmtpDialogue client = envelopeGiven()) {
            client.say("DATA", "354");
            client.sendRaw(wire).expect("250");
            client.say("NOOP", "250");
        }
        assertThat(server.messages().get(0).text()).isEqualTo("a\n.\nb\r.\rc\r\n\nd\n.\r\ne\r.\r\nf\r\n\r\r\n");
    }

    @Test
    void showsTheDialogueWhenWhatATestWaitsForDoesNotCome() {
        Recorder recorder = new Recorder(Duration.ofMillis(50));
        recorder.opened();
        recorder.client(1, "NOOP");
        recorder.server(1, "250 2.0.0 Ok");
        assertThatThrownBy(() -> recorder.await("1 messages", () -> false))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("for 1 messages; have 0 messages, 1 connections, 1 of them open")
                .hasMessageEndingWith("1 C: NOOP\n1 S: 250 2.0.0 Ok");
    }

    @Test
    void refusesConnectionsWhileDownAndListensOnTheSamePortAgain() {
        try (SmtpDialogue client = greeted()) {
            server.down();
            assertThat(client.isClosedByPeer()).isTrue();
        }
        assertThatThrownBy(() -> SmtpDialogue.connect(server.port())).isInstanceOf(UncheckedIOException.class);
        server.up();
        SmtpDialogue.script(server.port(), "S: 220");
    }

    @Test
    void keepsOpenConnectionsWhileItRefusesNewOnes() {
        try (SmtpDialogue client = greeted()) {
            server.refuseNewConnections();
            client.say("NOOP", "250");
        }
        assertThatThrownBy(() -> SmtpDialogue.connect(server.port())).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void dropsIdleConnectionsAndTakesNewOnes() {
        try (SmtpDialogue client = greeted()) {
            server.dropIdleConnections();
            assertThat(client.isClosedByPeer()).isTrue();
        }
        assertThat(server.openConnections()).isZero();
        SmtpDialogue.script(server.port(), "S: 220");
    }

    @Test
    void announcesWhatItIsToldTo() {
        server.announcing("SIZE 10", "CHUNKING");
        try (SmtpDialogue client = SmtpDialogue.connect(server.port())) {
            client.expect("220");
            assertThat(client.say("EHLO c", "250")).isEqualTo("250-scripted.test\n250-SIZE 10\n250 CHUNKING");
        }
    }

    @Test
    void takesAMessageInChunks() {
        try (SmtpDialogue client = envelopeGiven()) {
            client.bdat("a\r\n".getBytes(StandardCharsets.US_ASCII), false).expect("250");
            client.bdat(".\r\n".getBytes(StandardCharsets.US_ASCII), true).expect("250 2.0.0 Ok: queued as 1");
        }
        assertThat(server.messages().get(0).text()).isEqualTo("a\r\n.\r\n");
    }

    @Test
    void asksForALoginAndKnowsItsUser() {
        server.withAuth("user", "secret");
        SmtpDialogue.script(server.port(), """
                S: 220
                C: EHLO client.test
                S: /AUTH PLAIN LOGIN/
                C: MAIL FROM:<a@x.test>
                S: 530 5.7.0
                C: AUTH PLAIN AHVzZXIAd3Jvbmc=
                S: 535 5.7.8
                C: AUTH LOGIN
                S: 334 VXNlcm5hbWU6
                C: dXNlcg==
                S: 334 UGFzc3dvcmQ6
                C: c2VjcmV0
                S: 235
                C: AUTH PLAIN AHVzZXIAc2VjcmV0
                S: 235
                C: MAIL FROM:<a@x.test>
                S: 250
                C: RCPT TO:<b@y.test>
                S: 250
                C: DATA
                S: 354
                C: x\\r\\n.
                S: 250
                C: QUIT
                S: 221
                S: (closed)
                """);
        assertThat(server.messages().get(0).authUser()).isEqualTo("user");
        assertThat(server.commands(1)).startsWith("EHLO client.test").endsWith("QUIT");
    }

    private SmtpDialogue greeted() {
        SmtpDialogue client = SmtpDialogue.connect(server.port());
        client.expect("220");
        client.say("EHLO client.test", "250");
        return client;
    }

    private SmtpDialogue envelopeGiven() {
        SmtpDialogue client = greeted();
        client.say("MAIL FROM:<a@x.test>", "250");
        client.say("RCPT TO:<b@y.test>", "250");
        return client;
    }
}
