package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar, as an operator calls it. */
class ProgramIT {

    private static final Path JAR = Path.of(System.getProperty("smtpdup.jar", "target/smtp-duplicator.jar")).toAbsolutePath();

    private static final Map<String, String> PRIMARY = Map.of("SMTP_DUP_RELAY_DESTINATION_PRIMARY", "mail.example.com:25");

    @TempDir
    private Path directory;

    /** What a call printed, both streams, and how it ended. */
    private record Result(int status, String output) {
    }

    @BeforeEach
    void copyRoutes() throws IOException {
        Files.createDirectory(directory.resolve("routes"));
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.toList()) {
                Files.copy(file, directory.resolve("routes").resolve(file.getFileName()));
            }
        }
    }

    @Test
    void carriesNoRoutesButThoseOfATraining() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(jar.stream().map(Object::toString))
                    .noneMatch(name -> name.endsWith(".yaml") && !name.startsWith("io/smtpdup/routes/"))
                    .noneMatch(name -> name.endsWith("application.properties"));
        }
    }

    @Test
    void saysWhatIsMissingWithoutAPrimary() throws Exception {
        Result result = run(Map.of());

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output().strip().lines()).singleElement().asString()
                .startsWith("smtp-duplicator: relay.destination_primary: not set").contains("--demo");
    }

    @Test
    void saysThatAllIsFineWhenItIs() throws Exception {
        assertThat(run(PRIMARY, "--check")).isEqualTo(new Result(0, "settings and routes are valid\n"));
    }

    @Test
    void namesEveryWrongSettingAtOnce() throws Exception {
        Files.writeString(directory.resolve("application.properties"), "relay.timeout_seconds=ten\nsmtp.listn=:25\n");

        Result result = run(PRIMARY, "--check");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output().lines()).hasSize(2)
                .anyMatch(line -> line.contains("relay.timeout_seconds: \"ten\""))
                .anyMatch(line -> line.contains("smtp.listn") && line.contains("smtp.listen"));
    }

    @Test
    void failsTheCheckForASettingThatIsNone() throws Exception {
        Files.writeString(directory.resolve("config.yaml"), "relay:\n  destination_backup: [new.example.com]\n");
        Map<String, String> environment = new HashMap<>(PRIMARY);
        environment.put("SMTP_DUP_RELAY_DESTINATIONS_BACKUPS", "new.example.com");

        Result result = run(environment, "--check");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output().lines()).hasSize(2)
                .allMatch(line -> line.startsWith("smtp-duplicator: ") && line.endsWith("did you mean relay.destination_backups?"));
    }

    /** A duration started the log before the settings had said what it is like. */
    @Test
    void logsAsItIsToldWhateverElseIsSet() throws Exception {
        Map<String, String> environment = new HashMap<>(PRIMARY);
        environment.put("SMTP_DUP_SMTP_LISTEN", "127.0.0.1:0");
        environment.put("SMTP_DUP_MANAGEMENT_PORT", "0");
        environment.put("SMTP_DUP_RELAY_RETRY_FOR", "5d");
        environment.put("SMTP_DUP_RELAY_DESTINATION_BACKUPS", "new.example.com?retry_for=2d");
        environment.put("SMTP_DUP_LOG_FORMAT", "json");
        Process relay = start(environment);
        try {
            await().atMost(Duration.ofSeconds(180)).until(() -> output().contains("listening on"));
        } finally {
            relay.destroy();
        }
        assertThat(output().lines()).allMatch(line -> line.startsWith("{"));
    }

    @Test
    void namesTheRouteFileThatIsWrong() throws Exception {
        edit("10-relay.camel.yaml", "recipientCheck:", "recipientChekc:");

        Result result = run(PRIMARY, "--check");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output().lines()).singleElement().asString()
                .contains("route relay", "10-relay.camel.yaml", "recipientChekc");
    }

    @Test
    void runsTheRoutesOfTheWorkingDirectory() throws Exception {
        edit("20-copies.camel.yaml", "bean:lostCopies", "bean:lostCopiez");

        assertThat(run(PRIMARY, "--check").output()).contains("lostCopiez");
    }

    @Test
    void saysThatNoRouteListens() throws Exception {
        Files.delete(directory.resolve("routes").resolve("10-relay.camel.yaml"));

        Result result = run(PRIMARY, "--check");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output().lines()).singleElement().asString().contains("no route begins with smtp-server");
    }

    @Test
    void saysWhereCopiesWouldEndInTheVoid() throws Exception {
        edit("10-relay.camel.yaml", "direct:copies", "direct:nobody");

        Result result = run(PRIMARY, "--check");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output().lines()).singleElement().asString().contains("no route begins with direct:nobody");
    }

    @Test
    void saysWhichQueueHasNoConsumer() throws Exception {
        edit("30-backup.camel.yaml", "spool:backup.{{name}}", "spool:backup.all");

        Result result = run(Map.of(
                "SMTP_DUP_RELAY_DESTINATION_PRIMARY", "mail.example.com:25",
                "SMTP_DUP_RELAY_DESTINATION_BACKUPS", "new.example.com"), "--check");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output().lines()).singleElement().asString()
                .contains("no route begins with spool:backup.new.example.com-25");
    }

    @Test
    void saysInOneLineWhichPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());
            Map<String, String> listen = new HashMap<>(PRIMARY);
            listen.put("SMTP_DUP_SMTP_LISTEN", "127.0.0.1:" + port);
            listen.put("SMTP_DUP_MANAGEMENT_PORT", "0");
            Map<String, String> management = new HashMap<>(PRIMARY);
            management.put("SMTP_DUP_SMTP_LISTEN", "127.0.0.1:0");
            management.put("SMTP_DUP_MANAGEMENT_PORT", port);

            for (Map<String, String> environment : List.of(listen, management)) {
                Result result = run(environment);

                assertThat(result.status()).isEqualTo(1);
                assertThat(result.output().lines()).singleElement().asString()
                        .startsWith("smtp-duplicator: cannot start: ")
                        .contains("cannot listen on 127.0.0.1:" + port + ": Address already in use");
            }
        }
    }

    @Test
    void tellsItsVersionAndItsOptions() throws Exception {
        assertThat(run(Map.of(), "--version").output()).startsWith("smtp-duplicator ").contains("Camel", "Java");
        assertThat(run(Map.of(), "--help").output()).contains("--check", "--demo", "--help", "--version");
        assertThat(run(Map.of(), "--bogus").status()).isEqualTo(2);
    }

    @Test
    void showsAMailThreeTimesInTheDemoAndEndsOnSigterm() throws Exception {
        Process demo = start(Map.of("SMTP_DUP_SMTP_LISTEN", "127.0.0.1:0", "SMTP_DUP_MANAGEMENT_PORT", "0"), "--demo");
        try {
            await().atMost(Duration.ofSeconds(180)).until(() -> output().contains("Ctrl-C ends the demo"));
            Matcher port = Pattern.compile("relay +127.0.0.1:(\\d+)").matcher(output());
            assertThat(port.find()).isTrue();
            try (SmtpDialogue client = SmtpDialogue.connect(Integer.parseInt(port.group(1)))) {
                client.expect("220");
                client.say("EHLO me", "250");
                client.say("MAIL FROM:<me@example.com>", "250");
                client.say("RCPT TO:<you@example.com>", "250");
                client.data("Subject: first\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII));
                client.expect("250 2.0.0 Ok: queued as PRIMARY-1");
            }
            for (String server : List.of("primary", "backup-1", "backup-2")) {
                await().until(() -> output().contains("--- " + server + ": mail 1, from <me@example.com>"));
            }
        } finally {
            demo.destroy();
        }
        assertThat(demo.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(demo.exitValue()).isZero();
    }

    /** Between the first greeting and the end of the start there was a moment at which nobody minded the signal. */
    @Test
    void endsOnSigtermAsSoonAsItListens() throws Exception {
        Process relay = start(Map.of("SMTP_DUP_SMTP_LISTEN", "127.0.0.1:0", "SMTP_DUP_MANAGEMENT_PORT", "0",
                "SMTP_DUP_RELAY_DESTINATION_PRIMARY", "mail.example.com:25"));
        try {
            await().atMost(Duration.ofSeconds(180)).pollInterval(Duration.ofMillis(5))
                    .until(() -> output().contains("listening on"));
        } finally {
            relay.destroy();
        }

        assertThat(relay.waitFor(180, TimeUnit.SECONDS)).isTrue();
        assertThat(relay.exitValue()).isBetween(0, 1);
    }

    private Result run(Map<String, String> environment, String... arguments) throws Exception {
        Process process = start(environment, arguments);
        try {
            assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Result(process.exitValue(), output());
    }

    private Process start(Map<String, String> environment, String... arguments) throws IOException {
        List<String> java = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", JAR.toString());
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(java.stream(), Stream.of(arguments)).toList())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("SMTP_DUP_"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String output() throws IOException {
        return Files.readString(directory.resolve("output"));
    }

    private void edit(String route, String from, String to) throws IOException {
        Path file = directory.resolve("routes").resolve(route);
        Files.writeString(file, Files.readString(file).replace(from, to));
    }
}
