package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

import io.smtpdup.postfix.FreePort;
import io.smtpdup.postfix.RelayProcess;
import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** The packaged relay with little memory, or none left. */
class MemoryIT {

    private static final int MAILS = 12;

    /** What uses up memory: a text that doubles until there is no room for it. */
    private static final String HUNGRY = """
            - route:
                id: hungry
                from:
                  uri: smtp-server:127.0.0.1:%d
                  steps:
                    - %s: {uri: "direct:text"}
            - route:
                id: text
                from:
                  uri: direct:text
                  steps:
                    - setProperty: {name: text, constant: xxxxxxxxxxxxxxxx}
                    - loop:
                        constant: 40
                        steps:
                          - setProperty: {name: text, simple: "${exchangeProperty.text}${exchangeProperty.text}"}
            """;

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final List<ScriptedSmtpServer> backups = List.of(ScriptedSmtpServer.start(), ScriptedSmtpServer.start());

    @TempDir
    private Path directory;

    @AfterEach
    void closeServers() {
        primary.close();
        backups.forEach(ScriptedSmtpServer::close);
    }

    @Test
    void keepsEveryCopyOfManyLargeMailsThatThePrimaryTakesAtOnce() throws Exception {
        byte[] large = mail(12_000_000);
        CountDownLatch allThere = new CountDownLatch(1);
        primary.on("DOT").waitFor(allThere).replyAsUsual();
        try (RelayProcess relay = RelayProcess.launch(directory, servers(), "96m")) {
            relay.awaitGreeting();
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int i = 0; i < MAILS; i++) {
                String recipient = "r" + i + "@d.example";
                clients.add(CompletableFuture.runAsync(() -> send(relay.port(), recipient, large),
                        task -> new Thread(task).start()));
            }
            await().until(() -> primary.offeredMessages().size() == MAILS);

            allThere.countDown();

            for (CompletableFuture<Void> client : clients) {
                client.get();
            }
            for (ScriptedSmtpServer backup : backups) {
                await().until(() -> backup.messages().size() == MAILS);
            }
            assertThat(relay.output()).doesNotContain(" lost ", "OutOfMemory", "heap space");
        }
    }

    @Test
    void endsForASupervisorWhenThereIsTooLittleMemoryToStart() throws Exception {
        RelayProcess relay = RelayProcess.launch(directory, servers(), "16m");

        assertThat(relay.awaitEnd()).isIn(1, 3);
    }

    @Test
    void endsForASupervisorWhenAMailUsesUpTheMemory() throws Exception {
        int port = hungry("to");
        RelayProcess relay = RelayProcess.launch(directory, servers(), "96m");
        relay.awaitGreeting();

        assertThatThrownBy(() -> send(port, "c@d.example", mail(100))).isInstanceOf(AssertionError.class);

        assertThat(relay.awaitEnd()).isEqualTo(3);
        assertThat(relay.output()).contains("smtp-duplicator: out of memory; ending with status 3");
    }

    @Test
    void endsForASupervisorAlsoWhenSomeThreadHasCaughtTheErrorAndGoneOn() throws Exception {
        int port = hungry("wireTap");
        RelayProcess relay = RelayProcess.launch(directory, servers(), "96m");
        relay.awaitGreeting();

        try {
            send(port, "c@d.example", mail(100));
        } catch (AssertionError e) {
            // it ended as early as that
        }

        assertThat(relay.awaitEnd()).isEqualTo(3);
        assertThat(relay.output()).contains("smtp-duplicator: out of memory; ending with status 3");
    }

    /** A listener whose mails use up the memory. Returns its port. */
    private int hungry(String step) throws IOException {
        int port = FreePort.find();
        Files.createDirectories(directory.resolve("routes"));
        Files.writeString(directory.resolve("routes/90-hungry.camel.yaml"), HUNGRY.formatted(port, step));
        return port;
    }

    private Map<String, String> servers() {
        return Map.of("relay.timeout_seconds", "300", "relay.destination_primary", primary.address(),
                "relay.destination_backups",
                backups.stream().map(ScriptedSmtpServer::address).collect(Collectors.joining(",")));
    }

    private static void send(int port, String recipient, byte[] message) {
        try (SmtpDialogue client = SmtpDialogue.connect(port).withPatience(Patience.LIMIT)) {
            client.expect("220");
            client.say("EHLO client.example", "250");
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<" + recipient + ">", "250");
            client.data(message);
            client.expect("250");
        }
    }

    private static byte[] mail(int size) {
        byte[] mail = new byte[size / 78 * 78 + 78];
        Arrays.fill(mail, (byte) 'x');
        byte[] end = "\r\n".getBytes(StandardCharsets.US_ASCII);
        for (int i = 78; i <= mail.length; i += 78) {
            System.arraycopy(end, 0, mail, i - 2, 2);
        }
        return mail;
    }
}
