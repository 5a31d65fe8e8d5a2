package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import io.smtpdup.postfix.RelayProcess;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The packaged relay reloads on a signal and on a command, and is ended in the middle of it. */
class ReloadIT {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final ScriptedSmtpServer backup = ScriptedSmtpServer.start();

    private final CountDownLatch release = new CountDownLatch(1);

    private final Map<String, String> settings = new LinkedHashMap<>(Map.of(
            "relay.destination_primary", primary.address(), "relay.destination_backups", backup.address()));

    @TempDir
    private Path directory;

    @AfterEach
    void closeServers() {
        release.countDown();
        primary.close();
        backup.close();
    }

    /** One that runs, and does not only listen. */
    private RelayProcess relay() throws IOException {
        RelayProcess relay = RelayProcess.launch(directory, settings);
        relay.awaitGreeting();
        await().until(() -> relay.output().contains("SmtpDuplicator primary "));
        return relay;
    }

    private static SmtpDialogue client(RelayProcess relay) {
        SmtpDialogue client = SmtpDialogue.connect(relay.port());
        client.expect("220");
        client.say("EHLO client.example", "250");
        return client;
    }

    private static void send(SmtpDialogue client, String recipient) {
        RelayUnderTest.send(client, "<a@b.example>", List.of(recipient), HELLO, "250");
    }

    private void certificate(TestCertificates made, String name) throws IOException {
        TestCertificates.Pem pem = made.writePem(Files.createDirectories(directory.resolve(name)));
        settings.put("smtp.tls_certificate", pem.certificate().toString());
        settings.put("smtp.tls_key", pem.key().toString());
    }

    /** A reload that has begun, and waits for the primary to say what it can do. */
    private void beginReload(RelayProcess relay) throws Exception {
        int before = primary.connectionCount();
        primary.on("EHLO").waitFor(release).replyAsUsual();
        settings.put("relay.backup_rate", "60000");
        relay.configure(settings);
        relay.signal("HUP");
        await().until(() -> primary.connectionCount() > before);
    }

    private static List<String> recipients(ScriptedSmtpServer server) {
        return server.messages().stream().flatMap(one -> one.recipients().stream()).toList();
    }

    @Test
    void readsTheCertificateAnewAndKeepsTheClients() throws Exception {
        TestCertificates first = TestCertificates.of("localhost");
        TestCertificates second = TestCertificates.of("localhost");
        certificate(first, "first");
        try (RelayProcess relay = relay(); SmtpDialogue clear = client(relay); SmtpDialogue secret = client(relay)) {
            secret.say("STARTTLS", "220");
            secret.startTls(first.trustingContext());
            secret.say("EHLO client.example", "250");
            send(secret, "one@d.example");
            Map<String, String> right = new LinkedHashMap<>(settings);
            settings.put("smtp.tls_key", second.writePem(Files.createDirectories(directory.resolve("wrong"))).key().toString());
            relay.configure(settings);

            RelayProcess.Result refused = relay.command("reload");

            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.output()).contains("smtp.tls_");
            relay.signal("HUP");
            await().until(() -> relay.output().contains("reason=\"SIGHUP\" result=\"refused\""));
            try (SmtpDialogue other = client(relay)) {
                other.say("STARTTLS", "220");
                other.startTls(first.trustingContext());
            }

            settings.putAll(right);
            certificate(second, "second");
            relay.configure(settings);
            RelayProcess.Result done = relay.command("reload", "--reason", "renewed");

            assertThat(done.output()).contains("changed: the certificate").endsWith("reloaded\n");
            assertThat(done.status()).isZero();
            assertThat(relay.output()).contains("reload reason=\"renewed\" result=\"done\"").contains("certificate=\"changed\"");
            send(secret, "two@d.example");
            clear.say("STARTTLS", "220");
            clear.startTls(second.trustingContext());
            clear.say("EHLO client.example", "250");
            send(clear, "three@d.example");
            try (SmtpDialogue other = client(relay)) {
                other.say("STARTTLS", "220");
                other.startTls(second.trustingContext());
            }
        }
        assertThat(recipients(primary)).containsExactly("one@d.example", "two@d.example", "three@d.example");
    }

    @Test
    void endsOnSigtermInTheMiddleOfAReload() throws Exception {
        try (RelayProcess relay = relay(); SmtpDialogue client = client(relay)) {
            send(client, "one@d.example");
            beginReload(relay);

            relay.signal("TERM");

            assertThat(relay.awaitEnd()).isZero();
            client.expect("421");
            assertThat(recipients(primary)).containsExactly("one@d.example");
        }
    }

    @Test
    void refusesAReloadWhileItStops() throws Exception {
        primary.on("DOT").once().waitFor(release).replyAsUsual();
        try (RelayProcess relay = relay(); SmtpDialogue client = client(relay)) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<one@d.example>", "250");
            client.data(HELLO);
            await().until(() -> primary.offeredMessages().size() == 1);
            relay.signal("TERM");
            await().until(() -> relay.output().contains("draining"));

            relay.signal("HUP");

            await().until(() -> relay.output().contains("not reloaded: the relay stops"));
            release.countDown();
            client.expect("250");
            assertThat(relay.awaitEnd()).isZero();
        }
    }

    @Test
    void losesAndDoublesNothingWhenItIsKilledInTheMiddleOfAReload() throws Exception {
        List<String> sent = List.of("one@d.example", "two@d.example", "three@d.example");
        backup.down();
        try (RelayProcess relay = relay()) {
            try (SmtpDialogue client = client(relay)) {
                sent.forEach(recipient -> send(client, recipient));
            }
            beginReload(relay);

            relay.kill();
            release.countDown();
            relay.start();
            backup.up();

            await().untilAsserted(() -> assertThat(recipients(backup)).containsExactlyInAnyOrderElementsOf(sent));
            try (SmtpDialogue client = client(relay)) {
                send(client, "four@d.example");
            }
            await().until(() -> recipients(backup).contains("four@d.example"));
            assertThat(recipients(backup)).hasSize(4);
            assertThat(recipients(primary)).hasSize(4);
        }
    }
}
