package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reply that breaks off is none: "250" may have been going to be "250-", or "2500", or somebody else's line. */
@Timeout(300)
class BrokenOffReplyTest {

    @ParameterizedTest
    @ValueSource(strings = {"250", "250 2.0.0 Ok", "550 5.7.1 no", "250-first\r\n250 second", "250-first\r\n"})
    void leavesTheOutcomeUnknown(String reply) throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress()); TestSender sender = new TestSender()) {
            CompletableFuture<Void> server = CompletableFuture.runAsync(() -> breakOff(listener, reply));

            DeliveryException failure = sender.fail("smtp:127.0.0.1:" + listener.getLocalPort() + "?timeout=5s",
                    TestSender.envelope(), TestSender.octets("Subject: x\r\n\r\n"));

            server.join();
            assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
            assertThat(failure.reply().toString()).startsWith("451 4.4.2");
        }
    }

    private static void breakOff(ServerSocket listener, String reply) {
        try (Socket socket = listener.accept()) {
            say(socket, "220 hello\r\n");
            for (String line : new String[] {"250 hello", "250 from", "250 to", "354 go on"}) {
                readTo(socket.getInputStream(), "\n");
                say(socket, line + "\r\n");
            }
            readTo(socket.getInputStream(), "\r\n.\r\n");
            say(socket, reply);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void readTo(InputStream in, String end) throws IOException {
        StringBuilder read = new StringBuilder();
        while (!read.toString().endsWith(end)) {
            read.append((char) in.read());
        }
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
