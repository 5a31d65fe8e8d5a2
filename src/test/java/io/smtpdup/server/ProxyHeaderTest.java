package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy in front of us that says in a header for whom it has connected. */
class ProxyHeaderTest {

    private static final String V1 = "PROXY TCP4 192.0.2.7 192.0.2.99 4711 25\r\n";

    private static final String MESSAGE = "Subject: x\r\n\r\nx\r\n";

    private Listener listener =
            Listener.with("proxyProtocol=true&trustedRelays=127.0.0.0/8&clients=192.0.2.0/25,2001:db8::/32");

    @AfterEach
    void stop() {
        listener.close();
    }

    /** Version 2: the signature, and then version and command, family, length, and addresses, in hexadecimal. */
    private static byte[] v2(String rest) {
        byte[] octets = HexFormat.ofDelimiter(" ").parseHex(rest);
        return ByteBuffer.allocate(12 + octets.length)
                .put(HexFormat.of().parseHex("0d0a0d0a000d0a515549540a")).put(octets).array();
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private void sendMail(byte[] header) {
        try (SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.sendRaw(header);
            sendMail(client);
        }
    }

    private static void sendMail(SmtpDialogue client) {
        client.expect("220");
        client.say("EHLO client.example", "250");
        Listener.mail(client, MESSAGE);
        client.say("QUIT", "221");
    }

    private String refusal(byte[] header) {
        try (SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.sendRaw(header);
            client.shutdownOutput();
            String reply = client.expect("/[45].*/");
            assertThat(client.isClosedByPeer()).isTrue();
            return reply;
        }
    }

    private Object client() {
        return listener.onlyMail().client().address();
    }

    @Test
    void takesTheClientFromVersion1() {
        sendMail(octets(V1));

        assertThat(client()).isEqualTo(new InetSocketAddress("192.0.2.7", 4711));
        assertThat(listener.onlyMail().receivedField()).contains("from client.example ([192.0.2.7])");
    }

    @Test
    void takesAnIpv6ClientFromVersion1() {
        sendMail(octets("PROXY TCP6 2001:db8::7 2001:db8::99 4711 25\r\n"));

        assertThat(client()).isEqualTo(new InetSocketAddress("2001:db8::7", 4711));
    }

    @Test
    void takesTheClientFromVersion2() {
        sendMail(v2("21 11 00 0c c0 00 02 07 c0 00 02 63 12 67 00 19"));

        assertThat(client()).isEqualTo(new InetSocketAddress("192.0.2.7", 4711));
    }

    @Test
    void takesAnIpv6ClientFromVersion2WithMoreBehindIt() {
        sendMail(v2("21 21 00 28 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 07"
                + " 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 63 12 67 00 19 04 00 01 00"));

        assertThat(client()).isEqualTo(new InetSocketAddress("2001:db8::7", 4711));
    }

    @Test
    void takesAHeaderInPieces() {
        try (SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            for (char octet : V1.toCharArray()) {
                client.sendRaw(String.valueOf(octet));
            }
            sendMail(client);
        }
        assertThat(client()).isEqualTo(new InetSocketAddress("192.0.2.7", 4711));
    }

    @Test
    void losesNothingOfWhatFollowsTheHeaderAtOnce() {
        try (SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.sendRaw(V1 + "EHLO client.example\r\nNOOP\r\n");
            client.expect("220");
            client.expect("250");
            client.expect("250 2.0.0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN what ever stands here\r\n"})
    void takesTheProxyForTheClientWhenItNamesNone(String header) {
        sendMail(octets(header));

        assertThat(((InetSocketAddress) client()).getHostString()).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"20 00 00 00", "20 11 00 0c c0 00 02 07 c0 00 02 63 12 67 00 19", "21 00 00 00"})
    void takesTheProxyForTheClientWhenItOnlyLooksHowWeAre(String header) {
        sendMail(v2(header));

        assertThat(((InetSocketAddress) client()).getHostString()).isEqualTo("127.0.0.1");
    }

    @Test
    void refusesAClientThatMayNotSend() {
        assertThat(refusal(octets("PROXY TCP4 198.51.100.1 192.0.2.99 4711 25\r\n"))).startsWith("554 5.7.1");
        assertThat(listener.arrived()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "EHLO client.example\r\n", "PROXY TCP4 192.0.2.7 192.0.2.99 4711\r\n", "PROXY TCP4 a b c d\r\n",
        "PROXY TCP6 192.0.2.7 192.0.2.99 4711 25\r\n", "PROXY TCP4 192.0.2.7 192.0.2.99 4711 99999\r\n",
        "\r\n\r\n\r\n\r\n\r\n\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"})
    void refusesWhatIsNoHeader(String header) {
        assertThat(refusal(octets(header))).startsWith("554 5.5.2");
    }

    @Test
    void refusesAVersion1HeaderWithoutEnd() {
        assertThat(refusal(octets("PROXY TCP4 " + "9".repeat(200)))).startsWith("554 5.5.2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PROXY TCP4 192.0.2.7"})
    void saysGoodbyeWhenTheHeaderNeverComes(String begun) {
        assertThat(refusal(octets(begun))).startsWith("421 4.4.2");
        try (SmtpDialogue other = SmtpDialogue.connect(listener.port())) {
            other.sendRaw(V1);
            other.expect("220");
        }
    }

    @Test
    void waitsNoLongerThanForACommand() {
        listener.close();
        listener = Listener.with("proxyProtocol=true&trustedRelays=127.0.0.0/8&commandTimeout=50");

        try (SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.expect("421 4.4.2");
        }
    }

    @Test
    void takesNoHeaderFromAnybodyElse() {
        listener.close();
        listener = Listener.with("proxyProtocol=true&trustedRelays=192.0.2.1&clients=0.0.0.0/0");

        try (SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.expect("554 5.7.1");
        }
    }

    @Test
    void letsNoClientBehindTheProxySpeakForOthers() {
        try (SmtpDialogue client = SmtpDialogue.connect(listener.port())) {
            client.sendRaw(V1);
            client.expect("220");
            assertThat(client.say("EHLO client.example", "250")).doesNotContain("XCLIENT");
            client.say("XCLIENT ADDR=192.0.2.8", "550 5.7.0");
        }
    }

    @Test
    void isNotReadUnlessWanted() {
        listener.close();
        listener = Listener.with("trustedRelays=127.0.0.0/8");

        try (SmtpDialogue client = listener.client()) {
            client.say(V1.strip(), "500 5.5.2");
        }
    }

    @Test
    void doesNotStartWithoutATrustedProxy() {
        assertThatThrownBy(() -> Listener.with("proxyProtocol=true").close()).hasRootCauseMessage(
                "proxyProtocol needs the proxies' networks in trustedRelays");
    }
}
