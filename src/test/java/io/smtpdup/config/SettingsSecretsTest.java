package io.smtpdup.config;

import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Passwords reach the destination and nothing else. */
class SettingsSecretsTest {

    private SettingsFixture given;

    @BeforeEach
    void setUp(@TempDir Path directory) {
        given = new SettingsFixture(directory);
    }

    @Test
    void takesASecretFromTheEnvironmentAsItIs() {
        given.properties("relay.destination_primary=smtps://relay:{{env:PASSWORD}}@mail",
                        "relay.destination_backups=a,u:{{env:PASSWORD}}@b?tls=required")
                .variable("PASSWORD", "p@s:s/w?o,r d%41+\u00e9");

        Settings settings = given.load();

        assertThat(settings.primary().password()).isEqualTo("p@s:s/w?o,r d%41+\u00e9");
        assertThat(settings.backups().get(1).password()).isEqualTo("p@s:s/w?o,r d%41+\u00e9");
    }

    @Test
    void resolvesVariablesInAnyOfOurKeysAndWholeLists() {
        given.properties("smtp.hop_limit={{env:HOPS}}", "relay.destination_backups={{env:BACKUPS}}")
                .variable("HOPS", "12").variable("BACKUPS", "a:25, u:p@b?tls=required");

        Settings settings = given.loadWithPrimary();

        assertThat(settings.hopLimit()).isEqualTo(12);
        assertThat(settings.backups()).extracting(Destination::address).containsExactly("a:25", "b:25");
    }

    @Test
    void showsEverySettingWithoutASecret() {
        given.properties("relay.destination_primary=relay:hidden1@mail", "relay.destination_backups=u:hidden2@b?tls=required",
                "management.token=hidden3-hidden3-hidden3", "spool.broker_url=tcp://hidden4:61616",
                "spool.broker_user=hidden5", "spool.broker_password=hidden6", "my.key=hidden7");

        ShownSettings shown = given.load().shown();

        assertThat(shown.values().toString()).doesNotContain("hidden").contains("relay:***@mail:25", "u:***@b:25 tls=required");
        assertThat(shown.values()).containsEntry(Key.MANAGEMENT_TOKEN, "***").containsEntry(Key.SMTP_LISTEN, "127.0.0.1:2525");
        assertThat(shown.own()).isEqualTo(1);
    }

    @Test
    void namesTheVariableThatIsNotSet() {
        given.properties("smtp.hop_limit={{env:HOPS}}");

        assertThat(given.problemsWithPrimary()).containsExactly("smtp.hop_limit: \"{{env:HOPS}}\" (application.properties): "
                + "the environment variable HOPS is not set");
    }

    @Test
    void knowsNoOtherPlaceholder() {
        given.properties("smtp.domain={{hostname}}", "smtp.hop_limit={{env:HOPS");

        assertThat(given.problemsWithPrimary()).hasSize(2).allMatch(problem -> problem.contains("allowed here is {{env:NAME}}"));
    }

    @Test
    void neverShowsWhatCameOutOfAVariable() {
        given.properties("smtp.hop_limit={{env:SECRET}}", "relay.destination_backups=x y:{{env:SECRET}}@a b:c:d")
                .variable("SECRET", "s3cret");

        assertThat(given.problemsWithPrimary()).isNotEmpty().noneMatch(problem -> problem.contains("s3cret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "user:s3cret@", "user:s3cret@ma il", "user:s3cret%zz@mail", "smtp://user:s3cret", "user:x,s3cret@mail",
        "user:s3cret,x@mail", "user:s3cret x@mail", "user:x,s3cret,x@mail", "user:s3cret@x@mail", "user:s3cret/@mail",
        "user:s3cret?x@mail", "ftp://user:s3cret@mail", "s3cret@mail", ":s3cret@mail", "user:s3cret@mail:0",
        "user:s3cret@a:b:c", "smtps://user:s3cret@mail?tls=off", "user:s3cret@mail?tls=x"})
    void neverShowsAPasswordHoweverWrongTheValue(String destination) {
        given.properties("relay.destination_primary=" + destination);
        assertThat(given.problems()).isNotEmpty().noneMatch(problem -> problem.contains("s3cret"));

        given.properties("relay.destination_primary=mail", "relay.destination_backups=" + destination + " a b c:d");
        assertThat(given.problems()).isNotEmpty().noneMatch(problem -> problem.contains("s3cret"));

        given.properties("relay.destination_primary=mail", "relay.destination_backups[0]=" + destination);
        assertThat(given.problems()).isNotEmpty().noneMatch(problem -> problem.contains("s3cret"));
    }

    @Test
    void warnsWhenAPasswordIsNotSafe() {
        given.properties("relay.destination_primary=u:s3cret@mail?tls=off");
        assertThat(given.load().warnings()).singleElement().asString().contains("u:***@mail", "plain text")
                .doesNotContain("s3cret");

        given.properties("relay.destination_primary=u:s3cret@mail");
        assertThat(given.load().warnings()).singleElement().asString().contains("u:***@mail", "whoever answers")
                .doesNotContain("s3cret");

        given.properties("relay.destination_primary=u:s3cret@mail?tls=required");
        assertThat(given.load().warnings()).isEmpty();
    }

    @Test
    void takesAPasswordThatLooksLikeAPlaceholder() {
        given.properties("relay.destination_primary=smtps://u:%7B%7Bs3cret%7D%7D@mail");

        assertThat(given.load().primary().password()).isEqualTo("{{s3cret}}");
    }

    @Test
    void neverShowsTheTokenOfTheTools() {
        given.properties("management.token=my s3cret token");
        assertThat(given.problemsWithPrimary()).containsExactly("management.token: \"***\" (application.properties): "
                + "must be 16 to 200 printable ASCII characters without spaces");

        given.properties("management.token=my-s3cret-token-is-long");
        assertThat(given.loadWithPrimary().managementToken()).contains("my-s3cret-token-is-long");
        assertThat(given.loadWithPrimary().toProperties()).doesNotContainKey("management.token");
    }

    @Test
    void givesRoutesNoPassword() {
        given.properties("relay.destination_primary=smtps://u:s3cret@mail",
                "relay.destination_backups=u:0ther@b?tls=required");

        var properties = given.load().toProperties();

        assertThat(properties)
                .containsEntry("relay.destination_primary", "mail:465")
                .containsEntry("relay.destination_backups", "b:25")
                .containsEntry("relay.primary.tls", "implicit");
        assertThat(properties.values()).noneMatch(value -> value.toString().contains("0ther"));
        assertThat(properties.values()).noneMatch(value -> value.toString().contains("s3cret"));
    }
}
