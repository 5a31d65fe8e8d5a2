package io.smtpdup.delivery;

import static io.smtpdup.delivery.TestSender.envelope;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.Origin;
import io.smtpdup.message.Reply;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom a mail comes from, told to the server that gets it. */
class ClientIdentityTest {

    private static final ClientIdentity ALICE =
            new ClientIdentity(new InetSocketAddress("192.0.2.7", 4711), "mx.alice.example", "alice.example", "ESMTP");

    private static final ClientIdentity BOB =
            new ClientIdentity(new InetSocketAddress("2001:db8::7", 25), null, "(bob=1)", "SMTP");

    private static final String XCLIENT = "XCLIENT NAME ADDR PORT PROTO HELO";

    private static final String XFORWARD = "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE";

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();

    private final TestSender sender = new TestSender();

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    private Exchange send(String option, ClientIdentity client) {
        server.on("XCLIENT").reply("220 scripted.test ESMTP");
        server.on("XFORWARD").reply("250 2.0.0 Ok");
        return sender.send("smtp:" + server.address() + "?tls=off&localName=relay.example&clientIdentity=" + option, message -> {
            EnvelopeHeaders.write(envelope().withOrigin(new Origin(client, null, null, null)), message);
            message.setBody(TestSender.MESSAGE);
        });
    }

    private DeliveryException failure(String option, ClientIdentity client) {
        return send(option, client).getException(DeliveryException.class);
    }

    private void deliver(String option, ClientIdentity client) {
        assertThat(send(option, client).getException()).isNull();
    }

    private List<String> introductions() {
        return server.commands().stream().filter(line -> line.matches("(XCLIENT|XFORWARD|EHLO).*")).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"OFF", "xforward", "xclient"})
    void saysNothingThatWasNotAskedForOrOffered(String option) {
        server.announcing(option.equals("OFF") ? new String[] {XCLIENT, XFORWARD} : new String[] {"PIPELINING"});

        deliver(option, ALICE);

        assertThat(introductions()).containsExactly("EHLO relay.example");
    }

    @Test
    void forwardsTheClientInOneFlightWithMail() {
        server.announcing("PIPELINING", XFORWARD, XCLIENT);

        deliver("xforward", ALICE);

        String xforward = "XFORWARD NAME=mx.alice.example ADDR=192.0.2.7 PORT=4711 PROTO=ESMTP HELO=alice.example";
        assertThat(server.flights(1)).contains(
                List.of(xforward, "MAIL FROM:<alice@a.test>", "RCPT TO:<bob@b.test>", "DATA"));
    }

    @Test
    void forwardsTheClientOfEachMail() {
        server.announcing("PIPELINING", XFORWARD);

        deliver("xforward", ALICE);
        deliver("xforward", BOB);
        deliver("xforward", null);

        assertThat(introductions()).containsExactly("EHLO relay.example",
                "XFORWARD NAME=mx.alice.example ADDR=192.0.2.7 PORT=4711 PROTO=ESMTP HELO=alice.example",
                "XFORWARD NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8:0:0:0:0:0:7 PORT=25 PROTO=SMTP HELO=(bob+3D1)");
        assertThat(server.connectionCount()).isEqualTo(1);
    }

    @Test
    void saysOnlyTheAttributesThatAreOffered() {
        server.announcing("XFORWARD addr helo");

        deliver("xforward", ALICE);

        assertThat(introductions()).contains("XFORWARD ADDR=192.0.2.7 HELO=alice.example");
    }

    @Test
    void partsWhatIsTooLongForOneLine() {
        String name = "n".repeat(63) + "." + "n".repeat(63) + "." + "n".repeat(63) + ".example";
        server.announcing("PIPELINING", XFORWARD);

        deliver("xforward", new ClientIdentity(ALICE.address(), name, "h" + name, "ESMTP"));
        deliver("xforward", new ClientIdentity(ALICE.address(), null, "=".repeat(255), "ESMTP"));

        assertThat(introductions()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(510));
        assertThat(String.join(" ", introductions())).contains("NAME=" + name, "HELO=h" + name, "HELO=[UNAVAILABLE]");
    }

    @ParameterizedTest
    @CsvSource({"PIPELINING, 550 5.7.0 not you", "SIZE, 550 5.7.0 not you", "PIPELINING, 501 5.5.4 bad", "SIZE, 451 4.3.0 no"})
    void deliversAlsoWhenTheForwardIsRefused(String extension, String refusal) {
        server.announcing(extension, XFORWARD);
        server.on("XFORWARD").reply(refusal);

        deliver("xforward", ALICE);
        deliver("xforward", ALICE);

        assertThat(server.messages()).hasSize(2);
        assertThat(server.connectionCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "SIZE"})
    void isDeferredWhenTheServerLeavesAtTheForward(String extension) {
        server.announcing(extension, XFORWARD);
        server.on("XFORWARD").hangUp();

        assertThat(failure("xforward", ALICE).reply().toString()).startsWith("451 4.4.2");
    }

    @Test
    void takesAnotherConnectionForOneThatDiedInThePool() {
        server.announcing("PIPELINING", XFORWARD, XCLIENT);
        for (String option : List.of("xforward", "xclient")) {
            deliver(option, ALICE);
            server.dropIdleConnections();
            deliver(option, BOB);
        }

        assertThat(server.messages()).hasSize(4);
    }

    @Test
    void speaksForTheClientAndGreetsInItsName() {
        server.announcing("PIPELINING", XFORWARD, XCLIENT);

        deliver("xclient", ALICE);
        deliver("xclient", new ClientIdentity(new InetSocketAddress("192.0.2.7", 9), ALICE.name(), ALICE.helo(), "ESMTP"));
        deliver("xclient", BOB);

        assertThat(introductions()).containsExactly("EHLO relay.example",
                "XCLIENT NAME=mx.alice.example ADDR=192.0.2.7 PROTO=ESMTP HELO=alice.example",
                "EHLO alice.example",
                "XCLIENT NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8:0:0:0:0:0:7 PROTO=SMTP HELO=(bob+3D1)",
                "EHLO (bob=1)");
        assertThat(server.messages()).hasSize(3);
        assertThat(server.connectionCount()).isEqualTo(1);
    }

    @Test
    void sendsNothingOfNobodyOverAConnectionThatSpeaksForSomebody() {
        server.announcing("PIPELINING", XCLIENT);

        deliver("xclient", ALICE);
        deliver("xclient", null);

        assertThat(server.messages()).extracting(message -> message.helo()).containsExactly("alice.example", "relay.example");
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"XCLIENT", "XCLIENT LOGIN", "XFORWARD", "XFORWARD IDENT"})
    void saysNothingWhereNoneOfTheAttributesIsOffered(String offer) {
        server.announcing("PIPELINING", offer);

        deliver("xclient", ALICE);

        assertThat(introductions()).containsExactly("EHLO relay.example");
    }

    @Test
    void forwardsWhereItCannotSpeakForTheClient() {
        server.announcing("PIPELINING", XFORWARD);

        deliver("xclient", ALICE);

        assertThat(introductions()).hasSize(2).last().asString().startsWith("XFORWARD");
    }

    @ParameterizedTest
    @CsvSource({"XCLIENT, 554 5.7.1 192.0.2.7 is on a block list", "EHLO, 550 5.7.1 no such host",
        "XCLIENT, 450 4.7.1 greylisted", "XCLIENT, 421 4.7.0 go away"})
    void passesOnWhatTheServerSaysAboutTheClient(String verb, String verdict) {
        server.announcing("PIPELINING", XCLIENT);
        server.on(verb).when(line -> line.contains("alice.example")).reply(verdict);
        deliver("xclient", BOB);

        DeliveryException failure = refusedAfterBob();

        assertThat(failure.reply()).isEqualTo(Reply.parse(verdict));
        deliver("xclient", BOB);
    }

    private DeliveryException refusedAfterBob() {
        return sender.send("smtp:" + server.address() + "?tls=off&localName=relay.example&clientIdentity=xclient", message -> {
            ClientIdentity client = new ClientIdentity(ALICE.address(), null, ALICE.helo(), "ESMTP");
            EnvelopeHeaders.write(envelope().withOrigin(new Origin(client, null, null, null)), message);
            message.setBody(TestSender.MESSAGE);
        }).getException(DeliveryException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"550 5.7.0 insufficient authorization", "501 5.5.4 bad attribute", "500 5.5.2 what?"})
    void bouncesNoMailBecauseTheServerDoesNotTrustUs(String refusal) {
        server.announcing("PIPELINING", XCLIENT);
        server.on("XCLIENT").reply(refusal);

        DeliveryException failure = refusedAfterBob();

        assertThat(failure.outcome()).isEqualTo(Outcome.DEFERRED);
        assertThat(failure.reply().toString()).startsWith("451 4.3.5");
        assertThat(failure).hasMessageContaining(refusal);
        assertThat(server.offeredMessages()).isEmpty();
    }

    @Test
    void forwardsInsteadOfLosingItsLogin() {
        server.withAuth("relay", "secret").announcing("PIPELINING", XFORWARD, XCLIENT);
        server.on("XFORWARD").reply("250 2.0.0 Ok");

        Exchange exchange = sender.send("smtp:" + server.address()
                + "?tls=off&username=relay&password=secret&clientIdentity=xclient", message -> {
            ClientIdentity client = new ClientIdentity(ALICE.address(), null, null, null);
            EnvelopeHeaders.write(envelope().withOrigin(new Origin(client, null, null, null)), message);
            message.setBody(TestSender.MESSAGE);
        });

        assertThat(exchange.getException()).isNull();
        assertThat(server.messages()).singleElement().satisfies(m -> assertThat(m.authUser()).isEqualTo("relay"));
        assertThat(server.commands()).noneMatch(line -> line.startsWith("XCLIENT")).anyMatch(line -> line.startsWith("XFORWARD"));
    }
}
