package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

import io.smtpdup.config.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Route files that cannot be what the operator meant stop the start, each with one line. */
class RouteFilesTest {

    @TempDir
    private Path temporary;

    private Path directory(String name) throws IOException {
        Path directory = Files.createDirectories(temporary.resolve(name));
        Path routes = Files.createDirectory(directory.resolve("routes"));
        for (String file : new String[] {"10-relay", "20-copies", "30-backup", "40-undelivered"}) {
            Files.copy(Path.of("routes", file + ".camel.yaml"), routes.resolve(file + ".camel.yaml"));
        }
        return directory;
    }

    private static void check(Path directory) {
        Settings settings = Settings.load(directory, Map.of("SMTP_DUP_RELAY_DESTINATION_PRIMARY", "mail.example.com"));
        try (Relay relay = new Relay(directory, settings, false)) {
            relay.start();
        }
    }

    @Test
    void runsInADirectoryWhateverSignsItsPathHas() throws IOException {
        Path directory = directory("a+b %20c#d,e?f=$g*h{i}[j]'k\"l&m;n~\u00fc");

        assertThatCode(() -> check(directory)).doesNotThrowAnyException();
    }

    @Test
    void refusesALinkToNothing() throws IOException {
        Path directory = directory("x");
        Path link = Files.createSymbolicLink(directory.resolve("routes/50-own.camel.yaml"), Path.of("nowhere"));

        assertThatThrownBy(() -> check(directory)).isInstanceOf(StartException.class)
                .hasMessage("the route file " + link + " is a dangling link");
    }

    @Test
    void refusesADirectoryInThePlaceOfAFile() throws IOException {
        Path directory = directory("x");
        Path inner = Files.createDirectory(directory.resolve("routes/50-own.yaml"));

        assertThatThrownBy(() -> check(directory)).hasMessage("the route file " + inner + " is not a file");
    }

    @Test
    void saysWhatToDoWithAFailurePathFromBeforeItHadAFileOfItsOwn() throws IOException {
        Path directory = directory("x");
        Files.copy(Path.of("src/test/resources/earlier-routes/30-backup.camel.yaml"),
                directory.resolve("routes/30-backup.camel.yaml"), StandardCopyOption.REPLACE_EXISTING);

        assertThatThrownBy(() -> check(directory)).isInstanceOf(StartException.class)
                .hasMessageContainingAll("undelivered-copies", "40-undelivered.camel.yaml").hasMessageNotContaining("\n");
    }

    @Test
    void refusesTwoRoutesWithOneId() throws IOException {
        Path directory = directory("x");
        Files.copy(Path.of("routes/20-copies.camel.yaml"), directory.resolve("routes/21-copies.camel.yaml"));

        assertThatThrownBy(() -> check(directory)).isInstanceOf(StartException.class)
                .hasMessage("more than one route has the id copies; each needs one of its own");
    }
}
