package io.smtpdup.delivery;

import static io.smtpdup.delivery.TestSender.from;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Origin;
import io.smtpdup.message.RecipientAnswers;
import io.smtpdup.message.RecipientAnswers.Answer;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server is asked about recipients, and gets no mail. */
@Timeout(60)
class CalloutTest {

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();
    private final TestSender sender = new TestSender();
    private final String uri = "smtp:" + server.address() + "?tls=off&timeout=2s&localName=localhost&callout=true";

    @AfterEach
    void stop() {
        sender.close();
        assertThat(server.commands()).noneMatch(line -> line.startsWith("DATA") || line.startsWith("BDAT"));
        assertThat(server.offeredMessages()).isEmpty();
        server.close();
    }

    private RecipientAnswers ask(Envelope envelope) {
        Exchange exchange = sender.send(uri, envelope, null);
        assertThat(exchange.getException()).isNull();
        assertThat(exchange.getMessage().getHeader(SmtpServerConstants.REPLY)).isNull();
        return exchange.getProperty(RecipientAnswers.LATEST, RecipientAnswers.class);
    }

    private RecipientAnswers ask(String... recipients) {
        return ask(from("a@a.test", recipients));
    }

    private void refuse(String localPart, String reply) {
        server.on("RCPT").when(line -> line.contains("<" + localPart + "@")).reply(reply);
    }

    private static String[] recipients(int number) {
        return IntStream.range(0, number).mapToObj(n -> "user" + n + "@b.test").toArray(String[]::new);
    }

    private static List<String> told(RecipientAnswers answers) {
        return answers.answers().stream().map(one -> one.recipient() + " " + one.saidTo()
                + (one.reply() == null ? "" : " " + one.reply().code())).toList();
    }

    private long rcpts() {
        return server.commands().stream().filter(line -> line.startsWith("RCPT")).count();
    }

    @Test
    void asksTogetherWhereTheServerReadsThatAndTakesItBack() {
        server.announcing("PIPELINING");
        refuse("2", "550 5.1.1 nobody");
        refuse("3", "452 4.2.2 full");

        RecipientAnswers answers = ask("1@b.test", "2@b.test", "3@b.test");

        assertThat(told(answers)).containsExactly("1@b.test RCPT 250", "2@b.test RCPT 550", "3@b.test RCPT 452");
        assertThat(answers.answers()).extracting(Answer::isTaken).containsExactly(true, false, false);
        assertThat(answers.answers()).extracting(Answer::isRefused).containsExactly(false, true, false);
        assertThat(answers.cutShort()).isNull();
        assertThat(answers.server()).isNotEmpty();
        assertThat(server.flights(1)).containsExactly(List.of("EHLO localhost"), List.of("MAIL FROM:<a@a.test>"),
                List.of("RCPT TO:<1@b.test>", "RCPT TO:<2@b.test>", "RCPT TO:<3@b.test>"), List.of("RSET"));
    }

    @Test
    void asksOneByOneWhereTheServerDoesNot() {
        server.announcing("8BITMIME");

        assertThat(told(ask("1@b.test", "2@b.test"))).containsExactly("1@b.test RCPT 250", "2@b.test RCPT 250");
        assertThat(server.flights(1)).containsExactly(List.of("EHLO localhost"), List.of("MAIL FROM:<a@a.test>"),
                List.of("RCPT TO:<1@b.test>"), List.of("RCPT TO:<2@b.test>"), List.of("RSET"));
    }

    @Test
    void goesOnOverTheSameConnectionUntilItHasRefusedMany() {
        refuse("no", "550 5.1.1 nobody");

        ask("1@b.test");
        ask("no@b.test");
        ask("2@b.test");
        assertThat(server.connectionCount()).isEqualTo(1);
        ask("no@b.test", "no@b.test", "no@b.test", "no@b.test", "no@b.test");
        ask("3@b.test");

        assertThat(server.connectionCount()).isEqualTo(2);
        assertThat(server.commands(1)).endsWith("QUIT");
    }

    @Test
    void fewRecipientsGoInEachTransaction() {
        RecipientAnswers answers = ask(recipients(25));

        assertThat(answers.answers()).hasSize(25).allMatch(Answer::isTaken);
        assertThat(answers.answers()).extracting(Answer::recipient).containsExactly(recipients(25));
        assertThat(server.commands()).filteredOn(line -> line.startsWith("MAIL")).hasSize(3);
        assertThat(server.connectionCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "8BITMIME"})
    void whoIsOneTooManyIsAskedAboutInTheNextTransaction(String extension) {
        server.announcing(extension);
        AtomicInteger taken = new AtomicInteger();
        server.on("MAIL").when(line -> {
            taken.set(0);
            return false;
        }).replyAsUsual();
        server.on("RCPT").when(line -> taken.incrementAndGet() > 4).reply("452 4.5.3 Too many recipients");

        RecipientAnswers answers = ask(recipients(10));

        assertThat(answers.answers()).hasSize(10).allMatch(Answer::isTaken);
        assertThat(server.commands()).filteredOn(line -> line.startsWith("MAIL")).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({"PIPELINING,550 5.7.1 SPF", "8BITMIME,550 5.7.1 SPF", "PIPELINING,451 4.3.0 busy", "PIPELINING,451 4.7.1 wait"})
    void aRefusalAtMailIsForAll(String extension, String reply) {
        server.announcing(extension);
        server.on("MAIL").reply(reply);

        RecipientAnswers answers = ask(recipients(12));

        assertThat(answers.answers()).hasSize(12).allSatisfy(one -> {
            assertThat(one.saidTo()).isEqualTo(RecipientAnswers.SaidTo.MAIL);
            assertThat(one.reply()).hasToString(reply);
            assertThat(one.isRefused()).isFalse();
        });
        assertThat(answers.cutShort()).contains("MAIL").contains(reply);
        assertThat(rcpts()).isZero();
        assertThat(server.connectionCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"PIPELINING,421 4.3.2 shutting down", "8BITMIME,421 4.3.2 shutting down", "8BITMIME,421 busy"})
    void stopsWhenTheServerLeaves(String extension, String farewell) {
        server.announcing(extension);
        server.on("RCPT").when(line -> line.contains("user2")).replyAndHangUp(farewell);

        RecipientAnswers answers = ask(recipients(20));

        assertThat(told(answers).subList(0, 4)).containsExactly("user0@b.test RCPT 250", "user1@b.test RCPT 250",
                "user2@b.test RCPT 421", "user3@b.test NOT_ASKED");
        assertThat(answers.answers().subList(3, 20)).allMatch(one -> one.saidTo() == RecipientAnswers.SaidTo.NOT_ASKED);
        assertThat(answers.cutShort()).contains("421");
        assertThat(server.connectionCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"PIPELINING,10", "8BITMIME,3"})
    void stopsWhenTheServerHasEnough(String extension, int asked) {
        server.announcing(extension);
        server.on("RCPT").when(line -> line.contains("user2")).reply("450 4.7.230 too fast");

        RecipientAnswers answers = ask(recipients(20));

        assertThat(told(answers)).contains("user2@b.test RCPT 450", "user" + asked + "@b.test NOT_ASKED");
        assertThat(answers.cutShort()).contains("4.7.230");
        assertThat(rcpts()).isEqualTo(asked);
        assertThat(server.commands()).contains("RSET");
    }

    @Test
    void stopsAtOnceOnAConnectionThatHasAskedBefore() {
        ask("1@b.test");
        server.on("RCPT").reply("450 4.7.1 too fast");

        RecipientAnswers answers = ask(recipients(20));

        assertThat(told(answers)).startsWith("user0@b.test RCPT 450").contains("user10@b.test NOT_ASKED");
        assertThat(rcpts()).isEqualTo(11);
        assertThat(server.connectionCount()).isEqualTo(1);
    }

    @Test
    void aRefusalOfTheMomentIsAnAnswerAndIsNotAskedTwice() {
        ask("1@b.test");
        refuse("2", "450 4.2.0 busy");

        assertThat(told(ask("2@b.test", "3@b.test"))).containsExactly("2@b.test RCPT 450", "3@b.test RCPT 250");
        assertThat(rcpts()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"PIPELINING,hangUp", "PIPELINING,garbage", "PIPELINING,stall", "8BITMIME,hangUp", "8BITMIME,garbage", "8BITMIME,stall"})
    void itIsNotClearWhatAServerThinksThatGivesNoAnswer(String extension, String what) {
        server.announcing(extension);
        var rule = server.on("RCPT").when(line -> line.contains("user2"));
        switch (what) {
            case "hangUp" -> rule.hangUp();
            case "stall" -> rule.stall();
            default -> rule.reply("hello?");
        }

        RecipientAnswers answers = ask(recipients(5));

        assertThat(told(answers).subList(0, 3)).containsExactly("user0@b.test RCPT 250", "user1@b.test RCPT 250",
                "user2@b.test NOTHING");
        assertThat(answers.answers()).noneMatch(one -> one.recipient().startsWith("user3") && one.reply() != null);
        assertThat(answers.cutShort()).isNotNull();
    }

    @Test
    void consentToWhatWasNotAskedIsNoAnswer() {
        server.on("RCPT").reply("354 go ahead");

        assertThat(told(ask("1@b.test"))).containsExactly("1@b.test NOTHING");
        server.awaitOpenConnections(0);
    }

    @Test
    void aServerThatIsAwayIsAskedNothing() {
        server.down();

        RecipientAnswers answers = ask("1@b.test", "2@b.test");

        assertThat(told(answers)).containsExactly("1@b.test NOT_ASKED", "2@b.test NOT_ASKED");
        assertThat(answers.cutShort()).contains("cannot use");
    }

    @Test
    void asksAgainWhereAConnectionOfThePoolHasEnded() {
        ask("1@b.test");
        server.dropIdleConnections();

        assertThat(told(ask("2@b.test"))).containsExactly("2@b.test RCPT 250");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hangUp", "500 5.5.1 what?", "354 go ahead"})
    void theAnswersStandWhateverIsSaidToRset(String reply) {
        var rule = server.on("RSET");
        if (reply.equals("hangUp")) {
            rule.hangUp();
        } else {
            rule.reply(reply);
        }

        assertThat(told(ask("1@b.test"))).containsExactly("1@b.test RCPT 250");
        assertThat(told(ask("2@b.test"))).containsExactly("2@b.test RCPT 250");
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void saysWhatTheMailWouldSay() {
        server.announcing("PIPELINING", "8BITMIME", "SMTPUTF8", "XFORWARD NAME ADDR PORT PROTO HELO");
        ClientIdentity client = new ClientIdentity(new InetSocketAddress("192.0.2.7", 4711), null, "client.test", "ESMTP");
        Envelope envelope = from("", "jörg@b.test").withOrigin(new Origin(client, null, null, null));

        sender.send(uri + "&clientIdentity=XFORWARD", envelope, null);

        assertThat(server.commands()).contains("MAIL FROM:<> SMTPUTF8", "RCPT TO:<jörg@b.test>")
                .anyMatch(line -> line.startsWith("XFORWARD") && line.contains("192.0.2.7"));
    }

    @Test
    void anAddressThatTheServerCannotReadIsRefused() {
        server.announcing("PIPELINING");

        assertThat(told(ask("1@b.test", "jörg@b.test"))).containsExactly("1@b.test RCPT 250", "jörg@b.test RCPT 550");
        assertThat(rcpts()).isEqualTo(1);
    }

    @Test
    void needsAnEnvelope() {
        Exchange exchange = sender.send(uri, message -> message.setBody("hello"));

        assertThat(exchange.getException()).hasMessageContaining("envelope");
    }

    @Test
    void saysNothingThatWouldBeACommandOfItsOwn() {
        assertThat(sender.send(uri, from("a@a.test", "b\r\nDATA@b.test"), null)
                .getProperty(RecipientAnswers.LATEST, RecipientAnswers.class).answers()).noneMatch(Answer::isTaken);
        assertThat(server.connectionCount()).isZero();
    }
}
