package io.smtpdup.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Whether settings that are fine alone fit together, and with the files they name. */
class SettingsChecksTest {

    private SettingsFixture given;

    @BeforeEach
    void setUp(@TempDir Path directory) {
        given = new SettingsFixture(directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {":2525", "0.0.0.0:2525", "[::]:2525", "192.0.2.1:2525", "[2001:db8::1]:0"})
    void listensBeyondLoopbackOnlyWithClientsListed(String listen) {
        given.properties("smtp.listen=" + listen);
        assertThat(given.problemsWithPrimary()).singleElement().asString()
                .startsWith("smtp.listen: \"" + listen + "\"").contains("smtp.clients is not set");

        given.variable("SMTP_DUP_SMTP_CLIENTS", "192.0.2.0/24");
        assertThat(given.loadWithPrimary().listen().port()).isIn(0, 2525);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.2:2525", "[::1]:2525", "localhost:0"})
    void listensOnLoopbackWithoutMore(String listen) {
        given.properties("smtp.listen=" + listen);

        assertThat(given.loadWithPrimary().listen()).hasToString(listen);
    }

    @Test
    void wantsTheProxiesListedWhenEveryConnectionComesFromOne() {
        given.variable("SMTP_DUP_SMTP_PROXY_PROTOCOL", "true");
        assertThat(given.problemsWithPrimary()).singleElement().asString()
                .contains("smtp.trusted_relays is not set: must list the proxies");

        given.variable("SMTP_DUP_SMTP_TRUSTED_RELAYS", "192.0.2.1, 0.0.0.0/0");
        assertThat(given.loadWithPrimary().warnings()).singleElement().asString().contains("anybody on the Internet may claim to be somebody else");
    }

    @Test
    void speaksNoLmtpOnPort25() {
        given.properties("smtp.listen=127.0.0.1:25\nsmtp.protocol=LMTP");
        assertThat(given.problemsWithPrimary()).singleElement().asString().contains("RFC 2033");

        given.properties("smtp.listen=127.0.0.1:24\nsmtp.protocol=LMTP");
        assertThat(given.loadWithPrimary().toProperties()).containsEntry("smtp.protocol", "lmtp");
    }

    @Test
    void refusesToListenWhereTheSystemKnowsNoSuchHost() {
        given.properties("smtp.listen=nowhere.invalid:2525");

        assertThat(given.problemsWithPrimary()).singleElement().asString().contains("the host is not known to the system");
    }

    @Test
    void warnsWhenTheWholeWorldMaySend() {
        given.properties("smtp.clients=0.0.0.0/0");

        assertThat(given.loadWithPrimary().warnings()).singleElement().asString().contains("open relay");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:2525, 127.0.0.1:2525", "127.0.0.1:2525, localhost:2525", "localhost:2525, LOCALHOST:2525",
        ":2525, 127.0.0.1:2525", ":2525, [::1]:2525", "[::]:2525, localhost:2525", "[::1]:25, [0:0::1]"})
    void refusesADestinationThatIsItself(String listen, String destination) {
        given.properties("smtp.clients=127.0.0.0/8", "smtp.listen=" + listen, "relay.destination_primary=" + destination);
        assertThat(given.problems()).singleElement().asString().startsWith("relay.destination_primary: ")
                .contains("smtp.listen");

        given.properties("smtp.clients=127.0.0.0/8", "smtp.listen=" + listen, "relay.destination_primary=other",
                "relay.destination_backups=" + destination);
        assertThat(given.problems()).singleElement().asString().startsWith("relay.destination_backups: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:2526", "127.0.0.2:2525", "192.0.2.1:2525"})
    void acceptsADestinationBesideItself(String destination) {
        given.properties("relay.destination_primary=" + destination);

        assertThat(given.load().primary().address()).isEqualTo(destination);
    }

    @Test
    void refusesABackupThatIsThePrimaryOrAnotherBackup() {
        given.properties("relay.destination_backups=primary.example.com.:25,a:25,smtp://A:25?tls=off");

        assertThat(given.problemsWithPrimary()).satisfiesExactly(
                problem -> assertThat(problem).contains("is the primary as well"),
                problem -> assertThat(problem).contains("is another backup as well"));
    }

    @Test
    void takesTheCertificateAndKeyFromTheWorkingDirectory() {
        given.file("c.pem", "c").file("k.pem", "k").properties("smtp.tls_certificate=c.pem", "smtp.tls_key=k.pem");

        Settings settings = given.loadWithPrimary();

        assertThat(settings.tlsCertificate()).contains(given.directory.resolve("c.pem"));
        assertThat(settings.tlsKey()).contains(given.directory.resolve("k.pem"));
    }

    @Test
    void refusesOneOfCertificateAndKeyAlone() {
        given.file("c.pem", "c").properties("smtp.tls_certificate=c.pem");

        assertThat(given.problemsWithPrimary()).containsExactly(
                "smtp.tls_certificate: \"c.pem\" (application.properties): smtp.tls_key is not set: must be both or none");
    }

    @Test
    void refusesFilesThatAreMissingOrDirectories() throws IOException {
        Files.createDirectory(given.directory.resolve("k.pem"));
        given.file("spool", "").properties("smtp.tls_certificate=c.pem", "smtp.tls_key=k.pem");

        assertThat(given.problemsWithPrimary()).satisfiesExactly(
                problem -> assertThat(problem).contains("\"c.pem\"", "there is no such file"),
                problem -> assertThat(problem).contains("\"k.pem\"", "this is a directory"),
                problem -> assertThat(problem).startsWith("spool.directory: \"spool\" (default): this is a file"));
    }
}
