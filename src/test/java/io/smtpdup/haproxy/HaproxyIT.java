package io.smtpdup.haproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.smtpdup.postfix.FreePort;
import io.smtpdup.postfix.RelayProcess;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an administrator gets who puts HAProxy in front of the relay as deploy/haproxy says. */
class HaproxyIT {

    private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");

    private static final byte[] MESSAGE = "Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path directory;

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private RelayProcess relay;

    private Process haproxy;

    private int port;

    @BeforeEach
    void open() throws IOException {
        boolean installed = Files.isExecutable(HAPROXY);
        if (!installed && "true".equals(System.getenv("CI"))) {
            fail("CI must run this test: apt-get install haproxy");
        }
        assumeTrue(installed, "HAProxy is not installed: apt-get install haproxy");
        relay = RelayProcess.launch(Files.createDirectory(directory.resolve("relay")), Map.of(
                "smtp.proxy_protocol", "true",
                "smtp.trusted_relays", "127.0.0.1",
                "smtp.clients", "127.0.0.2",
                "relay.destination_primary", primary.address()));
        await().ignoreExceptions().untilAsserted(this::greetsWhoNamesNobody);
        port = FreePort.find();
        Path configuration = directory.resolve("haproxy.cfg");
        Files.writeString(configuration, Files.readString(Path.of("deploy", "haproxy", "haproxy.cfg"))
                .replace("bind :25", "bind 127.0.0.1:" + port)
                .replace("127.0.0.1:2525", "127.0.0.1:" + relay.port())
                // Without it a check has failed that takes longer than the pause between two.
                .replace("timeout connect", "timeout check 60s\n    timeout connect")
                // One check that fails, of many, and the server is down.
                .replace("check-send-proxy", "check-send-proxy inter 100ms fall 1"));
        haproxy = new ProcessBuilder(HAPROXY.toString(), "-db", "-f", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("haproxy.log").toFile())
                .start();
    }

    private void greetsWhoNamesNobody() {
        try (SmtpDialogue proxy = SmtpDialogue.connect(relay.port())) {
            proxy.sendRaw("PROXY UNKNOWN\r\n");
            proxy.expect("220");
        }
    }

    @AfterEach
    void close() throws InterruptedException {
        if (haproxy != null && !haproxy.destroyForcibly().waitFor(10, TimeUnit.SECONDS)) {
            fail("HAProxy does not end");
        }
        if (relay != null) {
            relay.close();
        }
        primary.close();
    }

    @Test
    void knowsTheClientAndIsFoundAlive() throws IOException {
        primary.awaitCommand("EHLO"); // the first check has said EHLO, and the relay asks what the primary can do

        try (SmtpDialogue client = SmtpDialogue.connectFrom("127.0.0.2", port)) {
            client.expect("220");
            client.say("EHLO client.example", "250");
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<c@d.example>", "250");
            client.data(MESSAGE);
            client.expect("250");
        }
        try (SmtpDialogue stranger = SmtpDialogue.connectFrom("127.0.0.3", port)) {
            stranger.expect("554 5.7.1");
        }

        assertThat(primary.awaitMessages(1).get(0).firstField()).contains("from client.example ([127.0.0.2])");
        assertThat(relay.output()).contains("client=\"127.0.0.2\"");
        assertThat(Files.readString(directory.resolve("haproxy.log"))).doesNotContain("is DOWN");
    }
}
