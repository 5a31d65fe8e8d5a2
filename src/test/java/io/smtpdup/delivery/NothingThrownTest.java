package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An exception costs more than a mail's whole dialogue: a delivery that goes well has none, over a new connection or a used one. */
@Timeout(120)
class NothingThrownTest {

    private static final byte[] MAIL = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] LARGE = ("Subject: x\r\n\r\n" + ("x".repeat(70) + "\r\n").repeat(1000)).getBytes(StandardCharsets.US_ASCII);

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();

    private final TestSender sender = new TestSender();

    @TempDir
    private Path directory;

    @AfterEach
    void stop() {
        sender.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void byAWholeMail(boolean tls) throws IOException {
        String uri = prepare(tls);
        sender.deliver(uri);

        List<RecordedEvent> thrown = thrownBy(() -> {
            for (int i = 0; i < 5; i++) {
                sender.deliver(uri);
                sender.deliver(uri, TestSender.from("a@a.test", "1@b.test", "2@b.test"), LARGE);
            }
        });

        assertThat(thrown).isEmpty();
        assertThat(server.messages()).hasSize(11);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void byAMailWhoseClientIsStillTalking(boolean tls) throws IOException {
        prepare(tls);
        try (CheckingRelay relay = new CheckingRelay("smtp:" + server.address(), "timeout=20s&localName=localhost");
                SmtpDialogue client = relay.client()) {
            CheckingRelay.send(client, "<a@b.example>", List.of("1@d.example"), MAIL, "250");

            List<RecordedEvent> thrown = thrownBy(() -> {
                CheckingRelay.send(client, "<a@b.example>", List.of("1@d.example", "2@d.example"), MAIL, "250");
                client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<1@d.example>", "DATA");
                Stream.of("250", "250", "354").forEach(client::expect);
                client.message(LARGE);
                client.expect("250");
            });

            assertThat(thrown).isEmpty();
        }
        assertThat(server.connectionCount()).isEqualTo(1);
    }

    @Test
    void butByOneThatIsRefused() throws IOException {
        String uri = prepare(false);
        server.on("RCPT").reply("550 5.1.1 nobody");

        assertThat(thrownBy(() -> sender.fail(uri))).isNotEmpty();
    }

    private String prepare(boolean tls) {
        if (tls) {
            server.withStartTls(TestCertificates.localhost().serverContext());
        }
        return "smtp:" + server.address() + "?timeout=20s&localName=localhost";
    }

    /** What was thrown within our deliveries. */
    private List<RecordedEvent> thrownBy(Runnable mails) throws IOException {
        Path file = directory.resolve("thrown.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.JavaExceptionThrow").withStackTrace();
            recording.start();
            mails.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream().filter(event -> event.getStackTrace() != null && event.getStackTrace()
                .getFrames().stream().anyMatch(frame -> frame.getMethod().getType().getName().startsWith("io.smtpdup.delivery.")
                        && !frame.getMethod().getType().getName().endsWith("Test"))).toList();
    }
}
