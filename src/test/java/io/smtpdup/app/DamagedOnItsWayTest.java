package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A mail whose file is damaged between the client's final dot and ours: nobody gets it as if it were whole. */
class DamagedOnItsWayTest {

    private static final byte[] LARGE =
            ("Subject: large\r\n\r\n" + "0123456789abcdef\r\n".repeat(20_000)).getBytes(StandardCharsets.UTF_8);

    private RelayUnderTest relay;

    @BeforeEach
    void start() {
        relay = RelayUnderTest.withBackups(1).start();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @FunctionalInterface
    private interface Harm {

        void to(RandomAccessFile file) throws IOException;
    }

    private static final List<Harm> HARMS = List.of(
            file -> file.setLength(file.length() / 2),
            file -> file.setLength(file.length() - 2),
            file -> file.setLength(0),
            file -> file.setLength(file.length() + 4096),
            file -> {
                file.seek(file.length() - 3);
                file.write('X');
            });

    @Test
    void isPutOffAtThePrimary() throws Exception {
        for (Harm harm : HARMS) {
            CountDownLatch release = new CountDownLatch(1);
            relay.primary().on("DATA").once().waitFor(release).replyAsUsual();
            try (SmtpDialogue client = begin()) {
                try (RandomAccessFile file = new RandomAccessFile(awaitFile().toFile(), "rw")) {
                    harm.to(file);
                }
                release.countDown();
                client.expect("451 4.3.0");
            }
        }
        assertThat(relay.primary().messages()).isEmpty();
    }

    @Test
    void isPutOffWhenItsFileIsGone() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        relay.primary().on("DATA").once().waitFor(release).replyAsUsual();
        try (SmtpDialogue client = begin()) {
            Files.delete(awaitFile());
            release.countDown();
            client.expect("451 4.3.0");
        }
        assertThat(relay.primary().messages()).isEmpty();
    }

    @Test
    void isReadAgainOutOfItsQueueForABackup() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        relay.backup(1).on("DATA").once().waitFor(release).replyAsUsual();
        relay.send("<a@b.example>", List.of("c@d.example"), LARGE, "250");
        relay.backup(1).awaitCommand("DATA");

        try (RandomAccessFile file = new RandomAccessFile(awaitFile().toFile(), "rw")) {
            file.setLength(file.length() / 2);
        }
        release.countDown();

        assertThat(relay.backup(1).awaitMessages(1)).singleElement()
                .satisfies(mail -> assertThat(mail.belowReceived()).isEqualTo(LARGE));
    }

    private SmtpDialogue begin() {
        SmtpDialogue client = relay.client();
        client.say("MAIL FROM:<a@b.example>", "250");
        client.say("RCPT TO:<c@d.example>", "250");
        client.data(LARGE);
        return client;
    }

    /** The only one, when it has all of the mail. */
    private Path awaitFile() throws IOException {
        await().until(() -> files().size() == 1 && Files.size(files().get(0)) > LARGE.length);
        return files().get(0);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(relay.directory().resolve("spool/messages"))) {
            return files.filter(file -> file.toString().endsWith(".tmp")).toList();
        }
    }
}
