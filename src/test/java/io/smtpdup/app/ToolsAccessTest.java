package io.smtpdup.app;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Who may steer the queues, and who may not. */
class ToolsAccessTest {

    private static final String TOKEN = "correct-horse-battery";

    private final ManagementPort port = new ManagementPort();

    private final RelayUnderTest relay =
            RelayUnderTest.withBackups(1).set("management.port", String.valueOf(port.number()));

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void isOpenToThisMachineByDefaultAndClosedToWebPages() throws IOException {
        relay.start();

        for (String host : List.of("127.0.0.1:9876", "localhost", "LocalHost:1", "[::1]:9876", "127.1.2.3")) {
            assertThat(raw("GET /spool/backups HTTP/1.1\r\nHost: " + host)).as(host).contains("200 OK");
        }
        for (String headers : List.of("Host: evil.example", "Host: localhost.evil.example:9876", "Host: 192.0.2.1", "Host: [::",
                "Host:", "Host: 127.0.0.1.evil.example", "X: y", "Host: localhost\r\nOrigin: http://localhost:9876",
                "Host: localhost\r\nOrigin: null")) {
            assertThat(raw("POST /spool/dead/delete?all=true HTTP/1.1\r\n" + headers)).as(headers)
                    .containsPattern("^HTTP/1.1 40[03] ");
        }
    }

    @Test
    void asksForTheTokenWhenThereIsOne() {
        relay.set("management.token", TOKEN).start();

        assertThat(status()).isEqualTo(401);
        assertThat(status("Authorization", "Bearer wrong-horse-battery")).isEqualTo(401);
        assertThat(status("Authorization", TOKEN)).isEqualTo(401);
        assertThat(status("Authorization", "Bearer " + TOKEN)).isEqualTo(200);
        assertThat(status("Authorization", "Bearer " + TOKEN, "Origin", "http://localhost")).isEqualTo(403);
        assertThat(port.request("GET", "/observe/health/ready", null).statusCode()).isEqualTo(200);
    }

    @Test
    void isClosedBeyondThisMachineWithoutAToken() {
        relay.set("management.host", "0.0.0.0").start();

        assertThat(new String(port.request("GET", "/spool/backups", null).body(), StandardCharsets.UTF_8))
                .contains("management.token");
        assertThat(status()).isEqualTo(403);
        assertThat(port.request("GET", "/observe/health/ready", null).statusCode()).isEqualTo(200);
    }

    @Test
    void isOpenBeyondThisMachineToWhoHasTheToken() throws IOException {
        relay.set("management.host", "0.0.0.0").set("management.token", TOKEN).start();

        assertThat(status()).isEqualTo(401);
        assertThat(raw("GET /spool/backups HTTP/1.1\r\nHost: relay.example\r\nAuthorization: bearer " + TOKEN)).contains("200 OK");
    }

    private int status(String... headers) {
        return port.request("GET", "/spool/backups", null, headers).statusCode();
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port.number())) {
            socket.getOutputStream().write((request + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
