package io.smtpdup.delivery;

import static io.smtpdup.delivery.TestSender.from;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A mail goes to those recipients whom the server takes, and of each other one it is known what the server said. */
@Timeout(60)
class PartialDeliveryTest {

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();

    private final TestSender sender = new TestSender();

    private final String uri = "smtp:" + server.address() + "?timeout=5s&partialDelivery=true";

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    private void refuse(String localPart, String reply) {
        server.on("RCPT").when(line -> line.contains("<" + localPart + "@")).reply(reply);
    }

    /** Refuses the second mention of a mailbox in a transaction. */
    private void refuseTheSecond(String reply) {
        Set<String> mentioned = ConcurrentHashMap.newKeySet();
        server.on("RCPT").when(line -> !mentioned.add(line.toLowerCase())).reply(reply);
    }

    /** Takes so many recipients in a transaction. */
    private void take(int most, String refusal) {
        AtomicInteger taken = new AtomicInteger();
        server.on("MAIL").when(line -> {
            taken.set(0);
            return false;
        }).replyAsUsual();
        server.on("RCPT").when(line -> taken.incrementAndGet() > most).reply(refusal);
    }

    private static String[] recipients(int number) {
        return IntStream.range(0, number).mapToObj(n -> "user" + n + "@b.test").toArray(String[]::new);
    }

    @ParameterizedTest
    @CsvSource({"PIPELINING,550 5.1.1 Duplicate recipient", "PIPELINING,452 4.5.3 Duplicate", "PIPELINING,452 once is enough",
        "PIPELINING,450 4.2.0 again?", "8BITMIME,550 5.1.1 Duplicate recipient", "8BITMIME,452 4.5.3 Duplicate"})
    void anAddressThatWasTakenOnceIsTaken(String extension, String refusal) {
        server.announcing(extension);
        for (String endpoint : List.of(uri, uri.replace("true", "false"))) {
            server.behaveAgain();
            refuseTheSecond(refusal);
            sender.deliver(endpoint, from("a@a.test", "one@b.test", "two@b.test", "one@b.test", "one@B.TEST",
                    "three@b.test"), TestSender.MESSAGE);
        }

        assertThat(server.messages()).hasSize(2);
    }

    @Test
    void aLocalPartInCapitalsIsAnotherAddress() {
        refuse("ONE", "550 5.1.1 nobody");

        DeliveryException failure = sender.fail(uri, from("a@a.test", "one@b.test", "ONE@b.test"), TestSender.MESSAGE);

        assertThat(failure.deliveredRecipients()).containsExactly(0);
        assertThat(failure.refusedRecipients()).extracting(RefusedRecipient::position).containsExactly(1);
    }

    @Test
    void anAddressThatIsRefusedFirstAndTakenThenIsTaken() {
        server.on("RCPT").when(line -> line.contains("<one@")).once().reply("450 4.2.0 busy");

        sender.deliver(uri, from("a@a.test", "one@b.test", "two@b.test", "one@b.test"), TestSender.MESSAGE);

        assertThat(server.messages()).singleElement().satisfies(mail ->
                assertThat(mail.recipients()).containsExactly("two@b.test", "one@b.test"));
    }

    @Test
    void bothMentionsOfAnAddressThatIsNeverTakenHaveTheirOwnReply() {
        server.on("RCPT").when(line -> line.contains("<one@")).once().reply("450 4.2.0 busy");
        refuse("one", "550 5.1.1 nobody");

        DeliveryException failure = sender.fail(uri, from("a@a.test", "one@b.test", "two@b.test", "one@b.test"), TestSender.MESSAGE);

        assertThat(failure.refusedRecipients()).extracting(one -> one.position() + " " + one.reply().code())
                .containsExactly("0 450", "2 550");
        assertThat(failure.recipientReplies(List.of("one@b.test", "two@b.test", "one@b.test")))
                .extracting(reply -> reply.code()).containsExactly(450, 450, 550);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "8BITMIME"})
    void thoseThatAreTakenHaveTheMailAtOnce(String extension) {
        server.announcing(extension);
        refuse("unknown", "550 5.1.1 nobody");
        refuse("full", "452 4.2.2 mailbox full");

        DeliveryException failure = sender.fail(uri,
                from("a@a.test", "1@b.test", "unknown@b.test", "2@b.test", "full@b.test", "3@b.test"), TestSender.MESSAGE);

        assertThat(server.messages()).singleElement().satisfies(mail ->
                assertThat(mail.recipients()).containsExactly("1@b.test", "2@b.test", "3@b.test"));
        assertThat(failure.deliveredRecipients()).containsExactlyInAnyOrder(0, 2, 4);
        assertThat(failure.refusedRecipients()).extracting(one -> one.position() + " " + one.outcome())
                .containsExactly("1 FAILED", "3 DEFERRED");
        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(failure.isDestinationAway()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"PIPELINING,452 4.5.3 Too many recipients", "PIPELINING,451 4.5.3 Too many", "PIPELINING,452 Too many recipients",
        "PIPELINING,552 Too many recipients", "PIPELINING,550 5.5.3 Too many", "8BITMIME,452 4.5.3 Too many recipients",
        "PIPELINING,452 enough", "8BITMIME,452 enough"})
    void whatIsLeftOutForNumberGoesInTheNextTransaction(String extension, String refusal) {
        server.announcing(extension);
        take(30, refusal);

        sender.deliver(uri, from("a@a.test", recipients(90)), TestSender.MESSAGE);

        assertThat(server.messages()).extracting(mail -> mail.recipients().size()).containsExactly(30, 30, 30);
        assertThat(server.messages().stream().flatMap(mail -> mail.recipients().stream())).containsExactly(recipients(90));
    }

    @Test
    void whatAServerTakesIsRemembered() {
        take(30, "452 4.5.3 Too many recipients");
        sender.deliver(uri, from("a@a.test", recipients(60)), TestSender.MESSAGE);
        long asked = rcpts();

        sender.deliver(uri, from("a@a.test", recipients(60)), TestSender.MESSAGE);

        assertThat(rcpts() - asked).isEqualTo(60);
        assertThat(server.messages()).extracting(ReceivedMessage::recipients).hasSize(4);
    }

    private long rcpts() {
        return server.commands().stream().filter(line -> line.startsWith("RCPT")).count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"421 4.7.0 Too many errors", "hang up"})
    void aServerThatMindsBeingAskedForMoreIsAskedForLess(String farewell) {
        AtomicInteger taken = new AtomicInteger();
        server.on("MAIL").when(line -> {
            taken.set(0);
            return false;
        }).replyAsUsual();
        var rule = server.on("RCPT").when(line -> taken.incrementAndGet() > 50);
        if (farewell.startsWith("421")) {
            rule.replyAndHangUp(farewell);
        } else {
            rule.hangUp();
        }
        server.on("RCPT").when(line -> taken.get() > 30).reply("452 4.5.3 Too many recipients");

        sender.deliver(uri, from("a@a.test", recipients(90)), TestSender.MESSAGE);

        assertThat(server.messages()).extracting(mail -> mail.recipients().size()).containsExactly(30, 30, 30);
    }

    @Test
    void aThousandRecipientsGoAHundredAtATimeAndEachHundredIsWrittenDown() {
        take(100, "452 4.5.3 Too many recipients");

        DeliveryException failure = sender.fail(uri, from("a@a.test", recipients(1000)), TestSender.MESSAGE);

        assertThat(failure.deliveredRecipients()).hasSize(100);
        assertThat(failure.refusedRecipients()).isEmpty();
        assertThat(server.messages()).hasSize(1);
    }

    @Test
    void aServerThatTakesOneRecipientGetsOneAtATime() {
        take(1, "452 4.5.3 One at a time");

        sender.deliver(uri, from("a@a.test", recipients(20)), TestSender.MESSAGE);

        assertThat(server.messages()).hasSize(20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"452 4.5.3 Too many recipients", "452 no room"})
    void isDeferredWhenEvenTheFirstRecipientIsOneTooMany(String refusal) {
        server.on("RCPT").reply(refusal);

        DeliveryException failure = sender.fail(uri, from("a@a.test", recipients(3)), TestSender.MESSAGE);

        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(failure.refusedRecipients()).hasSize(3);
        assertThat(server.connectionCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"DATA,451 4.3.0 later,DEFERRED", "DOT,451 4.3.0 later,DEFERRED", "DOT,554 5.7.1 spam,FAILED"})
    void aRefusalOfTheContentIsForThoseThatWereTaken(String where, String reply, Outcome outcome) {
        refuse("unknown", "550 5.1.1 nobody");
        server.on(where).reply(reply);

        DeliveryException failure = sender.fail(uri, from("a@a.test", "1@b.test", "unknown@b.test"), TestSender.MESSAGE);

        assertThat(failure.deliveredRecipients()).isEmpty();
        assertThat(failure.refusedRecipients()).extracting(one -> one.reply() + " " + one.outcome())
                .containsExactly(reply + " " + outcome, "550 5.1.1 nobody FAILED");
    }

    @Test
    void nobodyKnowsOfThoseThatWereTakenWhenTheServerLeavesAtTheFinalDot() {
        refuse("unknown", "550 5.1.1 nobody");
        server.on("DOT").acceptAndHangUp();

        DeliveryException failure = sender.fail(uri, from("a@a.test", "1@b.test", "unknown@b.test"), TestSender.MESSAGE);

        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(failure.refusedRecipients()).extracting(RefusedRecipient::outcome)
                .containsExactly(Outcome.UNKNOWN, Outcome.FAILED);
        assertThat(server.messages()).hasSize(1);
    }

    @Test
    void thoseThatHaveItAreKnownWhenTheServerGoesAwayThen() {
        take(2, "452 4.5.3 Too many recipients");
        sender.deliver(uri, from("a@a.test", recipients(4)), TestSender.MESSAGE);
        server.on("MAIL").once().replyAsUsual();
        server.on("MAIL").replyAndHangUp("421 4.3.2 shutting down");

        DeliveryException failure = sender.fail(uri, from("a@a.test", recipients(4)), TestSender.MESSAGE);

        assertThat(failure.deliveredRecipients()).containsExactlyInAnyOrder(0, 1);
        assertThat(failure.refusedRecipients()).isEmpty();
        assertThat(failure.isDestinationAway()).isTrue();
    }

    @Test
    void aMailboxThatHasTheMailFromTheLastTransactionIsNotGivenItAgain() {
        take(2, "452 4.5.3 Too many recipients");

        sender.deliver(uri, from("a@a.test", "1@b.test", "2@b.test", "1@b.test", "3@b.test"), TestSender.MESSAGE);

        assertThat(server.messages().stream().flatMap(mail -> mail.recipients().stream()))
                .containsExactly("1@b.test", "2@b.test", "3@b.test");
    }

    @Test
    void allOrNobodyGetsItWhereSomebodyWaitsForOneAnswer() {
        refuse("unknown", "550 5.1.1 nobody");

        DeliveryException failure = sender.fail("smtp:" + server.address() + "?timeout=5s",
                from("a@a.test", "1@b.test", "unknown@b.test"), TestSender.MESSAGE);

        assertThat(failure.deliveredRecipients()).isEmpty();
        assertThat(failure.reply().toString()).startsWith("451 4.5.0");
        assertThat(server.offeredMessages()).isEmpty();
        assertThat(Stream.of(failure.refusedRecipients())).isNotEmpty();
    }
}
