package io.smtpdup.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;

import io.smtpdup.postfix.FreePort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a monitor sees on the management port. */
class ManagementTest {

    private RelayUnderTest relay;

    private int port;

    @BeforeEach
    void start() throws IOException {
        port = FreePort.find();
        relay = RelayUnderTest.withBackups(1).set("management.port", String.valueOf(port)).start();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void isLiveAndReadyWhenItListens() throws Exception {
        for (String path : List.of("/observe/health/live", "/observe/health/ready", "/observe/health")) {
            HttpResponse<String> answer = get(path);

            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            assertThat(answer.body()).as(path).contains("UP");
        }
    }

    @Test
    void isNeitherLiveNorReadyWhenTheListenerIsGone() throws Exception {
        relay.relay().context().getRouteController().stopRoute("relay");

        for (String path : List.of("/observe/health/live", "/observe/health/ready")) {
            HttpResponse<String> answer = get(path);

            assertThat(answer.statusCode()).as(path).isEqualTo(503);
            assertThat(answer.body()).as(path).contains("DOWN");
        }
    }

    @Test
    void isLiveAndNotReadyWhenTheSpoolIsClosed() throws Exception {
        relay.relay().spool().stop();

        assertThat(get("/observe/health/live").statusCode()).isEqualTo(200);
        HttpResponse<String> ready = get("/observe/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains("copies cannot be stored: the spool is closed");
    }

    @Test
    void showsWhatLiesInTheQueues() throws Exception {
        relay.backup(1).down();
        byte[] message = "Subject: x\r\n\r\n".getBytes(StandardCharsets.UTF_8);
        relay.send("<a@b.example>", List.of("c@d.example"), message, "250");
        relay.send("<a@b.example>", List.of("c@d.example"), message, "250");
        String label = "{destination=\"" + relay.backup(1).address() + "\"} ";

        await().untilAsserted(() -> assertThat(get("/observe/metrics").body()).contains(
                "smtpdup_queue_length" + label + "2.0", "smtpdup_queue_deferred" + label, "smtpdup_dead_length" + label + "0.0",
                "smtpdup_queue_oldest_seconds" + label, "smtpdup_copies_queued_total" + label + "2.0",
                "smtpdup_copies_lost_total" + label + "0.0", "smtpdup_copies_dead_total" + label + "0.0"));

        relay.relay().spool().stop();
        relay.send("<a@b.example>", List.of("c@d.example"), message, "250");

        assertThat(get("/observe/metrics").body()).contains(
                "smtpdup_copies_lost_total" + label + "1.0", "smtpdup_copies_queued_total" + label + "2.0");
    }

    @Test
    void countsDeliveriesByDestinationAndOutcome() throws Exception {
        byte[] message = "Subject: x\r\n\r\n".getBytes(StandardCharsets.UTF_8);
        relay.primary().on("DOT").once().reply("450 4.2.0 later");
        relay.send("<a@b.example>", List.of("c@d.example"), message, "450");
        relay.send("<a@b.example>", List.of("c@d.example"), message, "250");
        relay.backup(1).awaitMessages(1);

        assertThat(get("/observe/metrics").body()).contains(
                "smtpdup_delivery_total{destination=\"" + relay.primary().address() + "\",outcome=\"deferred\"} 1.0",
                "smtpdup_delivery_total{destination=\"" + relay.primary().address() + "\",outcome=\"delivered\"} 1.0");
    }

    private HttpResponse<String> get(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(), BodyHandlers.ofString());
    }
}
