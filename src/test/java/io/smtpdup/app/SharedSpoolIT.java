package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import io.smtpdup.postfix.BrokerProcess;
import io.smtpdup.postfix.RelayProcess;
import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Packaged relays with a real Artemis broker beside them, any of which is killed. */
class SharedSpoolIT {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private static BrokerProcess broker;

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final List<ScriptedSmtpServer> backups = List.of(ScriptedSmtpServer.start(), ScriptedSmtpServer.start());

    /** What clients heard 250 for, by the recipient that no other mail has. */
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();

    private final AtomicInteger numbers = new AtomicInteger();

    @TempDir
    private Path directory;

    @BeforeAll
    static void startBroker(@TempDir Path directory) throws Exception {
        broker = BrokerProcess.launch(directory);
    }

    @AfterAll
    static void stopBroker() throws Exception {
        broker.close();
    }

    @AfterEach
    void closeServers() {
        primary.close();
        backups.forEach(ScriptedSmtpServer::close);
    }

    @Test
    void everyMailThatGot250ReachesEveryBackupAlthoughOneOfTwoRelaysIsKilled() throws Exception {
        try (RelayProcess survivor = launch("survivor"); RelayProcess victim = launch("victim")) {
            backups.get(0).down();
            try (Load load = new Load(survivor, victim)) {
                load.awaitAccepted(100);
                victim.kill();
                load.awaitAccepted(50);
            }
            backups.get(0).up();

            for (ScriptedSmtpServer backup : backups) {
                await().untilAsserted(() -> assertThat(recipients(backup)).containsAll(accepted));
            }
            assertThat(recipients(primary)).containsAll(accepted);
            assertThat(survivor.output()).doesNotContain(" lost ");
        }
    }

    @Test
    void clientsHearThePrimaryWhileTheBrokerIsKilledAndEveryCopyArrives() throws Exception {
        try (RelayProcess relay = launch("relay")) {
            try (Load load = new Load(relay)) {
                load.awaitAccepted(50);
                broker.kill();
                load.awaitAccepted(50);
                broker.start();
                await().until(() -> relay.output().contains("can be used again"));
                load.awaitAccepted(50);
                assertThat(load.refused()).as("mails that did not get 250").isZero();
            }

            assertThat(recipients(primary)).containsAll(accepted);
            for (ScriptedSmtpServer backup : backups) {
                await().untilAsserted(() -> assertThat(recipients(backup)).containsAll(accepted));
            }
            assertThat(relay.output()).contains(" kept ").doesNotContain(" lost ");
        }
    }

    @Test
    void saysThatThePasswordIsWrong() throws Exception {
        Map<String, String> properties = new HashMap<>(properties());
        properties.put("spool.broker_password", "another+word");
        try (RelayProcess relay = RelayProcess.launch(Files.createDirectories(directory.resolve("relay")), properties)) {
            relay.awaitGreeting();
            try (SmtpDialogue client = client(relay)) {
                assertThat(send(client, "x@d.example")).isTrue();
            }

            assertThat(relay.output()).contains("refuses the login, see spool.broker_user and spool.broker_password")
                    .doesNotContain("another+word");
        }
    }

    private RelayProcess launch(String name) throws IOException {
        RelayProcess relay = RelayProcess.launch(Files.createDirectories(directory.resolve(name)), properties(), "256m");
        relay.awaitGreeting();
        return relay;
    }

    private Map<String, String> properties() {
        return Map.of("relay.destination_primary", primary.address(), "relay.destination_backups",
                backups.stream().map(ScriptedSmtpServer::address).collect(Collectors.joining(",")),
                "spool.broker_url", broker.url(), "spool.broker_user", BrokerProcess.USER,
                "spool.broker_password", BrokerProcess.PASSWORD);
    }

    /** The recipients of the mails of which the relay says that a backup will not get them. */
    private static Set<String> recipients(ScriptedSmtpServer server) {
        return server.messages().stream().map(ReceivedMessage::recipients).flatMap(List::stream).collect(Collectors.toSet());
    }

    private static SmtpDialogue client(RelayProcess relay) {
        SmtpDialogue client = SmtpDialogue.connect(relay.port());
        client.expect("220");
        client.say("EHLO client.example", "250");
        return client;
    }

    /** Sends a mail; true when the client heard 250. */
    private boolean send(SmtpDialogue client, String recipient) {
        client.say("MAIL FROM:<a@b.example>", "250");
        client.say("RCPT TO:<" + recipient + ">", "250");
        client.data(HELLO);
        boolean taken = client.expect("").startsWith("250");
        if (taken) {
            accepted.add(recipient);
        }
        return taken;
    }

    /** Clients that send one mail after the other until they are told to end, or their relay is gone. */
    private final class Load implements AutoCloseable {

        private static final int CLIENTS = 4;

        private final ExecutorService clients = Executors.newCachedThreadPool();

        private final AtomicBoolean ended = new AtomicBoolean();

        private final AtomicInteger refused = new AtomicInteger();

        Load(RelayProcess... relays) {
            for (RelayProcess relay : relays) {
                for (int i = 0; i < CLIENTS; i++) {
                    clients.submit(() -> sendUntilItEnds(relay));
                }
            }
        }

        private void sendUntilItEnds(RelayProcess relay) {
            try (SmtpDialogue client = client(relay)) {
                while (!ended.get()) {
                    if (!send(client, "m" + numbers.incrementAndGet() + "@d.example")) {
                        refused.incrementAndGet();
                    }
                }
            } catch (RuntimeException | AssertionError e) {
                refused.incrementAndGet();
            }
        }

        /** Waits for so many more mails that got 250. */
        void awaitAccepted(int more) {
            int before = accepted.size();
            await().until(() -> accepted.size() >= before + more);
        }

        int refused() {
            return refused.get();
        }

        @Override
        public void close() throws InterruptedException {
            ended.set(true);
            clients.shutdown();
            assertThat(clients.awaitTermination(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }
}
