package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.smtpdup.command.Commands;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code recipients check} at a relay that does not answer as it should: what answers here is none. */
@Timeout(120)
class RecipientsFollowedTest {

    private final List<String> cancelled = new CopyOnWriteArrayList<>();

    private final AtomicReference<String> job = new AtomicReference<>();

    private final StringWriter err = new StringWriter();

    private final ExecutorService threads = Executors.newCachedThreadPool();

    private HttpServer server;

    @TempDir
    Path here;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(here.resolve("list.txt"), "a@b.example\n");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    private int check() {
        CommandLine program = new CommandLine(new SmtpDuplicator(here, Map.of()));
        Commands.addTo(program, here, here, Map.of());
        program.setOut(new PrintWriter(new StringWriter())).setErr(new PrintWriter(err));
        return program.execute("recipients", "check", "--url", "http://127.0.0.1:" + server.getAddress().getPort(), "-b", "new:25",
                "list.txt");
    }

    private static void answer(HttpExchange request, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        request.getRequestBody().readAllBytes();
        request.sendResponseHeaders(status, body.length);
        request.getResponseBody().write(body);
        request.close();
    }

    private static String jobOf(HttpExchange request) {
        return request.getRequestURI().getQuery().replaceFirst("^(?:.*&)?job=([^&]*).*$", "$1");
    }

    private String status(String state, int taken) {
        return "{\"job\":\"" + job.get() + "\",\"backup\":\"new-25\",\"state\":\"" + state + "\",\"total\":1,\"taken\":" + taken
                + ",\"refused\":0,\"unclear\":0,\"catch_all\":0,\"not_asked\":" + (1 - taken)
                + ",\"catch_all_domains\":[],\"reason\":null,\"next_try\":null}";
    }

    private void begins() {
        server.createContext("/recipients/check", request -> {
            job.set(jobOf(request));
            answer(request, 200, status("running", 0));
        });
        server.createContext("/recipients/cancel", request -> {
            cancelled.add(jobOf(request));
            answer(request, 200, "{}");
        });
        server.createContext("/recipients/results", request -> answer(request, job.get().equals(jobOf(request)) ? 200 : 404,
                "{\"results\":[],\"more\":0}"));
    }

    @Test
    void cancelsTheCheckOfWhichNothingWasHeardYet() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        server.createContext("/recipients/check", request -> {
            job.set(jobOf(request));
            begun.countDown();
            await(over);
            answer(request, 409, "{\"error\":\"cancelled\"}");
        });
        server.createContext("/recipients/cancel", request -> {
            cancelled.add(jobOf(request));
            answer(request, 404, "{\"error\":\"there is no such check\"}");
        });
        AtomicReference<Thread> operator = new AtomicReference<>();
        CompletableFuture<Integer> end = CompletableFuture.supplyAsync(() -> {
            operator.set(Thread.currentThread());
            return check();
        }, threads);
        begun.await();

        operator.get().interrupt();

        assertThat(end.get()).isEqualTo(3);
        over.countDown();
        assertThat(cancelled).containsExactly(job.get());
        assertThat(job.get()).matches("[0-9a-f]{16}");
        assertThat(err.toString()).contains("interrupted").doesNotContain("may go on");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void goesOnWhenTheRelayDoesNotAnswerAFewTimes() {
        begins();
        AtomicInteger times = new AtomicInteger();
        server.createContext("/recipients/status", request -> {
            switch (times.incrementAndGet()) {
                case 1, 2 -> answer(request, 503, "{\"error\":\"too many requests for the tools at the same time\"}");
                case 3 -> request.close();
                default -> answer(request, 200, status("done", 1));
            }
        });

        assertThat(check()).as(err.toString()).isZero();

        assertThat(times).hasValueGreaterThanOrEqualTo(4);
        assertThat(cancelled).isEmpty();
    }

    @Test
    void endsWhenTheRelayKnowsNothingOfTheCheckAnyMore() {
        begins();
        server.createContext("/recipients/status", request -> answer(request, 404, "{\"error\":\"it was not asked\"}"));

        assertThat(check()).isEqualTo(3);

        assertThat(err.toString()).contains("it was not asked");
        assertThat(cancelled).isEmpty();
    }
}
