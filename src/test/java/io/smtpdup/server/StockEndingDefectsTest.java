package io.smtpdup.server;

import static io.smtpdup.server.StockDefects.keptButNotByStock;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;

/** The library's defects in ending a connection, or the whole server. */
class StockEndingDefectsTest {

    @Test
    void tellsAnIdleClientThatItStops() {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.greetedClient()) {
                front.stop();
                client.expect("421");
            }
        }, "expected 421 but");
    }

    @Test
    void answersTheMailThatIsBeingRoutedWhenItStops() {
        keptButNotByStock(front -> {
            CountDownLatch routing = new CountDownLatch(1);
            CountDownLatch primaryAnswers = new CountDownLatch(1);
            front.whileRouting(() -> {
                routing.countDown();
                await().untilAsserted(() -> assertThat(primaryAnswers.getCount()).isZero());
            });
            try (SmtpDialogue client = front.clientWithEnvelope()) {
                client.data("Subject: x\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(routing.await(10, TimeUnit.SECONDS)).isTrue();
                CompletableFuture<Void> stop = CompletableFuture.runAsync(front::stop);
                assertThat(client.hearsNothingFor(Duration.ofMillis(300))).isTrue();
                primaryAnswers.countDown();
                client.expect("250");
                stop.get(10, TimeUnit.SECONDS);
            } finally {
                primaryAnswers.countDown();
            }
        }, "the server closed");
    }

    @Test
    void limitsTheTimeForACommandWhoseOctetsDrip() {
        keptButNotByStock("commandTimeout=1s", server -> server.connectionTimeoutMs(1000), front -> {
            ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor();
            try (SmtpDialogue client = front.greetedClient()) {
                drip.scheduleAtFixedRate(() -> client.sendRaw("N"), 0, 200, TimeUnit.MILLISECONDS);
                assertThatThrownBy(() -> client.hearsNothingFor(Duration.ofSeconds(3))).hasMessageContaining("spoke");
            } finally {
                drip.shutdownNow();
            }
        }, "Expecting code to raise a throwable");
    }
}
