package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;

import io.smtpdup.delivery.Wire.Unasked;
import io.smtpdup.net.TlsMode;
import io.smtpdup.testkit.TestCertificates;
import jakarta.mail.PasswordAuthentication;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over a line, in clear text and under TLS, and what is known of its other end. */
@Timeout(60)
class WireTest {

    private static final Duration LONG = Duration.ofSeconds(50);

    private final ServerSocket listener;

    private final Wire wire;

    private Socket server;

    WireTest() throws IOException {
        listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        wire = new Wire();
    }

    @AfterEach
    void close() throws IOException {
        wire.end();
        listener.close();
        if (server != null) {
            server.close();
        }
    }

    private void connect(boolean tls) throws Exception {
        wire.connect((InetSocketAddress) listener.getLocalSocketAddress(), LONG);
        server = listener.accept();
        if (tls) {
            server = TestCertificates.localhost().serverContext().getSocketFactory().createSocket(server, null, true);
            CompletableFuture<Void> handshake = CompletableFuture.runAsync(() -> {
                try {
                    ((SSLSocket) server).startHandshake();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            wire.secure(destination(), LONG);
            handshake.join();
        }
    }

    private static MailServer destination() {
        return new MailServer("smtp", "localhost", 25, HostResolver.SYSTEM, "us.test", TlsMode.REQUIRED, TimeLimits.DEFAULT, Set.of(),
                false, IdentityCommand.OFF, () -> new PasswordAuthentication(null, null),
                TestCertificates.localhost().trustingContext().getSocketFactory(), new Properties());
    }

    private void says(String text) throws IOException {
        server.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void holdsCommandsUntilAReplyIsAwaited(boolean tls) throws Exception {
        connect(tls);
        wire.say("MAIL FROM:<a@b.test>", LONG);
        wire.say("DATA", LONG);
        assertThat(wire.writes()).isZero();

        says("250 Ok\r\n354 go\r\n");

        assertThat(wire.hear(LONG)).hasToString("250 Ok");
        assertThat(wire.hear(LONG)).hasToString("354 go");
        assertThat(wire.writes()).isEqualTo(1);
        assertThat(server.getInputStream().readNBytes(28)).asString().isEqualTo("MAIL FROM:<a@b.test>\r\nDATA\r\n");
    }

    /** Messages with dots, line ends and block borders everywhere, cut anywhere. */
    @ParameterizedTest
    @CsvSource({"false,1", "false,2", "false,3", "true,4", "true,5"})
    void sendsContentAsItIsWithDotsStuffedWhereverABlockEnds(boolean tls, long seed) throws Exception {
        Random random = new Random(seed);
        connect(tls);
        for (int round = 0; round < 40; round++) {
            int large = round % 8 == 0 ? 3 * Wire.LARGE_BLOCK : 3 * Wire.BLOCK;
            String content = content(random, round % 4 == 0 ? large : 200);
            String expected = content.replaceAll("(?m)(^|\\r\\n)\\.", "$1..").replaceAll("(?<!\\r\\n)$", "")
                    + (content.isEmpty() || content.endsWith("\r\n") ? ".\r\n" : "\r\n.\r\n");
            CompletableFuture<String> arrives = CompletableFuture.supplyAsync(() -> read(expected.length()));

            send(content, random);

            assertThat(arrives.join()).isEqualTo(expected);
        }
    }

    private static String content(Random random, int size) {
        StringBuilder content = new StringBuilder();
        String[] pieces = {".", "..", "\r\n", "\r\n.", ".\r\n", "\r\n.\r\n", "word ", "x".repeat(70) + "\r\n", "\u00e9", "\t"};
        while (content.length() < size) {
            content.append(pieces[random.nextInt(pieces.length)]);
        }
        content.setLength(random.nextInt(content.length()));
        if (content.length() > 0 && content.charAt(content.length() - 1) == '\r') {
            content.append('\n');
        }
        return content.toString();
    }

    private void send(String content, Random random) throws IOException {
        ContentWriter writer = new ContentWriter(wire, LONG);
        byte[] octets = content.getBytes(StandardCharsets.ISO_8859_1);
        for (int from = 0; from < octets.length;) {
            int length = Math.min(octets.length - from, random.nextInt(10) == 0 ? 1 : 1 + random.nextInt(Wire.BLOCK + 1000));
            writer.write(octets, from, length);
            from += length;
        }
        writer.finish();
    }

    private String read(int length) {
        try {
            return new String(server.getInputStream().readNBytes(length), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sendsASmallMailAndItsFinalDotInOneWrite(boolean tls) throws Exception {
        connect(tls);
        ContentWriter writer = new ContentWriter(wire, LONG);

        writer.write("Subject: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        writer.write(("." + "y".repeat(70) + "\r\n").repeat(140).getBytes(StandardCharsets.US_ASCII));
        writer.finish();

        assertThat(wire.writes()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\rb", "a\nb", "\n", "\r", "a\r\r\nb", "a\r\n\n", "a\r\n\r", "\r.\r\n", "a\r\n.\n"})
    void sendsNoFinalDotAfterALoneCrOrLf(String content) throws Exception {
        connect(false);
        ContentWriter writer = new ContentWriter(wire, LONG);

        assertThatThrownBy(() -> {
            for (byte octet : content.getBytes(StandardCharsets.US_ASCII)) {
                writer.write(octet);
            }
            writer.finish();
        }).isInstanceOf(IOException.class);

        assertThat(writer.hasLoneLineEnd()).isTrue();
        assertThat(writer.peerFailure()).isNull();
        assertThat(wire.writes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void seesWithoutWaitingWhetherTheServerHasSpokenOrLeft(boolean tls) throws Exception {
        connect(tls);
        says("250 hello\r\n"); // under TLS 1.3 behind the server's tickets
        wire.hear(LONG);
        assertThat(wire.look(true)).isEqualTo(Unasked.NOTHING);
        assertThat(wire.look(true)).isEqualTo(Unasked.NOTHING);

        says("421 idle too long\r\n");
        await().untilAsserted(() -> assertThat(wire.look(true)).isEqualTo(Unasked.WORDS));
        assertThat(wire.look(true)).isEqualTo(Unasked.WORDS);
        assertThat(wire.hear(LONG)).hasToString("421 idle too long");
        assertThat(wire.look(true)).isEqualTo(Unasked.NOTHING);

        server.close();
        await().untilAsserted(() -> assertThat(wire.look(true)).isEqualTo(Unasked.THE_END));
    }

    @Test
    void seesTheEndOfALineThatWasCutUnderTls() throws Exception {
        wire.connect((InetSocketAddress) listener.getLocalSocketAddress(), LONG);
        Socket raw = listener.accept();
        SSLSocket secure = (SSLSocket) TestCertificates.localhost().serverContext().getSocketFactory().createSocket(raw, null, false);
        CompletableFuture<Void> handshake = CompletableFuture.runAsync(() -> {
            try {
                secure.startHandshake();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        wire.secure(destination(), LONG);
        handshake.join();

        raw.close();

        await().untilAsserted(() -> assertThat(wire.look(true)).isEqualTo(Unasked.THE_END));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void goesOnAfterALookAsBefore(boolean tls) throws Exception {
        connect(tls);
        for (int i = 0; i < 50; i++) {
            assertThat(wire.look(true)).isEqualTo(Unasked.NOTHING);
            wire.say("NOOP " + i, LONG);
            says("250 " + i + "\r\n");
            assertThat(wire.hear(LONG)).hasToString("250 " + i);
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        while (!said.toString(StandardCharsets.US_ASCII).endsWith("NOOP 49\r\n")) {
            said.write(server.getInputStream().read());
        }
        assertThat(said.toString(StandardCharsets.US_ASCII)).startsWith("NOOP 0\r\nNOOP 1\r\n");
    }

    @Test
    void anInterruptBreaksNothingOff() throws Exception {
        connect(false);
        says("250 still here\r\n");

        Thread.currentThread().interrupt();

        assertThat(wire.hear(LONG)).hasToString("250 still here");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(wire.look(true)).isEqualTo(Unasked.NOTHING);
    }

    @Test
    void tellsATimeThatPassedFromALineThatWasCut() throws Exception {
        connect(false);

        assertThatThrownBy(() -> wire.hear(Duration.ofMillis(200))).isInstanceOf(SocketTimeoutException.class)
                .hasMessage("no complete reply within 0.2 s");
        assertThatThrownBy(() -> wire.hear(LONG)).isInstanceOf(IOException.class).isNotInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void takesNothingForTlsThatWasSaidInClearText() throws Exception {
        connect(false);
        says("220 go ahead\r\n250 injected\r\n");
        wire.hear(LONG);

        assertThatThrownBy(() -> wire.secure(destination(), LONG)).isInstanceOf(NoReplyException.class);
    }
}
