package io.smtpdup.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A command finds the relay by these. */
class ManagementSettingsTest {

    @TempDir
    private Path directory;

    @Test
    void hasTheDefaultsOfTheRelayWithoutAnySetting() {
        assertThat(ManagementSettings.load(directory, Map.of()))
                .isEqualTo(new ManagementSettings("127.0.0.1", 9876, Optional.empty(), List.of()));
    }

    @Test
    void needsNoOtherSettingToBeRight() {
        new SettingsFixture(directory).properties("management.port=1234", "smtp.listen=nonsense", "smtp.lisen=x",
                "relay.destination_primary={{env:NOT_SET}}", "management.token={{env:TOKEN}}");

        assertThat(ManagementSettings.load(directory, Map.of("TOKEN", "0123456789abcdef", "SMTP_DUP_MANAGEMENT_HOST", "::1")))
                .isEqualTo(new ManagementSettings("::1", 1234, Optional.of("0123456789abcdef"), List.of()));
    }

    @Test
    void saysWhichOfItsOwnIsWrong() {
        new SettingsFixture(directory).properties("management.port=http");

        assertThatThrownBy(() -> ManagementSettings.load(directory, Map.of())).isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("management.port: \"http\" (application.properties): must be a whole number");
    }
}
