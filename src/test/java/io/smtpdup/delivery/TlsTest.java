package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.TestCertificates;
import javax.net.ssl.SSLContext;
import org.apache.camel.CamelContext;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class TlsTest {

    private final TestCertificates localhost = TestCertificates.localhost();
    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();
    private final TestSender sender = new TestSender();
    private final String uri = "smtp:" + server.address() + "?timeout=5s";

    TlsTest() {
        trust("trusting", localhost.trustingContext());
    }

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    @Test
    void usesTlsWhenOfferedWithoutAskingWhoIsThere() {
        server.withStartTls(TestCertificates.of("elsewhere.test").serverContext());

        sender.deliver(uri);
        sender.deliver(uri);

        assertThat(server.messages()).hasSize(2).allMatch(message -> message.tls());
        assertThat(server.connectionCount()).isEqualTo(1);
    }

    @Test
    void goesOnInClearTextWhenTlsIsNotOffered() {
        sender.deliver(uri);

        assertThat(server.messages().get(0).tls()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"454 4.7.0 not now", "garbage"})
    void goesOnInClearTextWhenTheServerCannotDoWhatItOffers(String reply) {
        server.withStartTls(localhost.serverContext());
        server.on("STARTTLS").reply(reply);

        sender.deliver(uri);

        assertThat(server.messages().get(0).tls()).isFalse();
    }

    @Test
    void goesOnInClearTextWhenTheHandshakeFails() {
        server.announcing("STARTTLS");
        server.on("STARTTLS").replyAndHangUp("220 go ahead");

        sender.deliver(uri);

        assertThat(server.messages().get(0).tls()).isFalse();
    }

    @Test
    void staysInClearTextWhenTlsIsOff() {
        server.withStartTls(localhost.serverContext());

        sender.deliver(uri + "&tls=off");

        assertThat(server.messages().get(0).tls()).isFalse();
    }

    @Test
    void deliversOverVerifiedStartTls() {
        server.withStartTls(localhost.serverContext());

        sender.deliver(uri + "&tls=required&sslContextParameters=#trusting");

        assertThat(server.messages().get(0).tls()).isTrue();
    }

    @Test
    void deliversOverImplicitTls() {
        server.implicitTls(localhost.serverContext());

        sender.deliver(uri + "&tls=implicit&sslContextParameters=#trusting");
        sender.deliver("smtps:" + server.address() + "?sslContextParameters=#trusting");

        assertThat(server.messages()).hasSize(2).allMatch(message -> message.tls());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&sslContextParameters=#trusting"})
    void answers451WhenTheCertificateIsNotTrusted(String trust) {
        server.withStartTls(TestCertificates.of("127.0.0.2").serverContext());

        assertThat(sender.fail(uri + "&tls=required" + trust).reply().toString()).startsWith("451 4.4.1");
        assertThat(server.messages()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"required", "implicit"})
    void answers451WhenTheCertificateIsForAnotherHost(String mode) {
        TestCertificates other = TestCertificates.of("elsewhere.test");
        trust("trustingOther", other.trustingContext());
        if ("required".equals(mode)) {
            server.withStartTls(other.serverContext());
        } else {
            server.implicitTls(other.serverContext());
        }

        DeliveryException failure = sender.fail(uri + "&tls=" + mode + "&sslContextParameters=#trustingOther");

        assertThat(failure.reply().toString()).startsWith("451 4.4.1");
        server.awaitOpenConnections(0);
    }

    @Test
    void answers451WhenTlsIsRequiredAndNotOffered() {
        DeliveryException failure = sender.fail(uri + "&tls=required");

        assertThat(failure.reply().toString()).startsWith("451 4.4.1");
        assertThat(failure.getMessage()).contains("STARTTLS");
        assertThat(server.commands()).noneMatch(line -> line.startsWith("MAIL"));
    }

    @Test
    void answers451WhenTheServerStallsInTheHandshake() {
        server.on("CONNECT").stall();

        assertThat(sender.fail(uri.replace("5s", "500") + "&tls=implicit").reply().toString()).startsWith("451 4.4.1");
        server.awaitOpenConnections(0);
    }

    @Test
    void answers451WhenAnImplicitTlsServerTalksInClearText() {
        assertThat(sender.fail(uri.replace("5s", "500") + "&tls=implicit").reply().toString()).startsWith("451 4.4.1");
        server.awaitOpenConnections(0);
    }

    @Test
    void losesNoMailToAnEncryptedConnectionTheServerHasClosed() {
        server.withStartTls(localhost.serverContext());
        sender.deliver(uri);
        server.dropIdleConnections();

        sender.deliver(uri);

        assertThat(server.messages()).hasSize(2);
    }

    @Test
    void answers451WhenAnEncryptedServerStopsReading() {
        server.withStartTls(localhost.serverContext());
        server.stopReadingDuringData(100_000);
        byte[] large = TestSender.octets("Subject: x\r\n\r\n" + ("x".repeat(70) + "\r\n").repeat(300_000));

        assertThat(sender.fail(uri + "&contentTimeout=1s", TestSender.envelope(), large).reply().toString()).startsWith("451 4.4.2");
    }

    @Test
    void answers451WhenAnEncryptedServerFallsSilentAtTheFinalDot() {
        server.withStartTls(localhost.serverContext());
        server.on("DOT").stall();

        DeliveryException failure = sender.fail(uri + "&dotTimeout=1s");

        assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
        server.awaitOpenConnections(0);
    }

    private void trust(String name, SSLContext context) {
        sender.camel().getRegistry().bind(name, new SSLContextParameters() {
            @Override
            public SSLContext createSSLContext(CamelContext camelContext) {
                return context;
            }
        });
    }
}
