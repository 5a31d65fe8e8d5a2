package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long commands on a real terminal, which script(1) makes, and in a pipe; a relay that is none keeps them waiting. */
class InterruptedCommandTest {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final String CTRL_C = "\003";

    private final ExecutorService threads = Executors.newCachedThreadPool();

    private final AtomicInteger requests = new AtomicInteger();

    private final CountDownLatch goOn = new CountDownLatch(1);

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

    private HttpServer relay;

    @TempDir
    private Path here;

    @BeforeEach
    void start() throws IOException {
        relay = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        relay.setExecutor(threads);
        relay.createContext("/spool/dead", request -> answer(request, "{\"copies\":[" + IntStream.range(0, 5)
                .mapToObj(i -> "{\"id\":\"M" + i + "\",\"backup\":\"new-25\",\"key\":\"K" + i + "\"}").collect(Collectors.joining(",")) + "],\"more\":0}"));
        relay.createContext("/spool/dead/export", request -> {
            waitAtTheThird();
            answer(request, "Subject: hello\r\n\r\nHello.\r\n");
        });
        relay.createContext("/spool/replay", request -> {
            request.getRequestBody().readAllBytes();
            waitAtTheThird();
            answer(request, "{\"replayed\":\"M\"}");
        });
        relay.createContext("/spool/dead/delete", request -> {
            await(goOn);
            answer(request, "{\"deleted\":5}");
        });
        relay.start();
    }

    @AfterEach
    void stop() {
        goOn.countDown();
        relay.stop(0);
        threads.shutdownNow();
    }

    @Test
    void endsAnExportBehindTheFileThatIsBegun() throws Exception {
        Process command = onATerminal("dead", "export", "--all", "-d", "saved");
        awaitOnScreen("2 of 5");

        interrupt(command);

        assertThat(end(command)).isEqualTo(130);
        assertThat(screen()).contains("interrupted: 3 of 5 were saved");
        assertThat(files("saved")).containsExactlyInAnyOrder("M0.eml", "M1.eml", "M2.eml");
    }

    @Test
    void endsAReplayBehindTheFileThatIsBegun() throws Exception {
        List<String> files = IntStream.range(0, 5).mapToObj(i -> i + ".eml").toList();
        for (String file : files) {
            Files.writeString(here.resolve(file), "Subject: hello\r\n\r\nHello.\r\n");
        }
        Process command = onATerminal(Stream.concat(Stream.of("replay", "-b", "new-25"), files.stream()).toArray(String[]::new));
        awaitOnScreen("2 of 5");

        interrupt(command);

        assertThat(end(command)).isEqualTo(130);
        assertThat(screen()).contains("interrupted: 3 of 5 files were queued; go on with 3.eml");
    }

    @Test
    void saysThatTheRelayGoesOnWithWhatItHasBegun() throws Exception {
        Process command = onATerminal("dead", "delete", "-r", "b@b.example");
        awaitOnScreen("deleted");

        signal(command);

        assertThat(end(command)).isEqualTo(130);
        assertThat(screen()).contains("interrupted: the relay goes on with what it has begun");
    }

    @Test
    void showsNoBarInAPipe() throws Exception {
        goOn.countDown();
        Process command = start(command("dead", "export", "--all", "-d", "saved"));

        assertThat(end(command)).isZero();
        assertThat(screen().lines()).hasSize(5).allMatch(line -> line.endsWith(".eml"));
        assertThat(screen()).doesNotContain("\r", " of 5");
    }

    private void waitAtTheThird() {
        if (requests.incrementAndGet() == 3) {
            await(goOn);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Presses Ctrl-C, and has the relay answer once the command has heard it. */
    private void interrupt(Process command) throws IOException {
        signal(command);
        awaitOnScreen("ending with what is begun");
        goOn.countDown();
    }

    private static void signal(Process command) throws IOException {
        command.getOutputStream().write(CTRL_C.getBytes(StandardCharsets.US_ASCII));
        command.getOutputStream().flush();
    }

    private Process onATerminal(String... arguments) throws IOException {
        assumeThat(Path.of("/usr/bin/script")).as("script(1), of the package bsdutils").exists();
        String line = command(arguments).stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        return start(List.of("/usr/bin/script", "-qec", "stty cols 100; exec env --default-signal=INT " + line, "/dev/null"));
    }

    private List<String> command(String... arguments) {
        return Stream.of(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), SmtpDuplicator.class.getName()),
                List.of(arguments), List.of("--url", "http://127.0.0.1:" + relay.getAddress().getPort())).flatMap(List::stream).toList();
    }

    private Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(here.toFile()).redirectErrorStream(true);
        builder.environment().put("TERM", "xterm");
        Process process = builder.start();
        threads.execute(() -> {
            try (InputStream out = process.getInputStream()) {
                byte[] octets = new byte[1024];
                for (int n = out.read(octets); n >= 0; n = out.read(octets)) {
                    synchronized (screen) {
                        screen.write(octets, 0, n);
                    }
                }
            } catch (IOException e) {
                // the terminal is gone
            }
        });
        return process;
    }

    private int end(Process command) {
        Awaitility.await().atMost(PATIENCE).until(() -> !command.isAlive());
        return command.exitValue();
    }

    private void awaitOnScreen(String text) {
        Awaitility.await().atMost(PATIENCE).until(this::screen, shown -> shown.contains(text));
    }

    private String screen() {
        synchronized (screen) {
            return screen.toString(StandardCharsets.UTF_8);
        }
    }

    private List<String> files(String directory) throws IOException {
        try (Stream<Path> files = Files.list(here.resolve(directory))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static void answer(HttpExchange request, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        request.sendResponseHeaders(200, body.length);
        request.getResponseBody().write(body);
        request.close();
    }
}
