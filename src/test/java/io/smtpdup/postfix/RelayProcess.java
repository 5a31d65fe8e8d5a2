package io.smtpdup.postfix;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The relay as an operator runs it: {@code java -jar} in a working directory of its own that has the repository's routes
 * and an application.properties. It can be stopped and started again in the same place, as after an upgrade.
 */
public final class RelayProcess implements AutoCloseable {

    private static final Duration START = Duration.ofMinutes(3);

    /** The relay gives what it has begun 28 s to end, so that a container's usual 30 s are enough. */
    private static final Duration STOP = Duration.ofSeconds(35);

    /** A JVM that is about to run out of memory has little time for anything else. */
    private static final Duration END = Duration.ofMinutes(5);

    private final Path directory;

    private final int port;

    private final int managementPort = FreePort.find();

    private final String heap;

    /** What stands before its command line. */
    private final List<String> starter;

    private Process process;

    /** What a command printed, both streams, and how it ended. */
    public record Result(int status, String output) {
    }

    private RelayProcess(Path directory, int port, String heap, List<String> starter) throws IOException {
        this.directory = directory;
        this.port = port;
        this.heap = heap;
        this.starter = starter;
    }

    /**
     * Starts a relay with these properties besides the ports. It takes mail after {@link #awaitGreeting}, and its port is
     * known at once.
     *
     * @param directory empty, for the relay alone
     */
    public static RelayProcess launch(Path directory, Map<String, String> properties) throws IOException {
        return launch(directory, properties, "512m");
    }

    /** As {@link #launch(Path, Map)}, with so much heap, for example {@code 512m}. */
    public static RelayProcess launch(Path directory, Map<String, String> properties, String heap) throws IOException {
        return launch(new RelayProcess(directory, FreePort.find(), heap, List.of()), properties);
    }

    /** As {@link #launch(Path, Map)}, on a listening socket that is there before it and after it. */
    public static RelayProcess launch(Path directory, Map<String, String> properties, HeldSocket socket) throws IOException {
        return launch(new RelayProcess(directory, socket.port(), "512m", socket.starter()), properties);
    }

    private static RelayProcess launch(RelayProcess relay, Map<String, String> properties) throws IOException {
        copyRoutes(relay.directory.resolve("routes"));
        relay.configure(properties);
        relay.run();
        return relay;
    }

    /** Writes other properties besides the ports, for its next start or reload. */
    public void configure(Map<String, String> properties) throws IOException {
        Map<String, String> all = new LinkedHashMap<>(properties);
        all.put("smtp.listen", "127.0.0.1:" + port);
        all.put("management.port", String.valueOf(managementPort));
        all.put("spool.directory", directory.resolve("spool").toString());
        all.put("relay.retry_first", "1s");
        Files.writeString(
                directory.resolve("application.properties"),
                all.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue() + "\n").collect(Collectors.joining()));
    }

    /** Where it takes mail, on 127.0.0.1; the same after a second start. */
    public int port() {
        return port;
    }

    /** Starts it once more, and waits until it takes mail. */
    public void start() throws IOException {
        run();
        awaitGreeting();
    }

    private void run() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(starter.stream(), java(List.of())).toList())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(outputFile().toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("SMTP_DUP_"));
        process = builder.start();
    }

    private Stream<String> java(List<String> arguments) {
        return Stream.concat(
                Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + heap, "-jar",
                        Path.of(System.getProperty("smtpdup.jar", "target/smtp-duplicator.jar")).toAbsolutePath().toString()),
                arguments.stream());
    }

    /** Runs one of the program's commands beside it, as an operator in the same directory does. */
    public Result command(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(java(List.of(arguments)).toList())
                .directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("SMTP_DUP_"));
        Process command = builder.start();
        try {
            command.getOutputStream().close();
            String output = new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(command.waitFor(), output);
        } finally {
            command.destroyForcibly();
        }
    }

    /** Sends it a signal, like {@code HUP}. */
    public void signal(String name) throws IOException, InterruptedException {
        if (new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).inheritIO().start().waitFor() != 0) {
            throw new IOException("no process to send " + name + " to");
        }
    }

    /** Waits until it takes mail. */
    public void awaitGreeting() {
        try {
            await().atMost(START).until(() -> !process.isAlive() || greets());
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw new AssertionError("the relay did not greet within " + START.toSeconds() + " s:\n" + output(), e);
        }
        if (!process.isAlive()) {
            throw new AssertionError("the relay ended with status " + process.exitValue() + ":\n" + output());
        }
    }

    /** Asks it to end, as systemd does, and waits until it has. */
    public void stop() {
        process.destroy();
        try {
            if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("the relay did not end within " + STOP.toSeconds() + " s:\n" + output());
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it with SIGKILL: it gets no chance to finish anything. */
    public void kill() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until it ends by itself. Returns its status. */
    public int awaitEnd() {
        await().atMost(END).until(() -> !process.isAlive());
        return process.exitValue();
    }

    /** All it printed so far. */
    public String output() {
        try {
            return Files.exists(outputFile()) ? Files.readString(outputFile(), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        stop();
    }

    private boolean greets() {
        try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
            socket.setSoTimeout(2000);
            return socket.getInputStream().read() == '2';
        } catch (IOException e) {
            return false;
        }
    }

    private Path outputFile() {
        return directory.resolve("output.log");
    }

    private static void copyRoutes(Path target) throws IOException {
        Files.createDirectories(target);
        try (Stream<Path> routes = Files.list(Path.of("routes"))) {
            for (Path route : routes.toList()) {
                Files.copy(route, target.resolve(route.getFileName()));
            }
        }
    }
}
