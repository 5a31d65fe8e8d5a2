package io.smtpdup.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** A working directory and an environment that a test fills before it loads the settings. */
final class SettingsFixture {

    final Map<String, String> environment = new HashMap<>();
    final Map<String, String> overrides = new HashMap<>();
    final Path directory;

    SettingsFixture(Path directory) {
        this.directory = directory;
    }

    SettingsFixture properties(String... lines) {
        return file("application.properties", String.join("\n", lines));
    }

    SettingsFixture yaml(String text) {
        return file("config.yaml", text);
    }

    SettingsFixture file(String name, String text) {
        try {
            Files.writeString(directory.resolve(name), text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SettingsFixture variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    SettingsFixture override(String key, String value) {
        overrides.put(key, value);
        return this;
    }

    Settings load() {
        return new SettingsLoader(directory, systemFile(), environment, overrides).load();
    }

    /** Loads with a primary, which most tests need and do not care about. */
    Settings loadWithPrimary() {
        environment.put("SMTP_DUP_RELAY_DESTINATION_PRIMARY", "primary.example.com:25");
        return load();
    }

    List<String> problems() {
        return catchThrowableOfType(ConfigurationException.class, this::load).problems();
    }

    List<String> problemsWithPrimary() {
        return catchThrowableOfType(ConfigurationException.class, this::loadWithPrimary).problems();
    }

    Path systemFile() {
        return directory.resolve("system.yaml");
    }
}
