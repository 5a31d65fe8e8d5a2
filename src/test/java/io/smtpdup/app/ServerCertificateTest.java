package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smtpdup.testkit.TestCertificates;
import io.smtpdup.testkit.TestCertificates.Pem;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate that clients would not take is found out before they do. */
class ServerCertificateTest {

    private static final Pem GOOD = pem(TestCertificates.localhost());

    @TempDir
    private Path directory;

    private static Pem pem(TestCertificates certificates) {
        try {
            return certificates.writePem(Files.createTempDirectory("pem"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void takesAPairThatFits() {
        ServerCertificate ours = ServerCertificate.load(GOOD.certificate(), GOOD.key(), Instant.now());

        assertThat(ours.parameters()).isNotNull();
        assertThat(ours.ending(Instant.now())).isEmpty();
        assertThat(ours.gap()).isEmpty();
    }

    @Test
    void takesEveryUsualKindOfKey() {
        for (List<String> kind : List.of(List.of("EC", "-groupname", "secp256r1"), List.of("EC", "-groupname", "secp384r1"),
                List.of("RSA", "-keysize", "3072"))) {
            Pem pem = pem(TestCertificates.made("-keyalg", kind.get(0), kind.get(1), kind.get(2), "-validity", "90"));

            assertThat(ServerCertificate.load(pem.certificate(), pem.key(), Instant.now()).parameters()).isNotNull();
        }
    }

    @Test
    void refusesAKeyThatIsNotTheCertificates() {
        for (Pem other : List.of(pem(TestCertificates.of("other.example")),
                pem(TestCertificates.made("-keyalg", "EC", "-groupname", "secp256r1")))) {
            assertThatThrownBy(() -> ServerCertificate.load(GOOD.certificate(), other.key(), Instant.now()))
                    .isInstanceOf(StartException.class)
                    .hasMessage("smtp.tls_key: the key in " + other.key() + " is not that of the certificate in " + GOOD.certificate()
                            + " (CN=localhost)");
        }
    }

    @Test
    void refusesFilesThatHoldSomethingElse() throws IOException {
        Path nonsense = Files.writeString(directory.resolve("nonsense"), "nothing\n");
        Path broken = Files.writeString(directory.resolve("broken"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        Path brokenKey = Files.writeString(directory.resolve("brokenKey"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        Path locked = Files.writeString(directory.resolve("locked"),
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");

        refuses(GOOD.key(), GOOD.key(), "smtp.tls_certificate: no certificate in " + GOOD.key() + ": it holds a PRIVATE KEY");
        refuses(GOOD.certificate(), GOOD.certificate(), "smtp.tls_key: no private key in " + GOOD.certificate() + ": it holds a CERTIFICATE");
        refuses(nonsense, GOOD.key(), "smtp.tls_certificate: no certificate in " + nonsense + ": it is not a PEM file");
        refuses(GOOD.certificate(), nonsense, "smtp.tls_key: no private key in " + nonsense + ": it is not a PEM file");
        refuses(broken, GOOD.key(), "smtp.tls_certificate: a certificate in " + broken + " cannot be read");
        refuses(GOOD.certificate(), brokenKey, "smtp.tls_key: the key in " + brokenKey);
        refuses(GOOD.certificate(), locked, "smtp.tls_key: the key in " + locked + " has a password");
    }

    private static void refuses(Path certificate, Path key, String message) {
        assertThatThrownBy(() -> ServerCertificate.load(certificate, key, Instant.now()))
                .isInstanceOf(StartException.class).hasMessageStartingWith(message).message().doesNotContain("\n");
    }

    @Test
    void refusesOneThatIsOutOfItsTimeOrWeak() {
        Instant now = Instant.now();
        ServerCertificate ours = ServerCertificate.load(GOOD.certificate(), GOOD.key(), now);
        assertThatThrownBy(() -> ServerCertificate.load(GOOD.certificate(), GOOD.key(), ours.end().plusSeconds(1)))
                .hasMessage("smtp.tls_certificate: the certificate in " + GOOD.certificate() + " has expired on " + ours.end());
        assertThatThrownBy(() -> ServerCertificate.load(GOOD.certificate(), GOOD.key(), now.minus(Duration.ofDays(9))))
                .hasMessageContaining(" is not valid before ");
        Pem weak = pem(TestCertificates.made("-keyalg", "RSA", "-keysize", "1024"));
        assertThatThrownBy(() -> ServerCertificate.load(weak.certificate(), weak.key(), Instant.now()))
                .hasMessageContaining(" is too weak: RSA with 1024 bits");
    }

    @Test
    void takesTheCertificateOfTheKeyWhereverItStandsInTheFile() throws IOException {
        Path file = directory.resolve("chain.pem");
        Files.writeString(file, Files.readString(pem(TestCertificates.of("issuer.example")).certificate())
                + Files.readString(GOOD.certificate()));

        assertThat(ServerCertificate.load(file, GOOD.key(), Instant.now()).parameters()).isNotNull();
    }

    @Test
    void warnsThirtyDaysBeforeItsEndAndShowsTheDays() throws Exception {
        ServerCertificate ours = ServerCertificate.load(GOOD.certificate(), GOOD.key(), Instant.now());
        Instant end = ours.end();

        assertThat(ours.ending(end.minus(Duration.ofDays(31)))).isEmpty();
        assertThat(ours.ending(end.minus(Duration.ofDays(29).plusHours(1)))).get().asString()
                .contains("ends on " + end + ", in 29 days");
        assertThat(ours.ending(end.plusSeconds(1))).get().asString().contains("has ended on " + end);

        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            new CertificateWatch(ours, Clock.fixed(end.minus(Duration.ofDays(7)), ZoneOffset.UTC)).attachTo(context, meters);
            assertThat(meters.get("smtpdup.certificate.days.left").gauge().value()).isEqualTo(7.0);
        }
    }
}
