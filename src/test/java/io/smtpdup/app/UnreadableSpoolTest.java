package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import io.smtpdup.testkit.Patience;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A spool that cannot be read: the start says so soon, in one line with the directory and what to do. */
class UnreadableSpoolTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private RelayUnderTest relay;

    @BeforeEach
    void leaveCopies() {
        relay = RelayUnderTest.withBackups(1).start();
        relay.backup(1).down();
        for (int i = 0; i < 5; i++) {
            relay.send("<a@b.example>", List.of("m" + i + "@d.example"), HELLO, "250");
        }
        relay.stop();
    }

    @AfterEach
    void end() {
        relay.close();
    }

    @FunctionalInterface
    private interface Harm {

        void to(Path file) throws IOException;
    }

    @Test
    void garbageInTheBindings() throws IOException {
        harm("bindings", UnreadableSpoolTest::garble);

        assertSaysWhy();
    }

    @Test
    void garbageInTheJournal() throws IOException {
        harm("journal", UnreadableSpoolTest::garble);

        assertSaysWhy();
    }

    @Test
    void aJournalOfAnotherVersion() throws IOException {
        harm("journal", file -> {
            try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                open.writeInt(99);
            }
        });

        assertSaysWhy();
    }

    @Test
    void aFileInThePlaceOfADirectory() throws IOException {
        Path journal = spool().resolve("journal");
        Files.move(journal, spool().resolve("old"));
        Files.writeString(journal, "what is this");

        assertSaysWhy();
    }

    @Test
    void aDirectoryInThePlaceOfAFile() throws IOException {
        harm("journal", file -> {
            Files.delete(file);
            Files.createDirectory(file);
        });

        assertSaysWhy();
    }

    private void assertSaysWhy() {
        Instant begin = Instant.now();
        assertThatThrownBy(relay::start).isInstanceOf(StartException.class)
                .message().contains("spool.directory", spool().toString()).doesNotContain("\n");
        assertThat(Duration.between(begin, Instant.now())).isLessThan(Patience.LIMIT);
    }

    private Path spool() {
        return relay.directory().resolve("spool");
    }

    private void harm(String part, Harm harm) throws IOException {
        try (Stream<Path> files = Files.list(spool().resolve(part))) {
            for (Path file : files.toList()) {
                harm.to(file);
            }
        }
    }

    private static void garble(Path file) throws IOException {
        byte[] octets = new byte[(int) Files.size(file)];
        new Random(1).nextBytes(octets);
        Files.write(file, octets);
    }
}
