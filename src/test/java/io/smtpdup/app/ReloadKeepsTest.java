package io.smtpdup.app;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.ops.CopyCounter;
import io.smtpdup.testkit.ReceivedMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What the relay knows of its servers is neither forgotten by a reload nor counted twice. */
class ReloadKeepsTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private final ManagementPort port = new ManagementPort();

    private final RelayUnderTest relay = RelayUnderTest.withBackups(1).set("management.port", String.valueOf(port.number()));

    @AfterEach
    void stop() {
        relay.close();
    }

    private void reload() {
        assertThat(relay.reload().problems()).isEmpty();
    }

    @Test
    void aLostCopyBeforeAMarkDoesNotComeBack() {
        relay.start();
        relay.send("<a@b.example>", List.of("one@d.example"), HELLO, "250");
        lose();
        assertThat(lost()).isEqualTo(1);
        port.post("/agreement/mark?reason=the+disk+was+full");
        assertThat(lost()).isZero();

        reload();

        assertThat(lost()).isZero();
        lose();
        assertThat(lost()).isEqualTo(1);
        reload();
        assertThat(lost()).isEqualTo(1);
    }

    private void lose() {
        MeterRegistry meters = relay.relay().context().getRegistry().findSingleByType(MeterRegistry.class);
        CopyCounter.LOST.count(relay.backup(1).address(), meters);
    }

    private long lost() {
        JsonNode circumstances = port.get("/agreement").at("/backups/0/evidence/circumstances");
        assertThat(circumstances.isMissingNode()).isFalse();
        return circumstances.path("lost").asLong(0);
    }

    @Test
    void whatABackupSaidOfRecipientsStaysKnown() {
        relay.backup(1).on("RCPT").when(line -> line.contains("no-such-mailbox-")).reply("550 5.1.1 User unknown");
        relay.backup(1).on("RCPT").when(line -> line.contains("<gone@")).reply("550 5.1.1 User unknown");
        relay.start();
        port.post("/recipients/check?job=0123456789abcdef&backup=" + relay.backup(1).address(),
                "here@d.example\r\ngone@d.example\r\n".getBytes(StandardCharsets.UTF_8));
        await().until(() -> asked("status").get("state").asText().equals("done"));
        JsonNode status = asked("status");
        JsonNode results = asked("results");
        assertThat(results.toString()).contains("gone@d.example", "address");

        for (int i = 0; i < 2; i++) {
            reload();

            assertThat(asked("status")).isEqualTo(status);
            assertThat(asked("results")).isEqualTo(results);
            assertThat(port.get("/cutover/check?backup=" + relay.backup(1).address()).toString()).contains("refused 1 of 2 recipients");
        }
        port.post("/recipients/check?backup=" + relay.backup(1).address(), "here@d.example\r\n".getBytes(StandardCharsets.UTF_8));
        assertThat(asked("status").get("total").asInt()).as("another one").isEqualTo(1);
    }

    private JsonNode asked(String what) {
        return port.get("/recipients/" + what + "?backup=" + relay.backup(1).address());
    }

    @Test
    void aMailThatIsBeingUploadedIsTaken() throws IOException {
        relay.start();
        try (Socket client = new Socket("127.0.0.1", port.number())) {
            client.getOutputStream().write(("POST /spool/replay?from=a@b.example&to=c@d.example&backup=" + relay.backup(1).address()
                    + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + HELLO.length + "\r\n\r\nSubject:").getBytes(StandardCharsets.US_ASCII));
            await().until(this::uploads, files -> files == 1);

            reload();
            await().until(() -> relay.relay().endingGenerations() == 0);

            assertThat(uploads()).isEqualTo(1);
            client.getOutputStream().write(Arrays.copyOfRange(HELLO, "Subject:".length(), HELLO.length));
            assertThat(new String(client.getInputStream().readNBytes(15), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200 OK");
        }
        assertThat(relay.backup(1).awaitMessages(1)).singleElement().extracting(ReceivedMessage::recipients).isEqualTo(List.of("c@d.example"));
    }

    private long uploads() throws IOException {
        try (Stream<Path> files = Files.walk(relay.directory().resolve("spool/messages"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("tools-")).count();
        }
    }
}
