package io.smtpdup.config;

import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** How an operator names a broker elsewhere, and what nobody ever reads of it. */
class SettingsBrokerTest {

    private SettingsFixture given;

    @BeforeEach
    void setUp(@TempDir Path directory) {
        given = new SettingsFixture(directory);
    }

    @Test
    void hasNoneByDefault() {
        assertThat(given.loadWithPrimary().brokerUrl()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "tcp://broker:61616", "tcp://[::1]:61616", "tcp://broker:61617?sslEnabled=true;trustStorePath=/a/b.pem",
        "(tcp://a:61616,tcp://b:61616)", "(tcp://a:61616, tcp://b:61616)?ha=true", "(tcp://a:1?sslEnabled=true,tcp://b:2)?ha=true"})
    void takesWhatArtemisTakes(String url) {
        given.properties("spool.broker_url=" + url, "spool.broker_user=relay", "spool.broker_password={{env:SECRET}}")
                .variable("SECRET", "p@s:s w,rd");

        Settings settings = given.loadWithPrimary();

        assertThat(settings.brokerUrl()).contains(url);
        assertThat(settings.brokerUser()).contains("relay");
        assertThat(settings.brokerPassword()).contains("p@s:s w,rd");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "broker", "tcp://broker", "http://broker:61616", "tcp://broker:61616/x", "tcp://u:s3cret@broker:61616", "vm://0",
        "(tcp://a:1,tcp://b)?ha=true", "(tcp://a:1", "tcp://a:1,tcp://b:2", "tcp://a:1?user=u&password=s3cret", "()"})
    void refusesWhatItWouldNotUnderstandAndShowsNoPassword(String url) {
        given.properties("spool.broker_url=" + url);

        assertThat(given.problemsWithPrimary()).singleElement().asString()
                .startsWith("spool.broker_url: \"***\" (application.properties): ").contains("must be tcp://host:port")
                .doesNotContain("s3cret");
    }

    @Test
    void wantsUserPasswordAndUrlTogether() {
        given.properties("spool.broker_user=relay");
        assertThat(given.problemsWithPrimary()).hasSize(2)
                .anyMatch(problem -> problem.contains("spool.broker_password is not set"))
                .anyMatch(problem -> problem.contains("spool.broker_url is not set"));

        given.properties("spool.broker_url=tcp://b:1", "spool.broker_password=s3cret");
        assertThat(given.problemsWithPrimary()).singleElement().asString()
                .contains("spool.broker_user is not set").doesNotContain("s3cret");
    }

    @Test
    void warnsOfAPasswordInPlainText() {
        String[] login = {"spool.broker_user=relay", "spool.broker_password=s3cret"};
        given.properties("spool.broker_url=tcp://b:1", login[0], login[1]);
        assertThat(given.loadWithPrimary().warnings()).singleElement().asString().contains("plain text").doesNotContain("s3cret");

        given.properties("spool.broker_url=tcp://b:1?sslEnabled=true", login[0], login[1]);
        assertThat(given.loadWithPrimary().warnings()).isEmpty();
        given.properties("spool.broker_url=tcp://127.0.0.1:1", login[0], login[1]);
        assertThat(given.loadWithPrimary().warnings()).isEmpty();
    }

    @Test
    void givesRoutesNothingOfIt() {
        given.properties("spool.broker_url=tcp://b:1?keyStorePassword=s3cret", "spool.broker_user=relay",
                "spool.broker_password=0ther");

        assertThat(given.loadWithPrimary().toProperties().toString()).doesNotContain("s3cret", "0ther", "spool.broker");
    }
}
