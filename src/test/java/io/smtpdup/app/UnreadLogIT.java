package io.smtpdup.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.smtpdup.postfix.FreePort;
import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The packaged relay whose standard output and standard error are one pipe that nobody reads. */
class UnreadLogIT {

    /** Their lines fill the pipe, and the queue behind it in so small a heap. */
    private static final int MAILS = 1600;

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private Process relay;

    @TempDir
    private Path directory;

    @AfterEach
    void end() {
        relay.destroyForcibly();
        primary.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "json"})
    void mailGoesOnAndTheLogSaysHowManyLinesWereLost(String format) throws Exception {
        int port = start(format);

        sendMails(port);
        String report = CompletableFuture.supplyAsync(this::readReport).get(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS);

        assertThat(report).matches(format.equals("text")
                ? ".* WARN +QueuedAppender [1-9]\\d* log lines.*" : ".*\"message\":\"[1-9]\\d* log lines.*");
    }

    private String readReport() {
        try (Stream<String> log = relay.inputReader(StandardCharsets.UTF_8).lines()) {
            return log.filter(line -> line.contains("log lines were lost because nobody took them")).findFirst()
                    .orElse("the log has ended");
        }
    }

    @Test
    void aStopIsNotHeldUp() throws Exception {
        int port = start("text");
        sendMails(port);

        relay.destroy();

        assertThat(relay.waitFor(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(relay.exitValue()).isZero();
    }

    private static void sendMails(int port) {
        await().ignoreExceptions().until(() -> {
            try (SmtpDialogue client = SmtpDialogue.connect(port)) {
                return client.expect("220") != null;
            } catch (AssertionError e) {
                return false;
            }
        });
        byte[] mail = "Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII);
        try (SmtpDialogue client = SmtpDialogue.connect(port).withPatience(Patience.LIMIT)) {
            client.expect("220");
            client.say("EHLO client.example", "250");
            for (int i = 0; i < MAILS; i++) {
                client.say("MAIL FROM:<a@b.example>", "250");
                client.say("RCPT TO:<c" + i + "@d.example>", "250");
                client.data(mail);
                client.expect("250");
            }
        }
    }

    /** Returns its port. */
    private int start(String format) throws IOException {
        int port = FreePort.find();
        Files.createDirectories(directory.resolve("routes"));
        try (Stream<Path> routes = Files.list(Path.of("routes"))) {
            for (Path route : routes.toList()) {
                Files.copy(route, directory.resolve("routes").resolve(route.getFileName()));
            }
        }
        Files.write(directory.resolve("application.properties"), List.of("relay.destination_primary=" + primary.address(),
                "smtp.listen=127.0.0.1:" + port, "management.port=0", "log.format=" + format));
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m", "-jar", Path.of(System.getProperty("smtpdup.jar", "target/smtp-duplicator.jar")).toAbsolutePath()
                .toString()).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("SMTP_DUP_"));
        relay = builder.start();
        return port;
    }
}
