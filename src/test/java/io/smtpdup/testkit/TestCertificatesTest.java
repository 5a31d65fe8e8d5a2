package io.smtpdup.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class TestCertificatesTest {

    private static final byte[] MESSAGE = "Subject: secret\r\n\r\n.\r\n".getBytes(StandardCharsets.US_ASCII);

    private final TestCertificates certificates = TestCertificates.localhost();

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void encryptsAfterStartTls() {
        server.withStartTls(certificates.serverContext());
        try (SmtpDialogue client = SmtpDialogue.connect(server.port())) {
            client.expect("220");
            client.say("EHLO client.test", "/STARTTLS/");
            client.say("STARTTLS", "220");
            client.startTls(certificates.trustingContext());
            assertThat(client.say("EHLO client.test", "250")).doesNotContain("STARTTLS");
            sendMessage(client);
        }
        assertThat(server.messages().get(0).tls()).isTrue();
    }

    @Test
    void encryptsFromTheFirstOctet() {
        server.implicitTls(certificates.serverContext());
        try (SmtpDialogue client = SmtpDialogue.connectTls(server.port(), TestCertificates.trustAllContext())) {
            client.expect("220");
            client.say("EHLO client.test", "250");
            sendMessage(client);
        }
        assertThat(server.messages().get(0).octets()).isEqualTo(MESSAGE);
    }

    @Test
    void cutsAnEncryptedConnection() {
        server.implicitTls(certificates.serverContext());
        try (SmtpDialogue client = SmtpDialogue.connectTls(server.port(), certificates.trustingContext())) {
            client.expect("220");
            server.dropIdleConnections();
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void isNotTrustedInAnothersPlace() {
        server.implicitTls(TestCertificates.of("other.test").serverContext());
        try (SmtpDialogue client = SmtpDialogue.connect(server.port())) {
            assertThatThrownBy(() -> client.startTls(certificates.trustingContext()))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("no TLS");
        }
    }

    @Test
    void isForLocalhostAndItsAddress(@TempDir Path directory) throws Exception {
        assertThat(certificate(certificates.writePem(directory).certificate()).getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(List.of(2, "localhost"), List.of(7, "127.0.0.1"));
    }

    @Test
    void writesACertificateAndTheKeyThatBelongsToIt(@TempDir Path directory) throws Exception {
        TestCertificates.Pem pem = certificates.writePem(directory);

        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(privateKey(pem.key()));
        signature.update(MESSAGE);
        byte[] signed = signature.sign();
        signature.initVerify(certificate(pem.certificate()));
        signature.update(MESSAGE);
        assertThat(signature.verify(signed)).isTrue();
    }

    @Test
    void writesStoresForJava(@TempDir Path directory) throws Exception {
        char[] password = TestCertificates.PASSWORD.toCharArray();
        assertThat(KeyStore.getInstance(certificates.writeKeyStore(directory).toFile(), password).isKeyEntry("server"))
                .isTrue();
        assertThat(KeyStore.getInstance(certificates.writeTrustStore(directory).toFile(), password)
                        .isCertificateEntry("server"))
                .isTrue();
    }

    private static X509Certificate certificate(Path pem) throws Exception {
        try (InputStream in = Files.newInputStream(pem)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static PrivateKey privateKey(Path pem) throws Exception {
        String base64 = Files.readString(pem).replaceAll("-----[A-Z ]+-----", "");
        return KeyFactory.getInstance("RSA")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
    }

    private static void sendMessage(SmtpDialogue client) {
        client.say("MAIL FROM:<a@x.test>", "250");
        client.say("RCPT TO:<b@y.test>", "250");
        client.data(MESSAGE).expect("250");
    }
}
