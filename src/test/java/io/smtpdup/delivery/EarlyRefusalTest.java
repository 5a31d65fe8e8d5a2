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

import io.smtpdup.message.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Some servers say no in the middle of the content and hang up: a mail that is too large must not be tried for ever. */
@Timeout(300)
class EarlyRefusalTest {

    @Test
    void passesARefusalOnThatCameInTheMiddleOfTheContent() throws Exception {
        byte[] large = TestSender.octets("Subject: x\r\n\r\n" + ("x".repeat(70) + "\r\n").repeat(300_000));
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress()); TestSender sender = new TestSender()) {
            CompletableFuture<Void> server = CompletableFuture.runAsync(() -> refuseEarly(listener));

            DeliveryException failure = sender.fail("smtp:127.0.0.1:" + listener.getLocalPort() + "?timeout=5s",
                    TestSender.envelope(), large);

            server.join();
            assertThat(failure.reply()).isEqualTo(Reply.parse("552 5.3.4 too large"));
            assertThat(failure.outcome()).isEqualTo(Outcome.FAILED);
        }
    }

    private static void refuseEarly(ServerSocket listener) {
        try (Socket socket = listener.accept()) {
            say(socket, "220 hello");
            for (String reply : new String[] {"250 hello", "250 from", "250 to", "354 go on"}) {
                readLine(socket.getInputStream());
                say(socket, reply);
            }
            socket.getInputStream().readNBytes(100_000);
            say(socket, "552 5.3.4 too large");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void readLine(InputStream in) throws IOException {
        while (in.read() != '\n') {
            // on to the end of the line
        }
    }

    private static void say(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }
}
