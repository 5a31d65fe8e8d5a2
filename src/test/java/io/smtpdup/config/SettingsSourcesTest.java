package io.smtpdup.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Where settings come from, and which one wins. */
class SettingsSourcesTest {

    private SettingsFixture given;

    @BeforeEach
    void setUp(@TempDir Path directory) {
        given = new SettingsFixture(directory);
    }

    @Test
    void readsTheConfigYamlOfGosmtpDupAsItIs() {
        given.yaml("""
                smtp:
                  listen: "127.0.0.1:2626"
                  domain: "mx.example.com"

                relay:
                  destination_primary: "mailprimary.example.com:25"
                  destination_backups:
                    - "mail_backup1.example.com:25"
                    - "mail_backup2.example.com:25"
                  timeout_seconds: 20
                """);

        Settings settings = given.load();

        assertThat(settings.listen()).hasToString("127.0.0.1:2626");
        assertThat(settings.domain()).isEqualTo("mx.example.com");
        assertThat(settings.primary().address()).isEqualTo("mailprimary.example.com:25");
        assertThat(settings.backups()).extracting(Destination::address)
                .containsExactly("mail_backup1.example.com:25", "mail_backup2.example.com:25");
        assertThat(settings.toProperties())
                .containsEntry("relay.timeout_seconds", "20")
                .containsEntry("relay.connect_timeout_seconds", "0")
                .containsEntry("relay.content_timeout_seconds", "180")
                .containsEntry("relay.dot_timeout_seconds", "600");
        assertThat(settings.warnings()).isEmpty();
    }

    @Test
    void prefersOverridesThenEnvironmentThenPropertiesThenYamlKeyByKey() {
        given.yaml("smtp: {hop_limit: 1, max_size: 10001, max_recipients: 101, max_connections: 11}")
                .properties("smtp.hop_limit=2", "smtp.max_size=10002", "smtp.max_recipients=102")
                .variable("SMTP_DUP_SMTP_HOP_LIMIT", "3")
                .variable("SMTP_DUP_SMTP_MAX_SIZE", "10003")
                .override("smtp.hop_limit", "4");

        Settings settings = given.loadWithPrimary();

        assertThat(settings.hopLimit()).isEqualTo(4);
        assertThat(settings.maxSize()).isEqualTo(10003);
        assertThat(settings.maxRecipients()).isEqualTo(102);
        assertThat(settings.maxConnections()).isEqualTo(11);
        assertThat(settings.relayMaxIdle()).isEqualTo(Duration.ofSeconds(15));
        assertThat(settings.isBackupNotifyNever()).isTrue();
    }

    @Test
    void keepsAListOfAddressesBehindABackupTogether() {
        given.properties("relay.destination_backups=me:s3cret@a.example?only=@x.org,user@y.org&rate=5,b.example?except=c@z.org, d@z.org"
                + " o:p@c.example:26,{{env:LAST}}?only=@w.org").variable("LAST", "d.example:25");

        List<Destination> backups = given.loadWithPrimary().backups();

        assertThat(backups).extracting(Destination::address)
                .containsExactly("a.example:25", "b.example:25", "c.example:26", "d.example:25");
        assertThat(backups.get(0).limits().selection().only()).containsExactly("@x.org", "user@y.org");
        assertThat(backups.get(0).limits().rate()).contains(5);
        assertThat(backups.get(1).limits().selection().except()).containsExactly("c@z.org", "d@z.org");
    }

    @Test
    void readsTheSystemsConfigYamlOnlyWhenTheWorkingDirectoryHasNone() {
        given.file("system.yaml", "smtp: {hop_limit: 7}");
        assertThat(given.loadWithPrimary().hopLimit()).isEqualTo(7);

        given.yaml("smtp: {domain: mx.example.com}");
        assertThat(given.loadWithPrimary().hopLimit()).isEqualTo(50);
    }

    @Test
    void takesAnEmptyValueForNotSet() {
        given.yaml("smtp: {domain: , listen: ~, clients: []}\nrelay: {destination_backups: ' , '}")
                .properties("smtp.hop_limit=", "smtp.max_size=10002")
                .variable("SMTP_DUP_SMTP_MAX_SIZE", " ");

        Settings settings = given.loadWithPrimary();

        assertThat(settings.domain()).isEqualTo("localhost");
        assertThat(settings.hopLimit()).isEqualTo(50);
        assertThat(settings.maxSize()).isEqualTo(10002);
        assertThat(settings.backups()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:25,b:26", " a:25 , b:26 ,", "a:25 b:26", "a:25,,b:26", "a:25,\\\n  b:26"})
    void splitsTheBackupsAtCommasAndSpaces(String list) {
        given.properties("relay.destination_backups=" + list);

        assertThat(given.loadWithPrimary().backups()).extracting(Destination::address).containsExactly("a:25", "b:26");
    }

    @Test
    void readsNumberedBackupsInTheOrderOfTheirNumbers() {
        StringBuilder lines = new StringBuilder();
        for (int i = 11; i >= 0; i--) {
            lines.append("relay.destination_backups[").append(i).append("]=b").append(i).append("\n");
        }
        given.properties(lines.toString());

        List<Destination> backups = given.loadWithPrimary().backups();

        assertThat(backups).hasSize(12);
        assertThat(backups.get(2).address()).isEqualTo("b2:25");
        assertThat(backups.get(10).address()).isEqualTo("b10:25");
    }

    @Test
    void replacesTheWholeListOfAWeakerSource() {
        given.properties("relay.destination_backups[0]=a", "relay.destination_backups[1]=b")
                .variable("SMTP_DUP_RELAY_DESTINATION_BACKUPS", "c");

        assertThat(given.loadWithPrimary().backups()).extracting(Destination::address).containsExactly("c:25");
    }

    @Test
    void refusesGapsAndBothFormsOfTheBackups() {
        given.properties("relay.destination_backups[0]=a", "relay.destination_backups[2]=b");
        assertThat(given.problemsWithPrimary()).singleElement().asString()
                .startsWith("relay.destination_backups[1] (application.properties): not set");

        given.properties("relay.destination_backups[0]=a", "relay.destination_backups=b");
        assertThat(given.problemsWithPrimary()).singleElement().asString().contains("both as a list and as");

        given.properties("relay.destination_backups[x]=a");
        assertThat(given.problemsWithPrimary()).singleElement().asString().startsWith("relay.destination_backups[x]: \"a\"");
    }

    @Test
    void survivesByteOrderMarksAndWindowsLineEnds() {
        given.file("application.properties", "\uFEFFsmtp.hop_limit=9\r\nsmtp.max_size = 20000 \r\n")
                .file("config.yaml", "\uFEFFsmtp:\r\n  domain: mx.example.com\r\n  max_recipients: 200\r\n");

        Settings settings = given.loadWithPrimary();

        assertThat(settings.hopLimit()).isEqualTo(9);
        assertThat(settings.maxSize()).isEqualTo(20000);
        assertThat(settings.domain()).isEqualTo("mx.example.com");
        assertThat(settings.maxRecipients()).isEqualTo(200);
    }

    @Test
    void readsYamlKeysInAnyCaseAndDotted() {
        given.yaml("SMTP: {Hop_Limit: 8}\nsmtp.max_size: 20000\nRelay: {Destination_Backups: 'a, b'}");

        Settings settings = given.loadWithPrimary();

        assertThat(settings.hopLimit()).isEqualTo(8);
        assertThat(settings.maxSize()).isEqualTo(20000);
        assertThat(settings.backups()).hasSize(2);
    }

    @Test
    void passesTheOperatorsOwnKeysOnUntouched() {
        given.properties("camel.main.name = relay", "my.folder = {{env:HOME}}/x ", "caf\u00e9=\u00fc");

        assertThat(given.loadWithPrimary().toProperties())
                .containsEntry("camel.main.name", "relay")
                .containsEntry("my.folder", "{{env:HOME}}/x ")
                .containsEntry("caf\u00e9", "\u00fc");
    }

    @Test
    void warnsOfVariablesAndYamlKeysItDoesNotKnow() {
        given.yaml("smtp: {lisen: x}\nother: {deep: 1}\nrelay: {destination_backup: [a]}\ndestination_backups: [a]")
                .variable("SMTP_DUP_RELAY_DESTINATION_BACKUP", "a").variable("OTHER_SMTP_DUP_SMTP_LISTEN", "x");

        assertThat(given.loadWithPrimary().unknown()).containsExactlyInAnyOrder(
                "SMTP_DUP_RELAY_DESTINATION_BACKUP: ignored, there is no such setting: did you mean relay.destination_backups?",
                "smtp.lisen (config.yaml): ignored, there is no such key: did you mean smtp.listen?",
                "relay.destination_backup (config.yaml): ignored, there is no such key: did you mean relay.destination_backups?",
                "destination_backups (config.yaml): ignored, there is no such key: did you mean relay.destination_backups?",
                "other.deep (config.yaml): ignored, there is no such key");
        assertThat(given.loadWithPrimary().warnings()).isEmpty();
    }

    @Test
    void takesAKeyThatIsAlmostOursForASlipOfThePen() {
        given.properties("realy.destination_backups=a", "smpt.listen=:25", "sntp.listen=x", "my.folder=x", "camel.main.name=y");

        assertThat(given.loadWithPrimary().unknown()).containsExactlyInAnyOrder(
                "realy.destination_backups (application.properties): treated as a key of your own: did you mean relay.destination_backups?",
                "smpt.listen (application.properties): treated as a key of your own: did you mean smtp.listen?",
                "sntp.listen (application.properties): treated as a key of your own: did you mean smtp.listen?");
    }

    @Test
    void takesAKeyInTheFormOfAnotherSourceForASlipOfThePen() {
        given.properties("SMTP_DUP_RELAY_DESTINATION_BACKUPS=a", "destination_backups=a", "listen=mine");

        assertThat(given.loadWithPrimary().unknown()).containsExactlyInAnyOrder(
                "SMTP_DUP_RELAY_DESTINATION_BACKUPS (application.properties): treated as a key of your own: did you mean relay.destination_backups?",
                "destination_backups (application.properties): treated as a key of your own: did you mean relay.destination_backups?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SMPT_DUP_RELAY_DESTINATION_BACKUPS", "SMTPDUP_RELAY_DESTINATION_BACKUPS",
        "smtp_dup_relay_destination_backups", "SMTP-DUP_RELAY_DESTINATION_BACKUPS"})
    void takesAVariableWhosePrefixIsAlmostOursForASlipOfThePen(String variable) {
        given.variable(variable, "a");

        assertThat(given.loadWithPrimary().unknown())
                .containsExactly(variable + ": ignored: did you mean SMTP_DUP_RELAY_DESTINATION_BACKUPS?");
    }

    /** A container gets these when a service is named smtp-dup. */
    @ParameterizedTest
    @ValueSource(strings = {"SMTP_DUP_SERVICE_HOST", "SMTP_DUP_SERVICE_PORT", "SMTP_DUP_SERVICE_PORT_SMTP", "SMTP_DUP_PORT",
        "SMTP_DUP_PORT_25_TCP", "SMTP_DUP_PORT_25_TCP_ADDR", "SMTP_DUP_PODS_SERVICE_HOST", "SMTP_DUP_PODS_PORT_9876_TCP_PROTO"})
    void onlyWarnsOfTheVariablesOfKubernetes(String variable) {
        given.variable(variable, "10.0.0.1");

        assertThat(given.loadWithPrimary().unknown()).isEmpty();
        assertThat(given.loadWithPrimary().warnings()).containsExactly(variable + ": ignored, there is no such setting");
    }
}
