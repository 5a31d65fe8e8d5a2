package io.smtpdup.app;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.smtpdup.postfix.RelayProcess;
import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The packaged relay, killed and starved of memory. */
class SpoolIT {

    private static final int CLIENTS = 8;

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final List<ScriptedSmtpServer> backups = List.of(ScriptedSmtpServer.start(), ScriptedSmtpServer.start());

    /** What clients heard 250 for, by the recipient that no other mail has. */
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();

    @TempDir
    private Path directory;

    @AfterEach
    void closeServers() {
        primary.close();
        backups.forEach(ScriptedSmtpServer::close);
    }

    @Test
    void everyMailThatGot250ReachesEveryBackupAlthoughTheRelayIsKilled() throws Exception {
        try (RelayProcess relay = RelayProcess.launch(directory, servers())) {
            relay.awaitGreeting();
            for (int round = 1; round <= 3; round++) {
                backups.get(0).down();
                killUnderLoad(relay, round);
                relay.start();
                backups.get(0).up();
            }

            for (ScriptedSmtpServer backup : backups) {
                await().untilAsserted(() -> assertThat(recipients(backup)).containsAll(accepted));
            }
            assertThat(recipients(primary)).containsAll(accepted);
        }
    }

    @Test
    void carriesALargeMailInASmallHeap() throws Exception {
        byte[] large = new byte[30_000_000];
        Arrays.fill(large, (byte) 'x');
        for (int i = 78; i <= large.length; i += 78) {
            large[i - 2] = '\r';
            large[i - 1] = '\n';
        }
        large[large.length - 2] = '\r';
        large[large.length - 1] = '\n';
        try (RelayProcess relay = RelayProcess.launch(directory, servers(), "128m")) {
            relay.awaitGreeting();
            backups.get(0).on("DOT").once().reply("451 4.3.0 not now");

            for (int i = 0; i < 3; i++) {
                try (SmtpDialogue client = client(relay)) {
                    assertThat(send(client, "large" + i + "@d.example", large)).isTrue();
                }
            }

            for (ScriptedSmtpServer backup : backups) {
                await().until(() -> backup.messages().size() == 3);
                assertThat(backup.messages()).allSatisfy(mail ->
                        assertThat(ReceivedMessage.sha256(mail.belowReceived())).isEqualTo(ReceivedMessage.sha256(large)));
            }
            assertThat(relay.output()).doesNotContain("OutOfMemory");
        }
    }

    private Map<String, String> servers() {
        return Map.of("relay.destination_primary", primary.address(), "relay.destination_backups",
                backups.stream().map(ScriptedSmtpServer::address).collect(Collectors.joining(",")));
    }

    /** Kills it at a random moment, while clients send one mail after the other. */
    private void killUnderLoad(RelayProcess relay, int round) throws InterruptedException {
        int before = accepted.size();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        for (int i = 0; i < CLIENTS; i++) {
            String name = round + "-" + i;
            clients.submit(() -> sendUntilItEnds(relay, name));
        }
        int enough = before + ThreadLocalRandom.current().nextInt(50, 300);
        await().pollInterval(Duration.ofMillis(5)).until(() -> accepted.size() > enough);
        relay.kill();
        clients.shutdown();
        assertThat(clients.awaitTermination(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    private void sendUntilItEnds(RelayProcess relay, String name) {
        byte[] message = ("Subject: " + name + "\r\n\r\n" + "x".repeat(500) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        try (SmtpDialogue client = client(relay)) {
            for (int i = 0;; i++) {
                String recipient = name + "-" + i + "@d.example";
                if (send(client, recipient, message)) {
                    accepted.add(recipient);
                }
            }
        } catch (AssertionError | RuntimeException e) {
            // the relay is gone, which is what we are waiting for
        }
    }

    private static SmtpDialogue client(RelayProcess relay) {
        SmtpDialogue client = SmtpDialogue.connect(relay.port());
        client.expect("220");
        client.say("EHLO client.example", "250");
        return client;
    }

    private static boolean send(SmtpDialogue client, String recipient, byte[] message) {
        client.say("MAIL FROM:<a@b.example>", "250");
        client.say("RCPT TO:<" + recipient + ">", "250");
        client.data(message);
        return client.expect("250").startsWith("250");
    }

    private static Set<String> recipients(ScriptedSmtpServer server) {
        return server.messages().stream().map(mail -> mail.recipients().get(0)).collect(Collectors.toSet());
    }
}
