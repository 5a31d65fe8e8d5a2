package io.smtpdup.config;

import java.nio.file.Path;
import java.time.Duration;

import io.smtpdup.message.BareNewline;
import io.smtpdup.net.TlsMode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

import static org.assertj.core.api.Assertions.assertThat;

/** What the rest of the program and the routes get. */
class SettingsTest {

    private SettingsFixture given;

    @BeforeEach
    void setUp(@TempDir Path directory) {
        given = new SettingsFixture(directory);
    }

    @Test
    void hasADefaultForEverythingButThePrimary() {
        Settings settings = given.loadWithPrimary();

        assertThat(settings.listen()).hasToString("127.0.0.1:2525");
        assertThat(settings.clients()).hasToString("127.0.0.0/8,::1/128");
        assertThat(settings.maxConnectionsPerClient()).isZero();
        assertThat(settings.commandTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.dataTimeout()).isEqualTo(Duration.ofMinutes(15));
        assertThat(settings.bareNewline()).isEqualTo(BareNewline.REJECT);
        assertThat(settings.tlsCertificate()).isEmpty();
        assertThat(settings.tlsKey()).isEmpty();
        assertThat(settings.relayTls()).isEqualTo(TlsMode.OFFERED);
        assertThat(settings.relayMaxMessagesPerConnection()).isEqualTo(100);
        assertThat(settings.relayMaxConnectionAge()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.relayMaxIdle()).isEqualTo(Duration.ofSeconds(15));
        assertThat(settings.spoolDirectory()).isEqualTo(given.directory.resolve("spool"));
        assertThat(settings.managementHost()).isEqualTo("127.0.0.1");
        assertThat(settings.managementPort()).isEqualTo(9876);
        assertThat(settings.logFormat()).isEqualTo(LogFormat.TEXT);
        assertThat(settings.logLevel()).isEqualTo(Level.INFO);
    }

    @Test
    void givesRoutesEveryKeyInCanonicalForm() {
        given.properties("smtp.listen=:0", "smtp.clients=10.0.0.0/8 192.0.2.1", "smtp.domain=[ipv6:2001:DB8::1]",
                "smtp.max_connections= 0064 ", "relay.tls=REQUIRED", "log.level=debug", "management.host=[::1]");

        var properties = given.loadWithPrimary().toProperties();

        assertThat(properties)
                .containsEntry("smtp.listen", "0.0.0.0:0")
                .containsEntry("smtp.clients", "10.0.0.0/8,192.0.2.1/32")
                .containsEntry("smtp.domain", "[IPv6:2001:db8::1]")
                .containsEntry("smtp.max_connections", "64")
                .containsEntry("relay.max_connections", "64")
                .containsEntry("relay.tls", "required")
                .containsEntry("relay.primary.tls", "required")
                .containsEntry("relay.destination_backups", "")
                .containsEntry("smtp.tls_certificate", "")
                .containsEntry("management.host", "::1")
                .containsEntry("log.level", "DEBUG")
                .containsEntry("spool.directory", given.directory.resolve("spool").toString())
                .doesNotContainKeys("relay.primary.username", "relay.primary.password");
        for (Key key : Key.values()) {
            assertThat(properties.containsKey(key.text())).as(key.text()).isNotEqualTo(key.isSecret());
        }
    }

    @Test
    void givesEveryDestinationTheTlsModeOfRelayTlsUnlessItSaysItself() {
        given.properties("relay.tls=off", "relay.destination_primary=a?tls=required",
                "relay.destination_backups=b,smtps://c");

        Settings settings = given.load();

        assertThat(settings.primary().tls()).isEqualTo(TlsMode.REQUIRED);
        assertThat(settings.backups()).extracting(Destination::tls).containsExactly(TlsMode.OFF, TlsMode.IMPLICIT);
    }

    @Test
    void readsTheKeysOfTheAgreement() {
        given.properties("agreement.window=2h", "agreement.monday=FALSE", "agreement.judgement_percent=00.50", "agreement.addresses=Plain",
                "agreement.expected=rules.txt", "agreement.retain=36h");

        Settings settings = given.loadWithPrimary();

        assertThat(settings.agreement().time(Key.AGREEMENT_WINDOW)).isEqualTo(Duration.ofHours(2));
        assertThat(settings.agreement().time(Key.AGREEMENT_RETAIN)).isEqualTo(Duration.ofHours(36));
        assertThat(settings.agreement().isOn(Key.AGREEMENT_MONDAY)).isFalse();
        assertThat(settings.agreement().isOn(Key.AGREEMENT_ENABLED)).isTrue();
        assertThat(settings.agreement().share(Key.AGREEMENT_JUDGEMENT_PERCENT)).isEqualTo(0.005);
        assertThat(settings.agreement().share(Key.AGREEMENT_COVERAGE_PERCENT)).isEqualTo(0.9);
        assertThat(settings.agreement().word(Key.AGREEMENT_ADDRESSES)).isEqualTo("plain");
        assertThat(settings.agreementExpected()).contains(given.directory.resolve("rules.txt"));
        assertThat(settings.agreementReplies()).isEmpty();
    }
}
