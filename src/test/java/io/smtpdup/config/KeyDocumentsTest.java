package io.smtpdup.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The files an operator reads say what the program does. */
class KeyDocumentsTest {

    private static final Path PROPERTIES = Path.of("application.properties");

    @Test
    void applicationPropertiesShowsEveryKeyOnceInOrder() throws IOException {
        List<String> shown = Files.readAllLines(PROPERTIES).stream()
                .filter(line -> line.matches("#[a-z]+\\.[a-z_]+ =.*"))
                .map(line -> line.substring(1, line.indexOf(" =")))
                .toList();

        assertThat(shown).isEqualTo(Arrays.stream(Key.values()).map(Key::text).toList());
    }

    @ParameterizedTest
    @EnumSource(Key.class)
    void applicationPropertiesShowsTheDefault(Key key) throws IOException {
        String file = Files.readString(PROPERTIES);

        if (key.defaultValue().isPresent()) {
            assertThat(file.lines()).contains("#" + key.text() + " = " + key.defaultValue().get());
        } else {
            assertThat(file).containsPattern("Default: none[^\n]*\n(#.*\n)*#" + Pattern.quote(key.text()) + " =");
        }
    }

    @Test
    void applicationPropertiesSetsNothing(@TempDir Path directory) throws IOException {
        Files.copy(PROPERTIES, directory.resolve("application.properties"));
        Files.writeString(directory.resolve("config.yaml"), "relay: {destination_primary: mail}\nsmtp: {hop_limit: 9}");

        Settings settings = Settings.load(directory, Map.of());

        assertThat(settings.hopLimit()).isEqualTo(9);
        assertThat(settings.warnings()).isEmpty();
    }

    @Test
    void applicationPropertiesLoadsWithEveryDefaultSwitchedOn(@TempDir Path directory) throws IOException {
        String switchedOn = Files.readString(PROPERTIES).replaceAll("(?m)^#([a-z]+\\.[a-z_]+ =)", "$1");
        Files.writeString(directory.resolve("application.properties"), switchedOn);

        Settings settings = Settings.load(directory, Map.of());

        assertThat(settings.primary().address()).isEqualTo("mailprimary.example.com:25");
    }

    @ParameterizedTest
    @EnumSource(Key.class)
    void configurationPageShowsTheKeyAsItIs(Key key) throws IOException {
        String row = "| `" + key.text() + "` | " + key.meaning() + " | "
                + key.defaultValue().map(value -> "`" + value + "`").orElse("none") + " | "
                + key.allowed().replace("|", "\\|") + " | `" + key.variable() + "` |";

        assertThat(Files.readAllLines(Path.of("docs/configuration.md"))).containsOnlyOnce(row);
    }
}
