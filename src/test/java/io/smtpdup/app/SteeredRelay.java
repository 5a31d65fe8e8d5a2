package io.smtpdup.app;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A relay with two backups, and an operator at its management port; with a real broker. */
abstract class SteeredRelay {

    static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    final ManagementPort port = new ManagementPort();

    RelayUnderTest relay;

    @BeforeEach
    final void start() {
        relay = RelayUnderTest.withBackups(2).set("management.port", String.valueOf(port.number()))
                .set("relay.retry_first", "1h").start();
    }

    @AfterEach
    final void stop() {
        relay.close();
    }

    final void assertRefused(String method, String path, byte[] body, int status, String reason, String... headers) {
        HttpResponse<byte[]> answer = port.request(method, path, body, headers);
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(path + " " + text).isEqualTo(status);
        assertThat(ManagementPort.tree(text).get("error").asText()).as(path).contains(reason);
    }

    final void send(String recipient) {
        relay.send("<a@b.example>", List.of(recipient), HELLO, "250");
    }

    final String name(int backup) {
        return relay.backup(backup).address().replace(':', '-').toLowerCase(Locale.ROOT);
    }

    final JsonNode awaitBackup(int number, Predicate<JsonNode> condition) {
        return await().until(() -> StreamSupport.stream(port.get("/spool/backups").get("backups").spliterator(), false)
                .filter(backup -> backup.get("name").asText().equals(name(number)))
                .findFirst().orElseThrow(), condition);
    }

    static byte[] large(int size) {
        byte[] message = new byte[size];
        Arrays.fill(message, (byte) 'x');
        for (int i = 70; i < size; i += 72) {
            message[i] = '\r';
            message[i + 1 < size ? i + 1 : i] = '\n';
        }
        byte[] head = "Subject: large \u00e9\r\n\r\n".getBytes(StandardCharsets.UTF_8);
        System.arraycopy(head, 0, message, 0, head.length);
        message[size - 2] = '\r';
        message[size - 1] = '\n';
        return message;
    }
}
