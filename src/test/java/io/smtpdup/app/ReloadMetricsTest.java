package io.smtpdup.app;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Metrics go on over a reload, and tell how reloads went. */
class ReloadMetricsTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private final ManagementPort port = new ManagementPort();

    private final RelayUnderTest relay = RelayUnderTest.withBackups(1).set("management.port", String.valueOf(port.number()));

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void tellHowReloadsWent() {
        relay.start();
        assertThat(metric("smtpdup_reload_last_successful")).isEqualTo(1);
        assertThat(metric("smtpdup_reloads_total{result=\"done\"}")).isZero();
        double start = metric("smtpdup_reload_last_success_timestamp_seconds");
        assertThat(start).isPositive();

        relay.set("smtp.listen", "127.0.0.2:0").set("spool.min_free", "2000000");
        assertThat(relay.reload().reloaded()).isTrue();

        assertThat(metric("smtpdup_reloads_total{result=\"done\"}")).isEqualTo(1);
        assertThat(metric("smtpdup_reload_needs_restart")).isEqualTo(2);
        double reloaded = metric("smtpdup_reload_last_success_timestamp_seconds");
        assertThat(reloaded).isGreaterThan(start);

        relay.set("smtp.hop_limit", "none");
        assertThat(relay.reload().reloaded()).isFalse();

        assertThat(metric("smtpdup_reload_last_successful")).isZero();
        assertThat(metric("smtpdup_reloads_total{result=\"done\"}")).isEqualTo(1);
        assertThat(metric("smtpdup_reloads_total{result=\"refused\"}")).isEqualTo(1);
        assertThat(metric("smtpdup_reload_needs_restart")).isEqualTo(2);
        assertThat(metric("smtpdup_reload_last_success_timestamp_seconds")).isEqualTo(reloaded);

        relay.set("smtp.hop_limit", "50").set("smtp.listen", "127.0.0.1:0").set("spool.min_free", "33554432");
        assertThat(relay.reload().reloaded()).isTrue();

        assertThat(metric("smtpdup_reload_last_successful")).isEqualTo(1);
        assertThat(metric("smtpdup_reload_needs_restart")).isZero();
    }

    @Test
    void neverCountBack() {
        relay.start();
        List<String> counters = List.of("smtpdup_delivery_total{destination=\"" + relay.primary().address() + "\",outcome=\"delivered\"}",
                "smtpdup_copies_queued_total{destination=\"" + relay.backup(1).address() + "\"}");
        for (int i = 1; i <= 3; i++) {
            relay.send("<a@b.example>", List.of("one@d.example"), HELLO, "250");
            relay.backup(1).awaitMessages(i);
            for (String counter : counters) {
                int sent = i;
                await(counter).until(() -> metric(counter) == sent);
            }
            relay.set("relay.backup_rate", String.valueOf(6000 + i));
            assertThat(relay.reload().reloaded()).isTrue();
            for (String counter : counters) {
                assertThat(metric(counter)).as(counter + " after a reload").isEqualTo(i);
            }
        }
    }

    private double metric(String name) {
        String metrics = new String(port.request("GET", "/observe/metrics", null).body(), StandardCharsets.UTF_8);
        return metrics.lines().filter(line -> line.startsWith(name + " ")).mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst().orElseThrow(() -> new AssertionError(name + " is not among\n" + metrics));
    }
}
