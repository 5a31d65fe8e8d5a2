package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client may choose for its TLS, and what the log says when it may not. */
class TlsPolicyTest {

    private static Listener listener;

    @BeforeAll
    static void listen() {
        listener = Listener.withTls("");
    }

    @AfterAll
    static void stop() {
        listener.close();
    }

    /** A socket whose STARTTLS was answered with 220. */
    private static SSLSocket afterStartTls() throws IOException {
        Socket plain = new Socket("127.0.0.1", listener.port());
        plain.setSoTimeout(60_000);
        expect(plain, "220 ");
        plain.getOutputStream().write("EHLO client.example\r\nSTARTTLS\r\n".getBytes(StandardCharsets.US_ASCII));
        expect(plain, "220 2.0.0");
        return (SSLSocket) TestCertificates.trustAllContext().getSocketFactory().createSocket(plain, "localhost", 25, true);
    }

    private static void expect(Socket socket, String beginning) throws IOException {
        StringBuilder line = new StringBuilder();
        while (!line.toString().startsWith(beginning) || line.charAt(line.length() - 1) != '\n') {
            if (line.indexOf("\n") >= 0) {
                line.setLength(0);
            }
            int octet = socket.getInputStream().read();
            assertThat(octet).as("the line is closed, after %s", line).isNotNegative();
            line.append((char) octet);
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3, TLS_AES_128_GCM_SHA256", "TLSv1.3, TLS_AES_256_GCM_SHA384", "TLSv1.3, TLS_CHACHA20_POLY1305_SHA256",
        "TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLSv1.2, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLSv1.2, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"})
    void takesEphemeralKeysAndAuthenticatedEncryption(String protocol, String suite) throws IOException {
        try (SSLSocket socket = afterStartTls()) {
            socket.setEnabledProtocols(new String[] {protocol});
            socket.setEnabledCipherSuites(new String[] {suite});
            socket.startHandshake();
            assertThat(socket.getSession().getCipherSuite()).isEqualTo(suite);
            socket.getOutputStream().write("NOOP\r\n".getBytes(StandardCharsets.US_ASCII));
            expect(socket, "250 2.0.0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_CBC_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"})
    void refusesEverythingElseAndSaysSoInTheLog(String suite) throws IOException {
        try (MailLogLines log = MailLogLines.listen(); SSLSocket socket = afterStartTls()) {
            if (!Arrays.asList(socket.getSupportedCipherSuites()).contains(suite)) {
                return; // this Java does not know it any more, and neither does our side
            }
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.setEnabledCipherSuites(new String[] {suite});
            assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);

            org.awaitility.Awaitility.await().until(() -> !log.of("tls-failed").isEmpty());
            assertThat(log.of("tls-failed").get(0)).contains("client=127.0.0.1", "cause=");
        }
    }

    @Test
    void bindsTheLogOfFailedHandshakes() {
        try (MailLogLines log = MailLogLines.listen(); Listener own = Listener.withTls("")) {
            for (int i = 0; i < 30; i++) {
                try (SmtpDialogue client = own.greetedClient()) {
                    client.say("STARTTLS", "220");
                    client.send("this is no handshake");
                    while (!client.isClosedByPeer()) {
                        // an alert of several octets
                    }
                }
            }
            // A client of an earlier test may have its line only now.
            assertThat(log.of("tls-failed")).filteredOn(line -> line.contains("Unsupported or unrecognized SSL message")).hasSize(20);
        }
    }

    /** The JDK's own handshake of a server asks once for the property, so it must be set before the first of them. */
    @Test
    void forbidsClientsToRenegotiate() {
        assertThat(System.getProperty("jdk.tls.rejectClientInitiatedRenegotiation")).isEqualTo("true");
    }

    @Test
    void anOldClientHearsAnAlertAndNotSilence() throws IOException {
        try (SSLSocket socket = afterStartTls()) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"});
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class).hasMessageContaining("alert");
        }
    }
}
