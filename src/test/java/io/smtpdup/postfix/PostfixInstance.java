package io.smtpdup.postfix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.camel.util.json.DeserializationException;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;

/**
 * A Postfix of its own in a temporary directory: configuration, queue, log and ports are nobody else's, and the system's
 * instance is neither read nor touched. Only root can run one, because Postfix changes to the user postfix itself.
 */
public final class PostfixInstance implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Why no Postfix can run here, or null. Found once and printed, because Maven does not say why a test was skipped. */
    private static final String MISSING = missing();

    /**
     * A mail in Postfix's queue.
     *
     * @param queue incoming, active, deferred or hold
     * @param reasons why it is still here, for each recipient that Postfix has tried
     */
    public record QueuedMail(String queue, String id, String sender, List<String> reasons) {

        boolean isDeferred() {
            return queue.equals("deferred");
        }
    }

    private final Path directory;

    private final int port;

    private PostfixInstance(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    /** Skips the test where there is no Postfix to run, except in CI, where that is a failure. */
    public static void assumeInstalled() {
        if (MISSING != null && "true".equals(System.getenv("CI"))) {
            fail("CI must run this test: " + MISSING);
        }
        assumeTrue(MISSING == null, MISSING);
    }

    private static String missing() {
        String missing = !Files.isExecutable(Path.of("/usr/sbin/postfix"))
                ? "Postfix is not installed: apt-get install postfix"
                : !"root".equals(System.getProperty("user.name")) ? "Postfix starts only for root" : null;
        if (missing != null) {
            System.err.println("NOT RUN, all tests of the relay behind Postfix: " + missing);
        }
        return missing;
    }

    /** Sets the instance up and starts it; it listens when this returns. */
    public static PostfixInstance start(PostfixConfiguration configuration) throws IOException {
        Path directory = Files.createTempDirectory("postfix-it-");
        PostfixInstance instance = new PostfixInstance(directory, FreePort.find());
        try {
            instance.setUp(configuration);
            instance.run("/usr/sbin/postfix", "-c", instance.config(), "start");
            return instance;
        } catch (IOException | RuntimeException | Error e) {
            instance.close();
            throw e;
        }
    }

    private void setUp(PostfixConfiguration configuration) throws IOException {
        // The user postfix has to get through, and createTempDirectory closes the directory to everyone.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String name : List.of("config", "queue", "data")) {
            Files.createDirectory(directory.resolve(name));
        }
        Files.setOwner(
                directory.resolve("data"),
                directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postfix"));
        configuration
                .with("queue_directory", directory.resolve("queue").toString())
                .with("data_directory", directory.resolve("data").toString())
                .with("maillog_file", logFile().toString())
                .with("maillog_file_prefixes", directory.toString())
                .writeTo(Path.of(config()), port);
        run("/usr/sbin/postmap", "-c", config(), "hash:" + config() + "/transport");
    }

    /** Where it takes mail by SMTP, on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** Submits a message as a program on the same machine does. */
    public void sendmail(String sender, List<String> recipients, byte[] message) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("/usr/sbin/sendmail", "-C", config(), "-i", "-f", sender, "--"));
        command.addAll(recipients);
        run(message, command);
    }

    /** Has it try all deferred mail now. */
    public void flush() {
        run("/usr/sbin/postqueue", "-c", config(), "-f");
    }

    /** All mail it has not got rid of yet. */
    public List<QueuedMail> queue() {
        return run("/usr/sbin/postqueue", "-c", config(), "-j")
                .lines()
                .map(PostfixInstance::queuedMail)
                .toList();
    }

    /** Waits until the queue is as wanted, and returns it. */
    public List<QueuedMail> awaitQueue(Predicate<List<QueuedMail>> wanted) {
        return await().atMost(PATIENCE).until(this::queue, wanted);
    }

    /** The mail log so far. */
    public String log() {
        try {
            return Files.exists(logFile()) ? Files.readString(logFile(), StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Stops it and waits until its master process has ended, with force after five seconds. */
    public void stop() throws IOException {
        Path pidFile = directory.resolve("queue/pid/master.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        long pid = Long.parseLong(Files.readString(pidFile).strip());
        if (ProcessHandle.of(pid).isPresent()) {
            run("/usr/sbin/postfix", "-c", config(), "stop");
            await().atMost(PATIENCE).until(() -> ProcessHandle.of(pid).isEmpty());
        }
    }

    @Override
    public void close() throws IOException {
        stop();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private String config() {
        return directory.resolve("config").toString();
    }

    private Path logFile() {
        return directory.resolve("log");
    }

    private String run(String... command) {
        return run(new byte[0], List.of(command));
    }

    /** Runs a command of Postfix to its end and returns what it printed. */
    private String run(byte[] input, List<String> command) {
        try {
            // To a file and not to a pipe, which the daemon would hold open.
            Path output = Files.createTempFile(directory, "command-", ".out");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input);
            }
            int status = process.waitFor();
            String printed = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            assertThat(status).as("%s: %s%n%s", command, printed, log()).isZero();
            return printed;
        } catch (IOException e) {
            throw new AssertionError(command + " cannot run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(command + " was interrupted", e);
        }
    }

    private static QueuedMail queuedMail(String line) {
        try {
            JsonObject mail = (JsonObject) Jsoner.deserialize(line);
            List<String> reasons = mail.<List<JsonObject>>getCollection("recipients").stream()
                    .map(recipient -> recipient.getString("delay_reason"))
                    .filter(reason -> reason != null)
                    .toList();
            return new QueuedMail(
                    mail.getString("queue_name"), mail.getString("queue_id"), mail.getString("sender"), reasons);
        } catch (DeserializationException e) {
            throw new AssertionError("postqueue -j printed: " + line, e);
        }
    }
}
