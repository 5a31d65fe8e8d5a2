package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.ScriptRule;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the server does wrong, wherever: never 250, never a 5xx it did not say, never longer than the time limits. */
@Timeout(300)
class ServerTroubleTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();
    private final TestSender sender = new TestSender();
    private final String uri = "smtp:" + server.address() + "?timeout=%1$d&contentTimeout=%1$d&dotTimeout=%1$d"
            .formatted(TIMEOUT.toMillis());

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    static Stream<Arguments> troubles() {
        List<Arguments> all = new ArrayList<>();
        for (String verb : List.of("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT")) {
            boolean session = List.of("CONNECT", "EHLO").contains(verb);
            String silence = session ? "451 4.4.1" : "451 4.4.2";
            String nonsense = session ? "451 4.4.1" : "451 4.5.0";
            Outcome outcome = "DOT".equals(verb) ? Outcome.UNKNOWN : Outcome.DEFERRED;
            all.add(trouble(verb, "stalls", ScriptRule::stall, outcome, silence));
            all.add(trouble(verb, "hangs up", ScriptRule::hangUp, outcome, silence));
            all.add(trouble(verb, "resets", ScriptRule::reset, outcome, silence));
            all.add(trouble(verb, "drips",
                    rule -> rule.drip("250 " + "x".repeat(1200), Duration.ofMillis(100)), outcome, silence));
            all.add(trouble(verb, "stops in a reply", rule -> rule.replyAndHangUp("250-and"), outcome, silence));
            all.add(trouble(verb, "talks without end", rule -> rule.reply("250-more\n".repeat(20_000) + "250 end"),
                    outcome, nonsense));
            for (String garbage : List.of("HTTP/1.1 400 Bad Request", " 250 ok", "250-one\n251 two", "25", "2500 ok", "+25 ok", "999 x",
                    "199 wait", "", "354 go on", "\u0000\u0000")) {
                if (!session && !("DATA".equals(verb) && garbage.startsWith("354"))) {
                    all.add(trouble(verb, "says '" + garbage.strip() + "'", rule -> rule.reply(garbage), outcome, nonsense));
                }
            }
        }
        for (String refusal : List.of("554 5.7.1 go away", "421 4.3.2 closing", "250 what", "garbage", "451 later")) {
            all.add(trouble("CONNECT", "says " + refusal, rule -> rule.reply(refusal), Outcome.DEFERRED, "451 4.4.1"));
        }
        all.add(trouble("EHLO", "says 421", rule -> rule.replyAndHangUp("421 no"), Outcome.DEFERRED, "451 4.4.1"));
        all.add(trouble("DATA", "says 250", rule -> rule.reply("250 what"), Outcome.DEFERRED, "451 4.5.0"));
        return all.stream();
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("troubles")
    void answers451WhenTheServer(String verb, String what, Consumer<ScriptRule> trouble, Outcome outcome, String reply) {
        trouble.accept(server.on(verb));
        long start = System.nanoTime();

        DeliveryException failure = sender.fail(uri);

        assertThat(failure.reply().toString()).startsWith(reply);
        assertThat(failure.outcome()).isEqualTo(outcome);
        assertThat(failure.isDestinationAway()).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Patience.LIMIT);
        server.awaitOpenConnections(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"first", "last"})
    void sendsNothingWhenTheServerHangsUpAtOneOfTheRecipients(String which) {
        server.on("RCPT").when(line -> line.contains(which)).hangUp();

        DeliveryException failure = sender.fail(uri,
                TestSender.from("a@a.test", "first@b.test", "middle@b.test", "last@b.test"), TestSender.MESSAGE);

        assertThat(failure.reply().toString()).startsWith("451 4.4.2");
        assertThat(server.commands()).doesNotContain("DATA");
    }

    @Test
    void answers451WhenEveryGreetingIsRefused() {
        server.on("EHLO").reply("502 what is that");
        server.on("HELO").reply("550 not you");

        assertThat(sender.fail(uri).reply().toString()).startsWith("451 4.4.1");
    }

    @Test
    void deliversToAServerThatKnowsOnlyHelo() {
        server.on("EHLO").reply("502 what is that");

        sender.deliver(uri);

        assertThat(server.messages().get(0).mailFrom()).isEqualTo("<alice@a.test>");
    }

    @Test
    void answers451WhenNobodyListens() {
        server.down();

        DeliveryException failure = sender.fail(uri);

        assertThat(failure.reply().toString()).startsWith("451 4.4.1");
        assertThat(failure.isDestinationAway()).isTrue();
        assertThat(failure.getMessage()).contains(server.address()).contains("refused");
    }

    @Test
    void answers451WhenTheHostHasNoAddress() {
        assertThat(sender.fail("smtp:no-such-host.invalid:25").reply().toString()).startsWith("451 4.4.1");
    }

    @Test
    void answers451WhenTheServerHangsUpInTheContent() {
        server.hangUpDuringData(100_000);

        DeliveryException failure = sender.fail(uri, TestSender.envelope(), large());

        assertThat(failure.reply().toString()).startsWith("451 4.4.2");
        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
    }

    @Test
    void answers451WhenTheServerStopsReading() {
        server.stopReadingDuringData(100_000);
        long start = System.nanoTime();

        DeliveryException failure = sender.fail(uri, TestSender.envelope(), large());

        assertThat(failure.reply().toString()).startsWith("451 4.4.2");
        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(failure).hasStackTraceContaining("nothing read within");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Patience.LIMIT);
    }

    @Test
    void doesNotWaitForTheAnswerToQuit() {
        server.on("QUIT").stall();

        sender.deliver(uri + "&maxMessagesPerConnection=1");

        server.awaitCommand("QUIT");
        server.awaitOpenConnections(0);
    }

    @Test
    void takesNoReplyForConsentThatCameBeforeTheContent() {
        server.on("DATA").reply("354 go on\r\n250 2.0.0 taken already");

        DeliveryException failure = sender.fail(uri);

        assertThat(failure.reply().toString()).startsWith("451 4.5.0");
        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(server.offeredMessages()).isEmpty();
    }

    @Test
    void sendsNoFinalDotAfterARefusalInTheContent() {
        server.on("DATA").reply("354 go on\r\n552 5.3.4 too big");

        DeliveryException failure = sender.fail(uri);

        assertThat(failure.reply().toString()).isEqualTo("552 5.3.4 too big");
        assertThat(server.offeredMessages()).isEmpty();
        server.awaitOpenConnections(0);
    }

    @Test
    void neverSendsAMailTwiceThatMayHaveArrived() {
        server.on("DOT").once().acceptAndHangUp();

        assertThat(sender.fail(uri).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(server.messages()).hasSize(1);
    }

    private static Arguments trouble(String verb, String what, Consumer<ScriptRule> how, Outcome outcome, String reply) {
        return arguments(verb, what, how, outcome, reply);
    }

    private static byte[] large() {
        return TestSender.octets("Subject: x\r\n\r\n" + ("x".repeat(70) + "\r\n").repeat(300_000));
    }
}
