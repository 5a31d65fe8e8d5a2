package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.smtpdup.testkit.ScriptRule;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each step has a limit of its own, and a server that is slow at one of them is not taken for one that is down. */
@Timeout(300)
class TimeLimitsTest {

    private static final String SHORT = "500";

    /** Where this one ruled, the test would not end in time. */
    private static final String LONG = "120s";

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();
    private final TestSender sender = new TestSender();
    private final String uri = "smtp:" + server.address();

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    @Test
    void takesTheTimesOfRfc5321WhenNothingIsSet() {
        assertThat(limits("")).isEqualTo(new TimeLimits(Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofMinutes(2),
                Duration.ofMinutes(3), Duration.ofMinutes(10)));
        assertThat(limits("?timeout=0s&connectTimeout=0s&commandTimeout=0s&dataTimeout=0s")).isEqualTo(limits(""));
    }

    @Test
    void letsTimeoutRuleConnectingAndCommandsAndNothingElse() {
        Duration seven = Duration.ofSeconds(7);

        assertThat(limits("?timeout=7s"))
                .isEqualTo(new TimeLimits(seven, seven, seven, Duration.ofMinutes(3), Duration.ofMinutes(10)));
        assertThat(limits("?timeout=7s&commandTimeout=8s&dotTimeout=9s").command()).isEqualTo(Duration.ofSeconds(8));
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void neverWaitsMinutesForTheFirstReplyOnAReusedConnection(Step step) {
        assertThat(TimeLimits.DEFAULT.ofFirst(step)).isLessThan(Duration.ofSeconds(30));
        assertThat(limits("?timeout=3s&dotTimeout=3s&contentTimeout=3s").ofFirst(step)).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void neverWaitsMinutesForAnythingAfterWhichNoMailWaits() {
        assertThat(TimeLimits.DEFAULT.of(Step.RSET)).isLessThan(Duration.ofSeconds(30));
        assertThat(TimeLimits.DEFAULT.farewell()).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void waitsForTheFinalDotLongerThanForACommand() {
        server.on("DOT").delay(Duration.ofMillis(3500)).replyAsUsual();

        assertThat(sender.deliver(uri + "?timeout=3s").code()).isEqualTo(250);
        assertThat(server.messages()).hasSize(1);
    }

    @Test
    void waitsForTheFinalDotOverTlsToo() {
        server.withStartTls(TestCertificates.localhost().serverContext());
        server.on("DOT").delay(Duration.ofMillis(3500)).replyAsUsual();

        assertThat(sender.deliver(uri + "?timeout=3s&connectTimeout=" + LONG).code()).isEqualTo(250);
        assertThat(server.messages().get(0).tls()).isTrue();
    }

    static Stream<Arguments> hanging() {
        return Stream.of(
                hangs("CONNECT", "commandTimeout", Outcome.DEFERRED, ScriptRule::stall),
                hangs("EHLO", "commandTimeout", Outcome.DEFERRED, ScriptRule::stall),
                hangs("MAIL", "commandTimeout", Outcome.DEFERRED, ScriptRule::stall),
                hangs("RCPT", "commandTimeout", Outcome.DEFERRED, ScriptRule::stall),
                hangs("DATA", "dataTimeout", Outcome.DEFERRED, ScriptRule::stall),
                hangs("DOT", "dotTimeout", Outcome.UNKNOWN, ScriptRule::stall),
                hangs("DOT", "dotTimeout", Outcome.UNKNOWN, rule -> rule.drip("250 " + "x".repeat(600), Duration.ofMillis(100))),
                hangs("DOT", "dotTimeout", Outcome.UNKNOWN, rule -> rule.drip("250-a\n".repeat(200) + "250 b", Duration.ofMillis(50))));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("hanging")
    void givesUpEachStepAfterItsOwnLimit(String verb, String option, Outcome outcome, Consumer<ScriptRule> how) {
        how.accept(server.on(verb));

        DeliveryException failure = sender.fail(uri + allLongBut(option));

        assertThat(failure.outcome()).isEqualTo(outcome);
        assertThat(failure.getMessage()).contains(server.address());
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "offered"})
    void givesUpTheContentAfterItsOwnLimit(String tls) {
        server.withStartTls(TestCertificates.localhost().serverContext());
        server.stopReadingDuringData(100_000);
        byte[] large = TestSender.octets("Subject: x\r\n\r\n" + ("x".repeat(70) + "\r\n").repeat(300_000));

        DeliveryException failure = sender.fail(uri + allLongBut("contentTimeout") + "&tls=" + tls, TestSender.envelope(), large);

        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(failure).hasStackTraceContaining("nothing read within 0.5 s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"implicit", "required"})
    void givesUpATlsHandshakeAfterTheTimeForConnecting(String tls) throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            CompletableFuture.runAsync(() -> talkUpToTheHandshake(listener, "required".equals(tls)));

            DeliveryException failure = sender.fail("smtp:127.0.0.1:" + listener.getLocalPort()
                    + allLongBut("connectTimeout") + "&tls=" + tls);

            assertThat(failure.reply().toString()).startsWith("451 4.4.1");
        }
    }

    private static void talkUpToTheHandshake(ServerSocket listener, boolean startTls) {
        try (Socket client = listener.accept()) {
            InputStream in = client.getInputStream();
            if (startTls) {
                for (String reply : List.of("220 here\r\n", "250-here\r\n250 STARTTLS\r\n", "220 go ahead\r\n")) {
                    client.getOutputStream().write(TestSender.octets(reply));
                    if (!reply.startsWith("220 go")) {
                        in.read(new byte[512]);
                    }
                }
            }
            while (in.read() >= 0) {
                // it hears, and says nothing
            }
        } catch (IOException e) {
            // the other one has given up
        }
    }

    /** A listener whose queue is full leaves a SYN without an answer. */
    @Test
    void givesUpConnectingAfterItsOwnLimit() throws IOException {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String there = "smtp:127.0.0.1:" + full.getLocalPort() + "?timeout=500";
            for (int i = 0; i < 4; i++) {
                sender.fail(there); // greeted by nobody, and left in the queue
            }

            DeliveryException failure = sender.fail(there);

            assertThat(failure.reply().toString()).startsWith("451 4.4.1");
        }
    }

    private TimeLimits limits(String options) {
        return sender.camel().getEndpoint("smtp:host" + options, DeliveryEndpoint.class).timeLimits();
    }

    private static Arguments hangs(String verb, String option, Outcome outcome, Consumer<ScriptRule> how) {
        return arguments(verb, option, outcome, how);
    }

    private static String allLongBut(String option) {
        String all = "?connectTimeout=" + LONG + "&commandTimeout=" + LONG + "&dataTimeout=" + LONG + "&contentTimeout=" + LONG
                + "&dotTimeout=" + LONG;
        return all.replace(option + "=" + LONG, option + "=" + SHORT);
    }
}
