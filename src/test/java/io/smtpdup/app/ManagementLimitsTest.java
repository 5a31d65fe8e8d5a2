package io.smtpdup.app;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Whoever reaches the management port may not take from mail, or from other askers, what they need. */
class ManagementLimitsTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private final ManagementPort port = new ManagementPort();

    private final RelayUnderTest relay =
            RelayUnderTest.withBackups(1).set("management.port", String.valueOf(port.number()));

    private final List<Socket> clients = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        relay.close();
    }

    @Test
    void answersProbesAndMailWhileHundredsOfHalfRequestsCome() throws IOException {
        relay.set("management.max_connections", "10").start();

        for (int i = 0; i < 300; i++) {
            client(i % 3 == 0 ? "" : i % 3 == 1 ? "GET /observe/hea" : "POST /spool/replay?backup=" + name() + " HTTP/1.1\r\nHost: lo");
        }

        for (String probe : List.of("live", "ready", "live")) {
            assertThat(port.request("GET", "/observe/health/" + probe, null).statusCode()).isEqualTo(200);
        }
        relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");
        await().untilAsserted(() -> assertThat(clients.stream().filter(client -> !isClosed(client))).hasSizeLessThanOrEqualTo(10));
    }

    @Test
    void closesConnectionsThatDoNotSendAWholeRequestInTime() throws IOException {
        relay.set("management.timeout_seconds", "1").start();
        List<Socket> silent = List.of(client(""), client("GET /observe/health/live HTTP/1.1\r\nHost: localhost\r\nX: "),
                client("GET /observe/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                client("GET /observe/health/live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"),
                client("POST /spool/retry?all=true HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"),
                client("POST /spool/replay?backup=" + name() + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nSubject:"));

        await().untilAsserted(() -> assertThat(silent).allMatch(ManagementLimitsTest::isClosed));

        assertThat(tools()).isEmpty();
    }

    @Test
    void looksAtWhatIsToBeReplayedBeforeTheMailComes() throws IOException {
        relay.start();
        String path = "POST /spool/replay?from=a@b.example&backup=";
        String size = " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ";

        assertThat(answer(client(path + "nobody:25&to=c@d.example" + size + "100\r\n\r\n"))).startsWith("HTTP/1.1 404 ");
        assertThat(answer(client(path + name() + "&to=%3C%3E" + size + "100\r\n\r\n"))).startsWith("HTTP/1.1 400 ");
        assertThat(answer(client(path + name() + "&to=c..@" + size + "100\r\n\r\n"))).startsWith("HTTP/1.1 400 ");
        assertThat(answer(client(path + name() + "&to=c@d.example" + size + "999999999\r\n\r\n"))).startsWith("HTTP/1.1 413 ");
        assertThat(answer(client(path + name() + "&to=c@d.example" + size + "100\r\n\r\n"))).startsWith("HTTP/1.1 100 ");
        clients.get(clients.size() - 1).close();
        await().untilAsserted(() -> assertThat(tools()).isEmpty());
        assertThat(relay.backup(1).messages()).isEmpty();
    }

    @Test
    void answersWithAReasonThoughTheMailIsNotReadToItsEnd() {
        relay.start();

        HttpResponse<byte[]> answer = port.request("POST", "/spool/replay?backup=nobody:25&from=a@b.example&to=c@d.example", new byte[5_000_000]);

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("there is no backup nobody:25");
    }

    @Test
    void answersProbesWhileTheToolsAreBusy() throws IOException {
        relay.set("management.max_connections", "8").start();
        for (int i = 0; i < 7; i++) {
            client("POST /spool/replay?backup=" + name() + "&from=a@b.example&to=c@d.example HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nSubject:");
        }

        await().untilAsserted(() -> assertThat(port.request("GET", "/spool/backups", null).statusCode()).isEqualTo(503));
        assertThat(Stream.of("live", "ready", "live", "ready").parallel()
                .map(probe -> port.request("GET", "/observe/health/" + probe, null).statusCode())).containsOnly(200);
    }

    @Test
    void refusesHeadersWithoutEnd() throws IOException {
        relay.start();

        assertThat(answer(client("GET /observe/health/live?" + "x".repeat(70_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))).endsWith(" 414 ");
        assertThat(answer(client("GET /observe/health/live HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(70_000) + "\r\n\r\n"))).endsWith(" 431 ");
        assertThat(answer(client("nonsense\r\n\r\n"))).startsWith("HTTP/1.");
    }

    private Socket client(String octets) throws IOException {
        Socket socket = new Socket("127.0.0.1", port.number());
        clients.add(socket);
        socket.setSoTimeout(50);
        try {
            socket.getOutputStream().write(octets.getBytes(StandardCharsets.US_ASCII));
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset"); // it was closed for another already
        }
        return socket;
    }

    private static String answer(Socket socket) throws IOException {
        socket.setSoTimeout(30_000);
        return new String(socket.getInputStream().readNBytes(13), StandardCharsets.US_ASCII);
    }

    private static boolean isClosed(Socket socket) {
        try {
            byte[] octets = new byte[4096];
            int read = socket.getInputStream().read(octets);
            while (read > 0) {
                read = socket.getInputStream().read(octets);
            }
            return true;
        } catch (SocketException e) {
            return true;
        } catch (IOException e) {
            return false; // nothing came, and it is open
        }
    }

    /** Files of the tools that are on their way. */
    private List<Path> tools() throws IOException {
        try (Stream<Path> files = Files.walk(relay.directory().resolve("spool/messages"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("tools-")).toList();
        }
    }

    private String name() {
        return relay.backup(1).address().replace(':', '-');
    }
}
