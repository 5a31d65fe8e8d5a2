package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;

/** Who may connect, and how many. */
class ConnectionLimitTest {

    private static String greetingFor(String client, Listener listener) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getByName("127.0.0.1"), listener.port(), InetAddress.getByName(client), 0)) {
            socket.setSoTimeout(10_000);
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
        }
    }

    @Test
    void refusesAClientThatIsNotListed() throws Exception {
        try (Listener listener = Listener.with("clients=127.0.0.2/32"); SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.expect("554 5.7.1");
            assertThat(client.isClosedByPeer()).isTrue();

            assertThat(greetingFor("127.0.0.2", listener)).startsWith("220");
            assertThat(greetingFor("127.0.0.3", listener)).startsWith("554 5.7.1");
        }
    }

    @Test
    void writesNoLineForEachConnectionOfAFlood() throws Exception {
        try (MailLogLines log = MailLogLines.listen(); Listener listener = Listener.with("clients=127.0.0.2")) {
            for (int i = 0; i < 500; i++) {
                assertThat(greetingFor("127.0.0.3", listener)).startsWith("554 5.7.1");
            }
            await().until(() -> log.of("refused").size() + log.of("unlogged").stream()
                    .mapToInt(line -> Integer.parseInt(line.replaceAll(".*unlogged=", ""))).sum() >= 500);
            assertThat(log.of("refused").get(0)).contains("client=127.0.0.3", "reply=554 5.7.1");
            assertThat(log.of("unlogged").get(0)).contains("cause=connections that were refused");
            assertThat(log.lines()).as("at most 21 in ten seconds, whatever the machine needs for 500").hasSizeLessThan(200);
        }
    }

    @Test
    void refusesEverybodyWhenNobodyIsListed() {
        try (Listener listener = Listener.with("clients=192.0.2.0/24,2001:db8::/32");
                SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.expect("554 5.7.1");
        }
    }

    @Test
    void executesNothingOfAClientThatWasRefused() {
        try (Listener listener = Listener.with("clients=127.0.0.2"); SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.expect("554 5.7.1");
            assertThat(client.isClosedByPeer()).isTrue();

            assertThat(listener.sessions()).isZero();
        }
    }

    @Test
    void sendsAwayWhoComesOverTheLimitAndServesTheNextAfterOneLeft() {
        try (Listener listener = Listener.with("maxConnections=2");
                SmtpDialogue first = listener.client(); SmtpDialogue second = listener.client()) {
            for (int i = 0; i < 20; i++) {
                try (SmtpDialogue over = SmtpDialogue.connect(listener.port())) {
                    over.expect("421 4.3.2");
                    assertThat(over.isClosedByPeer()).isTrue();
                }
            }
            first.say("QUIT", "221");
            await().until(() -> listener.sessions() == 1);

            try (SmtpDialogue third = listener.client()) {
                third.say("NOOP", "250");
                second.say("NOOP", "250");
            }
        }
    }

    @Test
    void acceptsOnThoughManyOfThoseSentAwayStay() {
        try (Listener listener = Listener.with("maxConnections=1"); SmtpDialogue first = listener.client()) {
            List<SmtpDialogue> staying = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                staying.add(SmtpDialogue.connect(listener.port()));
            }
            staying.forEach(client -> client.expect("421 4.3.2"));
            first.say("QUIT", "221");
            await().until(() -> listener.sessions() == 0);

            try (SmtpDialogue next = listener.client()) {
                next.say("NOOP", "250");
            }
            staying.forEach(SmtpDialogue::close);
        }
    }

    @Test
    void sendsAwayWhoTakesMoreThanItsShare() throws Exception {
        try (Listener listener = Listener.with("maxConnectionsPerClient=1"); SmtpDialogue first = listener.client()) {
            assertThat(greetingFor("127.0.0.1", listener)).startsWith("421 4.7.0");
            assertThat(greetingFor("127.0.0.2", listener)).startsWith("220");

            first.say("QUIT", "221");
            await().until(() -> listener.sessions() == 0);
            assertThat(greetingFor("127.0.0.1", listener)).startsWith("220");
        }
    }

    @Test
    void neverHasMoreThanTheLimitHoweverManyComeAtOnce() {
        try (Listener listener = Listener.with("maxConnections=5")) {
            List<SmtpDialogue> clients = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                clients.add(SmtpDialogue.connect(listener.port()));
            }
            List<String> greetings = clients.stream().map(client -> client.expect("/^(220|421)/")).toList();

            assertThat(greetings).filteredOn(greeting -> greeting.startsWith("220")).hasSize(5);
            clients.forEach(SmtpDialogue::close);
            await().until(() -> listener.sessions() == 0);
        }
    }
}
