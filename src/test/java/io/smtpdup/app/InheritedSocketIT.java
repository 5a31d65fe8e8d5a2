package io.smtpdup.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;

import io.smtpdup.postfix.HeldSocket;
import io.smtpdup.postfix.RelayProcess;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The packaged relay on a listening socket that somebody else holds while it restarts. */
class InheritedSocketIT {

    private static final int CLIENTS = 6;

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final ScriptedSmtpServer backup = ScriptedSmtpServer.start();

    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);

    private final Set<String> accepted = ConcurrentHashMap.newKeySet();

    @TempDir
    private Path directory;

    private HeldSocket socket;

    private volatile boolean over;

    @BeforeEach
    void hold() throws IOException {
        socket = HeldSocket.open(directory);
    }

    @AfterEach
    void release() {
        over = true;
        threads.shutdownNow();
        socket.close();
        primary.close();
        backup.close();
    }

    private RelayProcess relay() throws IOException {
        return RelayProcess.launch(directory, servers(), socket);
    }

    private Map<String, String> servers() {
        return Map.of("relay.destination_primary", primary.address(), "relay.destination_backups", backup.address());
    }

    /** With one mail over each connection. Whatever is not as it should be ends it with an exception. */
    private Void client(int number) throws IOException {
        for (int mail = 0; !over; mail++) {
            String recipient = "r" + number + "." + mail + "@d.example";
            try (Socket line = new Socket("127.0.0.1", socket.port())) {
                BufferedReader in = new BufferedReader(new InputStreamReader(line.getInputStream(), StandardCharsets.US_ASCII));
                if (code(in) == 421 || say(line, in, "EHLO client.example") == 421
                        || say(line, in, "MAIL FROM:<a@b.example>") == 421) {
                    continue; // it was connected when the relay began to stop
                }
                if (say(line, in, "RCPT TO:<" + recipient + ">") == 421 || say(line, in, "DATA") == 421) {
                    continue;
                }
                assertThat(say(line, in, "Subject: x\r\n\r\nHello\r\n.")).isEqualTo(250);
                accepted.add(recipient);
            }
        }
        return null;
    }

    private static int say(Socket line, BufferedReader in, String words) throws IOException {
        OutputStream out = line.getOutputStream();
        try {
            out.write((words + "\r\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return code(in); // it was sent away, and hears so
        }
        return code(in);
    }

    private static int code(BufferedReader in) throws IOException {
        while (true) {
            String line = in.readLine();
            if (line == null) {
                throw new IOException("the line was cut without a word");
            }
            if (line.charAt(3) == ' ') {
                return Integer.parseInt(line.substring(0, 3));
            }
        }
    }

    private void awaitMails() {
        int before = accepted.size();
        await().until(() -> accepted.size() > before + 3 * CLIENTS);
    }

    private static void awaitSaid(RelayProcess relay, String words, int times) {
        await().untilAsserted(() -> assertThat(relay.output().split(Pattern.quote(words), -1)).as(relay.output()).hasSize(times + 1));
    }

    private static List<String> recipients(ScriptedSmtpServer server) {
        return server.messages().stream().flatMap(one -> one.recipients().stream()).toList();
    }

    @Test
    void refusesNobodyAndLosesNothingWhileItRestartsAndReloads() throws Exception {
        try (RelayProcess relay = relay()) {
            List<Future<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                clients.add(threads.submit(() -> client(number))); // before it is there
            }
            awaitMails();
            for (int round = 1; round <= 2; round++) {
                relay.stop();
                relay.start();
                awaitMails();
                awaitSaid(relay, "SmtpDuplicator primary ", round + 1);
                relay.signal("HUP");
                awaitSaid(relay, "reason=\"SIGHUP\" result=\"done\"", round);
                awaitMails();
            }
            over = true;
            for (Future<Void> client : clients) {
                client.get();
            }
            assertThat(recipients(primary)).containsExactlyInAnyOrderElementsOf(accepted);
            await().untilAsserted(() -> assertThat(recipients(backup)).containsExactlyInAnyOrderElementsOf(accepted));
            assertThat(relay.output()).contains("listening with the socket that the service manager holds");
        }
    }

    @Test
    void servesThoseWhoHaveConnectedWhileNoRelayWasThere() throws Exception {
        try (RelayProcess relay = relay()) {
            for (Runnable end : List.<Runnable>of(relay::stop, relay::kill)) {
                relay.awaitGreeting();
                end.run();
                List<SmtpDialogue> waiting = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    waiting.add(SmtpDialogue.connect(socket.port()));
                }
                relay.start();
                for (SmtpDialogue client : waiting) {
                    client.expect("220");
                    client.say("EHLO client.example", "250");
                    RelayUnderTest.send(client, "<a@b.example>", List.of("waiting@d.example"), "Hello\r\n".getBytes(StandardCharsets.US_ASCII), "250");
                    client.close();
                }
            }
            backup.awaitMessages(40);
            assertThat(primary.messages()).hasSize(40);
            // What it says at its very end still goes out.
            relay.stop();
            assertThat(relay.output()).contains("draining");
        }
    }
}
