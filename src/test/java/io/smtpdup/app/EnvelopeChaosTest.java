package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A primary, a backup and clients that refuse, hang up, change their mind or go on, at random, at every stage, over a few
 * connections that all share: a mail that got 250 is everywhere, whole and once, with those recipients that got 250 and
 * with its own client, and no other mail is anywhere. For an hour of it: {@code -Dtest=EnvelopeChaosTest
 * -Dchaos.mails=20000}.
 */
class EnvelopeChaosTest {

    private static final int CLIENTS = 6;

    /** Of each client. */
    private static final int MAILS = Integer.getInteger("chaos.mails", 60);

    private static final int CONNECTIONS = 4;

    private final RelayUnderTest relay = RelayUnderTest.withBackups(1)
            .set("relay.max_connections", String.valueOf(CONNECTIONS))
            .set("relay.probe_longest", "1s")
            .set("relay.retry_longest", "1s")
            .set("smtp.trusted_relays", "127.0.0.1");

    /** What was answered with 250, by its id. */
    private final Map<String, Mail> taken = new ConcurrentHashMap<>();

    private record Mail(List<String> recipients, byte[] message) {
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @ParameterizedTest
    @CsvSource({"PIPELINING, xforward", "PIPELINING, xclient", "8BITMIME, xforward"})
    void whatWasTakenIsEverywhereAndNothingElse(String extension, String identity) throws Exception {
        List<ScriptedSmtpServer> servers = List.of(relay.primary(), relay.backup(1));
        for (ScriptedSmtpServer server : servers) {
            server.announcing(extension, "XFORWARD NAME ADDR HELO", "XCLIENT NAME ADDR HELO");
            // A backup that goes away is left alone for a second, so this one does it less often.
            misbehave(server, new Random(servers.indexOf(server)), server == relay.primary() ? 40 : 400);
            server.on("XFORWARD").reply("250 2.0.0 Ok");
            server.on("XCLIENT").reply("220 scripted.test ESMTP");
        }
        relay.set("relay.client_identity", identity).start();

        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> ends = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                ends.add(clients.submit(() -> new Client(number).run()));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        } finally {
            clients.shutdownNow();
        }

        assertThat(taken).isNotEmpty();
        List<String> everybody = taken.values().stream().flatMap(mail -> mail.recipients.stream()).toList();
        await().until(() -> recipientsAt(relay.backup(1)).size() >= everybody.size());
        assertThat(relay.primary().messages()).hasSize(taken.size());
        for (ScriptedSmtpServer server : servers) {
            // A backup that refuses some recipients for now gets the mail in parts.
            assertThat(recipientsAt(server)).containsExactlyInAnyOrderElementsOf(everybody);
            assertThat(server.messages()).allSatisfy(message -> {
                Mail mail = taken.get(id(message));
                assertThat(mail.recipients).containsAll(message.recipients());
                assertThat(message.belowReceived()).isEqualTo(mail.message);
            });
            assertEachMailHasItsClient(server);
        }
        assertNoConnectionIsLeftOut();
    }

    /** At each command and at the final dot: refuses, for good or for now, with a last word, or without. */
    private static void misbehave(ScriptedSmtpServer server, Random random, int odds) {
        for (String verb : List.of("MAIL", "RCPT", "DATA", "DOT")) {
            server.on(verb).when(line -> random.nextInt(odds) == 0).hangUp();
            server.on(verb).when(line -> random.nextInt(odds) == 0).replyAndHangUp("421 4.3.2 out of sorts");
            server.on(verb).when(line -> random.nextInt(odds) == 0).reply("451 4.3.0 out of sorts");
        }
        // A backup's 5xx would make a dead letter, and a copy that never arrives.
        server.on("RCPT").when(line -> line.contains("nobody")).reply("550 5.1.1 nobody");
        server.on("RSET").when(line -> random.nextInt(odds) == 0).hangUp();
    }

    private static List<String> recipientsAt(ScriptedSmtpServer server) {
        return server.messages().stream().flatMap(message -> message.recipients().stream()).toList();
    }

    private static String id(ReceivedMessage message) {
        return message.text().replaceFirst("(?s).*Subject: (\\S+).*", "$1");
    }

    private static void assertEachMailHasItsClient(ScriptedSmtpServer server) {
        for (int connection = 1; connection <= server.connectionCount(); connection++) {
            String introduced = "";
            for (String line : server.commands(connection)) {
                if (line.startsWith("XFORWARD") || line.startsWith("XCLIENT")) {
                    introduced = line;
                } else if (line.startsWith("MAIL")) {
                    String id = line.replaceFirst("MAIL FROM:<(.*)@.*", "$1");
                    assertThat(introduced).contains(" NAME=c" + id + ".example ");
                }
            }
        }
    }

    /** As many clients as there are connections to the primary have one each, at the same time. */
    private void assertNoConnectionIsLeftOut() {
        relay.primary().behaveAgain();
        relay.primary().on("XFORWARD").reply("250 2.0.0 Ok");
        relay.primary().on("XCLIENT").reply("220 scripted.test ESMTP");
        List<SmtpDialogue> together = IntStream.range(0, CONNECTIONS).mapToObj(i -> relay.client()).toList();
        together.forEach(client -> client.say("MAIL FROM:<together@b.example>", "250"));
        together.forEach(SmtpDialogue::close);
    }

    /** Sends one mail after the other, hardly two of them in the same way. */
    private final class Client {

        private final int number;

        private final Random random;

        private SmtpDialogue dialogue;

        Client(int number) {
            this.number = number;
            this.random = new Random(100 + number);
        }

        void run() {
            for (int i = 0; i < MAILS; i++) {
                try {
                    if (dialogue == null) {
                        dialogue = relay.client();
                    }
                    mail(number + "-" + i);
                } catch (AssertionError e) {
                    leave(); // it heard 421, or we have hung up
                }
            }
            leave();
        }

        private void leave() {
            if (dialogue != null) {
                dialogue.close();
                dialogue = null;
            }
        }

        private void mail(String id) {
            List<String> recipients = IntStream.rangeClosed(0, random.nextInt(4))
                    .mapToObj(i -> (random.nextInt(10) == 0 ? "nobody" : "u") + i + "." + id + "@d.example").toList();
            boolean complete = random.nextInt(10) > 0;
            List<String> replies = converse(Stream.of(
                    Stream.of("XFORWARD NAME=c" + id + ".example ADDR=192.0.2." + number + " HELO=c" + id + ".example",
                            "MAIL FROM:<" + id + "@b.example>"),
                    recipients.stream().map(recipient -> "RCPT TO:<" + recipient + ">"),
                    complete ? Stream.of("DATA") : Stream.<String>empty()).flatMap(lines -> lines).toList());
            if (!complete && random.nextBoolean()) {
                leave();
            } else if (!replies.get(replies.size() - 1).startsWith("354")) {
                dialogue.say("RSET", "250");
            } else {
                content(id, IntStream.range(0, recipients.size())
                        .filter(i -> replies.get(2 + i).startsWith("250")).mapToObj(recipients::get).toList());
            }
        }

        private List<String> converse(List<String> lines) {
            List<String> replies = new ArrayList<>();
            if (random.nextBoolean()) {
                dialogue.pipeline(lines.toArray(String[]::new));
                lines.forEach(line -> replies.add(dialogue.expect("/./")));
            } else {
                lines.forEach(line -> replies.add(dialogue.say(line, "/./")));
            }
            return replies;
        }

        private void content(String id, List<String> accepted) {
            byte[] message = ("Subject: " + id + "\r\n\r\n" + ".line of text\r\n".repeat(1 + random.nextInt(3000)))
                    .getBytes(StandardCharsets.US_ASCII);
            if (random.nextInt(10) == 0) {
                dialogue.sendRaw("Subject: half of it\r\n");
                leave();
                return;
            }
            dialogue.message(message);
            if (dialogue.expect("/./").startsWith("250")) {
                taken.put(id, new Mail(accepted, message));
            }
        }
    }
}
