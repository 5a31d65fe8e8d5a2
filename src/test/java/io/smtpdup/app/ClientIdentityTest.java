package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.apache.camel.health.HealthCheck;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The client's identity, from the relay in front of us to the primary and, through the queue, to a backup. */
class ClientIdentityTest {

    private static final byte[] MESSAGE = "Subject: x\r\n\r\nx\r\n".getBytes();

    private final RelayUnderTest relay = RelayUnderTest.withBackups(1)
            .set("smtp.trusted_relays", "127.0.0.1")
            .set("smtp.domain", "relay.example");

    @AfterEach
    void stop() {
        relay.close();
    }

    private void serversAnnounce(String... extensions) {
        for (ScriptedSmtpServer server : List.of(relay.primary(), relay.backup(1))) {
            server.announcing(extensions);
            server.on("XFORWARD").reply("250 2.0.0 Ok");
            server.on("XCLIENT").reply("220 scripted.test ESMTP");
        }
    }

    @Test
    void goesOnAsXforward() {
        serversAnnounce("PIPELINING", "8BITMIME", "XFORWARD NAME ADDR PROTO HELO");
        relay.set("relay.client_identity", "xforward").start();

        try (SmtpDialogue postfix = relay.client()) {
            postfix.say("XFORWARD NAME=mx.alice.example ADDR=192.0.2.7 PROTO=SMTP HELO=alice.example", "250");
            RelayUnderTest.send(postfix, "<a@b.example>", List.of("c@d.example"), MESSAGE, "250");
        }

        relay.backup(1).awaitMessages(1);
        for (ScriptedSmtpServer server : List.of(relay.primary(), relay.backup(1))) {
            assertThat(server.commands()).containsOnlyOnce(
                    "XFORWARD NAME=mx.alice.example ADDR=192.0.2.7 PROTO=SMTP HELO=alice.example");
        }
    }

    @Test
    void goesOnAsXclientWhatItCameInWithAProxyHeader() {
        serversAnnounce("PIPELINING", "XCLIENT NAME ADDR PROTO HELO");
        relay.set("relay.client_identity", "xclient").set("smtp.proxy_protocol", "true").set("smtp.clients", "192.0.2.0/24")
                .start();

        try (SmtpDialogue client = SmtpDialogue.connect(relay.relay().port())) {
            client.sendRaw("PROXY TCP4 192.0.2.7 192.0.2.99 4711 25\r\n");
            client.expect("220");
            client.say("EHLO alice.example", "250");
            RelayUnderTest.send(client, "<a@b.example>", List.of("c@d.example"), MESSAGE, "250");
        }

        relay.backup(1).awaitMessages(1);
        for (ScriptedSmtpServer server : List.of(relay.primary(), relay.backup(1))) {
            assertThat(server.commands())
                    .containsOnlyOnce("XCLIENT NAME=[UNAVAILABLE] ADDR=192.0.2.7 PROTO=ESMTP HELO=alice.example");
            assertThat(server.messages().get(0).helo()).isEqualTo("alice.example");
        }
    }

    @Test
    void isHealthyBehindAProxy() {
        relay.set("smtp.proxy_protocol", "true").start();

        assertThat(new ListenerHealthCheck(relay.relay().context()).call(Map.of()).getState()).isEqualTo(HealthCheck.State.UP);
    }

    @Test
    void tellsTheClientAtMailWhatThePrimaryThinksOfIt() {
        relay.primary().on("XCLIENT").when(line -> line.contains("127.0.0.1")).reply("554 5.7.1 127.0.0.1 is on a block list");
        serversAnnounce("PIPELINING", "XCLIENT NAME ADDR PROTO HELO");
        relay.set("relay.client_identity", "xclient").start();

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "554 5.7.1 127.0.0.1 is on a block list");
        }

        assertThat(relay.primary().offeredMessages()).isEmpty();
    }
}
