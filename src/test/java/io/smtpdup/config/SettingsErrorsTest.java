package io.smtpdup.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What an operator hears when something is wrong. */
class SettingsErrorsTest {

    private SettingsFixture given;

    @BeforeEach
    void setUp(@TempDir Path directory) {
        given = new SettingsFixture(directory);
    }

    @Test
    void namesKeyValuePlaceAndWhatIsAllowed() {
        given.properties("relay.timeout_seconds=ten");
        assertThat(given.problemsWithPrimary()).containsExactly(
                "relay.timeout_seconds: \"ten\" (application.properties): must be a whole number from 1 to 3600");

        given.variable("SMTP_DUP_RELAY_TIMEOUT_SECONDS", "0");
        assertThat(given.problemsWithPrimary()).containsExactly(
                "relay.timeout_seconds: \"0\" (SMTP_DUP_RELAY_TIMEOUT_SECONDS): must be a whole number from 1 to 3600");
    }

    @Test
    void tellsAllProblemsAtOnceEachOnOneLine() {
        given.properties("smtp.hop_limit=a\\nb", "log.format=xml", "smtp.lisen=x", "smtp.clients=localhost,10.0.0.1/8");

        assertThat(given.problems()).hasSize(6).allMatch(problem -> problem.lines().count() == 1);
        assertThatThrownBy(given::load).hasMessageEndingWith("(and 5 more)").message().doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"agreement.bound_percent=101", "agreement.bound_percent=-1", "agreement.bound_percent=1e1",
            "agreement.bound_percent=1,5", "agreement.bound_percent=0.00000001", "agreement.retain=12h", "agreement.retain=61d",
            "agreement.window=31d", "agreement.addresses=clear", "agreement.monday=1", "agreement.expected=.", "agreement.bound=1"})
    void refusesWhatWouldMakeNoVerdict(String line) {
        given.properties(line);

        assertThat(given.problemsWithPrimary()).singleElement().asString().startsWith(line.replaceFirst("=.*", ""));
    }

    /** Of what is kept for seven days a bit is always too old, so it never spans seven days. */
    @ParameterizedTest
    @CsvSource({"agreement.retain=7d, agreement.retain", "agreement.window=30d, agreement.window", "agreement.days=31, agreement.days",
            "agreement.retain=191h, agreement.retain"})
    void refusesToKeepLessThanWhatABackupMustReach(String line, String key) {
        given.properties(line);

        assertThat(given.problemsWithPrimary()).singleElement().asString().startsWith(key + ": ").contains("no backup would ever be ready");
    }

    @Test
    void allowsWhatABackupCanReach() {
        given.properties("agreement.retain=8d", "agreement.days=8");

        assertThat(given.loadWithPrimary().agreement().number(Key.AGREEMENT_DAYS)).hasValue(8);
    }

    @Test
    void saysHowToSetThePrimary() {
        assertThat(given.problems()).singleElement().asString().startsWith("relay.destination_primary: not set: ")
                .contains("SMTP_DUP_RELAY_DESTINATION_PRIMARY", "application.properties", "config.yaml", "--demo");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "+5", "1 0", "1.0", "1e3", "0x10", "true", "99999999999999999999", "3601", "\u0661"})
    void refusesWhatIsNoWholeNumberInRange(String number) {
        given.properties("relay.timeout_seconds=" + number);
        assertThat(given.problemsWithPrimary()).hasSize(1);

        given.properties("").yaml("relay: {timeout_seconds: " + number + "}");
        assertThat(given.problemsWithPrimary()).containsExactly("relay.timeout_seconds: \"" + number
                + "\" (config.yaml): must be a whole number from 1 to 3600");
    }

    @ParameterizedTest
    @CsvSource({
        "smtp.listen, 127.0.0.1", "smtp.listen, ::1:25", "smtp.domain, a_b", "smtp.domain, true false", "smtp.domain, [::1]",
        "smtp.bare_newline, keep", "relay.tls, implicit", "management.host, a b", "management.port, 65536",
        "log.level, VERBOSE", "smtp.max_size, 1023", "smtp.max_size, 2147483648"})
    void refusesWhatTheKeyDoesNotAllow(String key, String value) {
        given.properties(key + "=" + value);

        assertThat(given.problemsWithPrimary()).singleElement().asString()
                .startsWith(key + ": \"" + value + "\" (application.properties): ").contains("must be ");
    }

    @Test
    void guessesTheKeySomebodyMeant() {
        given.properties("smtp.lisen=a", "Relay.Destination-Primary=b", "log.nothing_like_it=c");

        assertThat(given.problemsWithPrimary()).containsExactlyInAnyOrder(
                "smtp.lisen (application.properties): there is no such key: did you mean smtp.listen?",
                "Relay.Destination-Primary (application.properties): there is no such key: did you mean "
                        + "relay.destination_primary?",
                "log.nothing_like_it (application.properties): there is no such key");
    }

    @Test
    void refusesAKeyThatStandsTwice() {
        given.properties("smtp.hop_limit=1", "smtp.hop_limit=2");
        assertThat(given.problemsWithPrimary()).singleElement().asString().startsWith("smtp.hop_limit: is set more than once");

        given.properties("").yaml("smtp: {hop_limit: 1, Hop_Limit: 2}");
        assertThat(given.problemsWithPrimary()).singleElement().asString().startsWith("smtp.hop_limit: is set more than once");
    }

    @Test
    void refusesToSetADerivedKey() {
        String key = "relay.primary.tls";
        given.properties(key + "=x").yaml(key + ": y")
                .variable("SMTP_DUP_" + key.toUpperCase(Locale.ROOT).replace('.', '_'), "z");

        assertThat(given.problemsWithPrimary()).hasSize(3)
                .allMatch(problem -> problem.endsWith("derives from relay.destination_primary"));
    }

    @Test
    void namesTheLineOfBrokenYaml() {
        given.yaml("smtp:\n  listen: [a\n  domain: b\n");
        assertThat(given.problemsWithPrimary()).singleElement().asString().startsWith("config.yaml line 3: is not YAML: ");

        given.yaml("smtp:\n  domain: a\n  domain: b\n");
        assertThat(given.problemsWithPrimary()).singleElement().asString().startsWith("config.yaml line 3: is not YAML: ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "- a; config.yaml: must be a map",
        "words; config.yaml: must be a map",
        "smtp: {listen: [a, b]}; smtp.listen (config.yaml): must be one value, not a list",
        "smtp: {listen: {host: a}}; smtp.listen (config.yaml): must be one value, not a map",
        "relay: {destination_backups: [[a]]}; relay.destination_backups[0] (config.yaml): must be one value, not a list",
        "relay: {destination_backups: [a, 'b c']}; relay.destination_backups[1]: \"b c\" (config.yaml): the host is",
        "smtp: &a {b: *a}; config.yaml: maps are nested more than 10 deep"})
    void refusesYamlOfAnotherShape(String yaml, String problem) {
        given.yaml(yaml);

        assertThat(given.problemsWithPrimary()).singleElement().asString().startsWith(problem);
    }

    @Test
    void refusesFilesThatAreNoText(@TempDir Path other) throws IOException {
        Files.createDirectory(given.directory.resolve("application.properties"));
        Files.write(given.directory.resolve("config.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 'a', 0});
        assertThat(given.problemsWithPrimary()).containsExactly(
                "application.properties: is a directory: must be a file", "config.yaml: must be UTF-8 text");

        SettingsFixture escaped = new SettingsFixture(other).properties("spool.directory=C:\\users");
        assertThat(escaped.problemsWithPrimary()).singleElement().asString().contains("write \\\\ for a backslash");
    }
}
