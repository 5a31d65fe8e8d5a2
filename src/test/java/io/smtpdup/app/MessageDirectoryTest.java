package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import io.smtpdup.config.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MessageDirectoryTest {

    @TempDir
    private Path messages;

    @Test
    void removesWhatAKilledProcessLeft() throws IOException {
        Path orphan = Files.createDirectory(messages.resolve("orphan"));
        Files.writeString(orphan.resolve("cos1.tmp"), "Subject: left\r\n");
        Files.createFile(messages.resolve("orphan.lock"));

        try (MessageDirectory directory = MessageDirectory.open(messages)) {
            assertThat(orphan).doesNotExist();
            assertThat(messages.resolve("orphan.lock")).doesNotExist();
            assertThat(directory.path().getParent()).isEqualTo(messages);
        }
    }

    @Test
    void leavesTheDirectoryOfALivingProcessAlone() throws IOException {
        try (MessageDirectory living = MessageDirectory.open(messages)) {
            Files.createDirectories(living.path());
            Path file = Files.writeString(living.path().resolve("cos1.tmp"), "Subject: needed\r\n");

            MessageDirectory.open(messages).close();

            assertThat(file).exists();
        }
    }

    /** The system lets go of all locks of a process on a file as soon as it closes it once, and another process then takes it for an orphan. */
    @Test
    void keepsTheLockOverAnotherOneInTheSameProcess() throws IOException {
        try (MessageDirectory living = MessageDirectory.open(messages)) {
            Path lock = Path.of(living.path() + ".lock");
            assertThat(isLocked(lock)).isTrue();

            MessageDirectory.open(messages).close();

            assertThat(isLocked(lock)).isTrue();
        }
    }

    private static boolean isLocked(Path file) throws IOException {
        String inode = ":" + Files.getAttribute(file, "unix:ino") + " ";
        return Files.readString(Path.of("/proc/locks")).contains(inode);
    }

    @Test
    void leavesNothingWhenClosed() throws IOException {
        MessageDirectory directory = MessageDirectory.open(messages);
        Files.createDirectories(directory.path());
        Files.createFile(directory.path().resolve("cos1.tmp"));

        directory.close();

        try (Stream<Path> left = Files.list(messages)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void stopsTheStartWhenNothingCanBeWritten() throws IOException {
        Path file = Files.createFile(messages.resolve("a-file"));

        assertThatThrownBy(() -> MessageDirectory.open(file.resolve("messages")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("spool.directory");
    }

    /** What the documentation tells operators to do before each restart. */
    @Test
    void checkingBesideARunningRelayLosesNoCopy() {
        CountDownLatch release = new CountDownLatch(1);
        byte[] large = ("Subject: large\r\n\r\n" + ("x".repeat(76) + "\r\n").repeat(5_000)).getBytes(StandardCharsets.US_ASCII);
        try (RelayUnderTest relay = RelayUnderTest.withBackups(1)) {
            relay.backup(1).on("MAIL").once().waitFor(release).replyAsUsual();
            relay.start();
            relay.send("<a@b.example>", List.of("c@d.example"), large, "250");
            relay.backup(1).awaitCommand("MAIL");

            Settings settings = Settings.load(relay.directory(), Map.of(),
                    Map.of("relay.destination_primary", "mail.example.com"));
            try (Relay check = new Relay(relay.directory(), settings, false)) {
                check.start();
            }
            release.countDown();

            assertThat(relay.backup(1).awaitMessages(1).get(0).belowReceived()).isEqualTo(large);
        }
    }
}
