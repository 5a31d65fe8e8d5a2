package io.smtpdup.postfix;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * An Artemis broker as an operator runs it: made from the distribution with {@code artemis create}, with the settings that
 * Artemis chooses, in a process of its own on a port of 127.0.0.1.
 */
public final class BrokerProcess implements AutoCloseable {

    public static final String USER = "relay";

    public static final String PASSWORD = "s3cret+word";

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Path instance;

    private final int port;

    private Process process;

    private BrokerProcess(Path instance, int port) {
        this.instance = instance;
        this.port = port;
    }

    /** Makes a broker, and starts it. */
    public static BrokerProcess launch(Path directory) throws IOException, InterruptedException {
        BrokerProcess broker = new BrokerProcess(directory.resolve("instance"), FreePort.find());
        Path distribution = Path.of(System.getProperty("smtpdup.artemis", "target/artemis/apache-artemis-2.56.0"));
        Process create = new ProcessBuilder(List.of(distribution.toAbsolutePath().resolve("bin/artemis").toString(), "create",
                        broker.instance.toString(), "--silent", "--user", USER, "--password", PASSWORD, "--require-login",
                        "--host", "127.0.0.1", "--default-port", String.valueOf(broker.port), "--no-web", "--no-autotune",
                        "--no-amqp-acceptor", "--no-hornetq-acceptor", "--no-mqtt-acceptor", "--no-stomp-acceptor"))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("create.log").toFile())
                .start();
        if (create.waitFor() != 0) {
            throw new AssertionError("no broker was made:\n" + Files.readString(directory.resolve("create.log")));
        }
        broker.start();
        return broker;
    }

    /** Starts it once more, and waits until it takes connections. */
    public void start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(instance.resolve("bin/artemis").toString(), "run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(instance.resolve("output.log").toFile()));
        builder.environment().put("JAVA_ARGS", "-Xmx256m");
        process = builder.start();
        await().atMost(PATIENCE).until(() -> !process.isAlive() || listens());
        if (!process.isAlive()) {
            throw new AssertionError("the broker ended:\n" + output());
        }
    }

    /** Ends it with SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    public String url() {
        return "tcp://127.0.0.1:" + port;
    }

    public String output() throws IOException {
        return Files.readString(instance.resolve("output.log"), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
