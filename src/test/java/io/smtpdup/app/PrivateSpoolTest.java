package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Mails on the relay's disk are nobody else's, however the relay was started. */
class PrivateSpoolTest {

    private final RelayUnderTest relay = RelayUnderTest.withBackups(1);

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void keepsEveryDirectoryAndFileToItsUser() throws IOException {
        Path spool = relay.directory().resolve("spool");
        for (String part : List.of("journal", "overflow", "damaged", "agreement")) {
            Files.createDirectories(spool.resolve(part));
        }
        Files.setPosixFilePermissions(spool, PosixFilePermissions.fromString("rwxrwxrwx"));
        relay.start();
        relay.backup(1).down();

        relay.send("<a@b.example>", List.of("c@d.example"), "Subject: x\r\n\r\n".getBytes(StandardCharsets.UTF_8), "250");
        relay.send("<a@b.example>", List.of("c@d.example"), ("x\r\n".repeat(100_000)).getBytes(StandardCharsets.UTF_8), "250");

        assertThat(modes(spool)).isEqualTo("rwx------");
        await().untilAsserted(() -> {
            try (Stream<Path> files = Files.walk(spool)) {
                assertThat(files.filter(file -> !modes(file).equals(Files.isDirectory(file) ? "rwx------" : "rw-------"))).isEmpty();
            }
        });
        try (Stream<Path> large = Files.list(spool.resolve("large-messages"))) {
            assertThat(large).hasSize(1);
        }
    }

    private static String modes(Path path) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        } catch (IOException e) {
            return Files.isDirectory(path) ? "rwx------" : "rw-------"; // it is gone
        }
    }
}
