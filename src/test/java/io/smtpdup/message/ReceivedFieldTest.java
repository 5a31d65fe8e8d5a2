package io.smtpdup.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The one field we add. */
class ReceivedFieldTest {

    private static final Instant NOON = Instant.parse("2026-02-03T12:04:05.678Z");

    private static String field(String helo, String client, List<String> recipients) {
        try {
            InetAddress address = client == null ? null : InetAddress.getByName(client);
            return field(helo, address, null, recipients);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static String field(String helo, InetAddress address, String name, List<String> recipients) {
        ClientIdentity client = new ClientIdentity(new InetSocketAddress(address, 25), name, helo, "ESMTP");
        return new String(new ReceivedField(client, "relay.example", "ESMTP", "ID", recipients, NOON).toBytes(),
                StandardCharsets.UTF_8);
    }

    @Test
    void saysFromByWithIdForAndWhenOnFoldedLines() {
        assertThat(field("client.example", "192.0.2.1", List.of("c@d.example"))).isEqualTo("""
                Received: from client.example ([192.0.2.1])
                \tby relay.example with ESMTP id ID
                \tfor <c@d.example>;
                \tTue, 3 Feb 2026 12:04:05 +0000
                """.replace("\n", "\r\n"));
    }

    @Test
    void betraysNoRecipientToTheOthers() {
        assertThat(field("client.example", "192.0.2.1", List.of("c@d.example", "bcc@d.example")))
                .doesNotContain("for ").contains("id ID;\r\n\tTue, 3 Feb");
    }

    @Test
    void leavesARecipientOutThatWouldMakeTheLineTooLong() {
        assertThat(field("client.example", "192.0.2.1", List.of("x".repeat(321)))).doesNotContain("for ");
    }

    @Test
    void marksAnIpv6Client() {
        assertThat(field("client.example", "2001:db8::1", List.of())).contains("from client.example ([IPv6:2001:db8:0:0:0:0:0:1])");
    }

    @Test
    void namesNoNetworkInterface() throws Exception {
        InetAddress scoped = Inet6Address.getByAddress(null, InetAddress.getByName("fe80::1").getAddress(), 7);

        assertThat(field("x", scoped, null, List.of())).contains("([IPv6:fe80:0:0:0:0:0:0:1])");
    }

    @Test
    void saysTheNameOfTheAddressWhenATrustedRelayToldIt() throws Exception {
        InetAddress address = InetAddress.getByName("192.0.2.1");

        assertThat(field("client", address, "mx.a.example", List.of()))
                .startsWith("Received: from client (mx.a.example [192.0.2.1])\r\n");
        assertThat(field("(x", address, "mx.a.example", List.of()))
                .startsWith("Received: from [192.0.2.1] (mx.a.example [192.0.2.1])\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "under_score.example", "[192.0.2.9]", "[IPv6:::1]", "x--y.example."})
    void quotesANameThatCouldBeOne(String helo) {
        assertThat(field(helo, "192.0.2.1", List.of())).startsWith("Received: from " + helo + " ([192.0.2.1])\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(comment)", "a(b", "\"quoted\"", "<a@b>", "a;b", "bücher.example", "[a b]", "[]", "a\\b", "a,b"})
    void leavesOutANameThatCouldForgeTheField(String helo) {
        assertThat(field(helo, "192.0.2.1", List.of())).startsWith("Received: from [192.0.2.1]\r\n");
    }

    @Test
    void managesWithoutAName() {
        assertThat(field(null, "192.0.2.1", List.of())).startsWith("Received: from [192.0.2.1]\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "SMTP, false, false, false, SMTP", "SMTP, false, true, false, SMTP", "ESMTP, false, false, false, ESMTP",
        "ESMTP, false, true, false, ESMTPS", "ESMTP, false, false, true, ESMTPA", "ESMTP, false, true, true, ESMTPSA",
        "ESMTP, true, false, false, UTF8SMTP", "ESMTP, true, true, false, UTF8SMTPS", "ESMTP, true, false, true, UTF8SMTPA",
        "ESMTP, true, true, true, UTF8SMTPSA", "LMTP, false, false, false, LMTP", "LMTP, false, true, true, LMTPSA",
        "LMTP, true, true, false, UTF8LMTPS"})
    void namesTheProtocol(String spoken, boolean utf8, boolean tls, boolean authenticated, String word) {
        assertThat(ReceivedField.protocol(spoken, utf8, tls, authenticated)).isEqualTo(word);
    }
}
