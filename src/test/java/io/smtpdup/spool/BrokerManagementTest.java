package io.smtpdup.spool;

import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.Message;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import io.smtpdup.testkit.Patience;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What an operator sees of the queues of a real broker, and does to them. */
class BrokerManagementTest {

    private static final String QUEUE = "backup.mail.example.com-25";

    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    private Path directory;

    private Spool spool;

    private BrokerManagement management;

    @BeforeEach
    void start() throws Exception {
        spool = new Spool(directory);
        spool.start(List.of(QUEUE, "dead.mail.example.com-25"));
        management = spool.management();
    }

    @AfterEach
    void stop() {
        spool.stop();
    }

    @Test
    void countsWhatWaitsIsScheduledAndIsWithAConsumer() throws Exception {
        put("a", Instant.now(), Duration.ZERO);
        put("b", Instant.now(), Duration.ZERO);
        put("c", Instant.now(), HOUR);

        try (BrokerSession session = spool.open(true); ClientConsumer consumer = session.consumer(QUEUE, null)) {
            assertThat(consumer.receive(10_000)).isNotNull();

            assertThat(state(QUEUE)).isEqualTo(new QueueState(QUEUE, 3, 1, 1, false, 1));
            session.session().rollback();
        }

        await().untilAsserted(() -> assertThat(state(QUEUE)).isEqualTo(new QueueState(QUEUE, 3, 1, 0, false, 0)));
        assertThat(management.queues()).extracting(QueueState::name)
                .containsExactlyInAnyOrder(QUEUE, "dead.mail.example.com-25", "undeliverable");
    }

    @Test
    void showsThePropertiesOfWhatIsScheduledWhole() throws Exception {
        String recipients = "r@d.example\n".repeat(700);
        put("a", Instant.now(), Duration.ZERO);
        put("later", Instant.now(), HOUR, "smtpdup_recipients", recipients);

        assertThat(management.scheduled(QUEUE)).singleElement().satisfies(message -> assertThat(message)
                .containsEntry("smtpdup_id", "later").containsEntry("smtpdup_recipients", recipients)
                .containsKey("_AMQ_SCHED_DELIVERY"));
        assertThat(management.scheduled("dead.mail.example.com-25")).isEmpty();
    }

    @Test
    void knowsTheOldestWhereverItIs() throws Exception {
        assertThat(management.oldest(QUEUE)).isEmpty();
        put("young", Instant.ofEpochMilli(3_000_000), Duration.ZERO);
        assertThat(management.oldest(QUEUE)).contains(Instant.ofEpochMilli(3_000_000));
        put("scheduled", Instant.ofEpochMilli(2_000_000), HOUR);
        assertThat(management.oldest(QUEUE)).contains(Instant.ofEpochMilli(2_000_000));
        management.deliverScheduled(QUEUE, "");
        put("other", Instant.ofEpochMilli(4_000_000), Duration.ZERO);

        try (BrokerSession session = spool.open(true); ClientConsumer consumer = session.consumer(QUEUE, null)) {
            assertThat(consumer.receive(10_000).getStringProperty("smtpdup_id")).isEqualTo("scheduled");

            assertThat(management.oldest(QUEUE)).contains(Instant.ofEpochMilli(2_000_000));
        }
    }

    @Test
    void letsScheduledCopiesOutByFilter() throws Exception {
        put("a", Instant.now(), HOUR);
        put("b", Instant.now(), HOUR);
        put("c", Instant.now(), HOUR);

        assertThat(management.deliverScheduled(QUEUE, "smtpdup_id = 'b'")).isEqualTo(1);

        assertThat(state(QUEUE).scheduled()).isEqualTo(2);
        assertThat(management.deliverScheduled(QUEUE, "")).isEqualTo(2);
        assertThat(state(QUEUE).scheduled()).isZero();
    }

    @Test
    void pausesAQueueThroughARestart() throws Exception {
        management.pause(QUEUE);
        put("a", Instant.now(), Duration.ZERO);
        spool.stop();

        start();

        assertThat(state(QUEUE)).isEqualTo(new QueueState(QUEUE, 1, 0, 0, true, 0));
        management.resume(QUEUE);
        assertThat(state(QUEUE).paused()).isFalse();
    }

    @Test
    void saysWhatTheBrokerRefuses() {
        assertThatThrownBy(() -> management.pause("backup.unknown")).isInstanceOf(SpoolException.class)
                .hasMessageContaining("backup.unknown");
        assertThatThrownBy(() -> management.deliverScheduled(QUEUE, "this is no filter")).isInstanceOf(SpoolException.class)
                .hasMessageContaining("filter");
        assertThat(management.queues()).as("works on").isNotEmpty();
    }

    @Test
    void saysThatTheBrokerIsGoneAndFindsItAgain() throws Exception {
        assertThat(management.queues()).isNotEmpty();
        spool.stop();

        Instant begin = Instant.now();
        assertThatThrownBy(management::queues).isInstanceOf(SpoolException.class).hasMessageStartingWith("the broker cannot");

        assertThat(Duration.between(begin, Instant.now())).isLessThan(Patience.LIMIT);
    }

    @Test
    void answersManyAtATime() throws Exception {
        put("a", Instant.now(), HOUR);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> calls = IntStream.range(0, 200).<Future<?>>mapToObj(i -> threads.submit(() -> {
                assertThat(state(QUEUE).messages()).isEqualTo(1);
                assertThat(management.scheduled(QUEUE)).hasSize(1);
            })).toList();
            for (Future<?> call : calls) {
                call.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private QueueState state(String queue) {
        return management.queues().stream().filter(state -> state.name().equals(queue)).findFirst().orElseThrow();
    }

    private void put(String id, Instant acceptedAt, Duration delay, String... properties) throws Exception {
        try (BrokerSession session = spool.open(true)) {
            ClientMessage message = session.session().createMessage(Message.BYTES_TYPE, true);
            message.putStringProperty("smtpdup_id", id);
            message.putLongProperty("smtpdup_accepted_at", acceptedAt.toEpochMilli());
            for (int i = 0; i < properties.length; i += 2) {
                message.putStringProperty(properties[i], properties[i + 1]);
            }
            if (!delay.isZero()) {
                message.putLongProperty("_AMQ_SCHED_DELIVERY", System.currentTimeMillis() + delay.toMillis());
            }
            session.send(QUEUE, message);
            session.commit();
        }
    }
}
