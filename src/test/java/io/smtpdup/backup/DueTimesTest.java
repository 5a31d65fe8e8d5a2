package io.smtpdup.backup;

import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.Message;
import io.smtpdup.spool.BrokerSession;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import io.smtpdup.message.SteadyClock;
import io.smtpdup.spool.QueueState;
import io.smtpdup.spool.Spool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Deferred copies in a real broker, while the machine's clock is set. */
class DueTimesTest {

    private static final String QUEUE = "backup.mail-25";

    private static final Duration LONGEST = Duration.ofHours(4);

    /** The time that has passed by no clock but ours, so that the machine's seems to have been set back by as much. */
    private final AtomicLong passed = new AtomicLong();

    private final SteadyClock clock = new SteadyClock(Clock.systemUTC(), () -> System.nanoTime() + passed.get());

    @TempDir
    private Path directory;

    private Spool spool;

    private DueTimes dueTimes;

    @BeforeEach
    void start() throws Exception {
        spool = new Spool(directory);
        spool.start(List.of(QUEUE));
        dueTimes = new DueTimes(spool.management(), new Undelivered(Duration.ofMinutes(1), LONGEST, clock), clock);
    }

    @AfterEach
    void stop() {
        spool.stop();
    }

    @Test
    void givesOutInTimeWhatTheBrokerWouldKeepAfterTheClockWasSetBack() throws Exception {
        defer("soon", Duration.ofHours(1));
        defer("later", Duration.ofHours(3));
        follow();
        assertThat(deferred()).containsExactlyInAnyOrder("soon", "later");

        passed.addAndGet(Duration.ofHours(2).toNanos());
        follow();

        assertThat(deferred()).containsExactly("later");
    }

    @Test
    void takesATimeBeyondTheLongestPauseForNowAfterAStart() throws Exception {
        defer("sensible", LONGEST);
        defer("with jitter", LONGEST.plus(LONGEST.dividedBy(4)));
        defer("two days ahead", Duration.ofDays(2));
        defer("of an older relay", Duration.ofDays(400), false);

        follow();

        assertThat(deferred()).containsExactlyInAnyOrder("sensible", "with jitter");
    }

    @Test
    void leavesTheBrokerAloneWhileNobodySetsTheClock() throws Exception {
        follow();
        defer("two days ahead", Duration.ofDays(2));
        passed.addAndGet(Duration.ofSeconds(1).toNanos());

        follow();

        assertThat(deferred()).containsExactly("two days ahead");
    }

    private void follow() {
        dueTimes.follow(spool.management().queues());
    }

    private List<String> deferred() {
        return spool.management().queues().stream().filter(queue -> queue.name().equals(QUEUE)).map(QueueState::name)
                .flatMap(queue -> spool.management().scheduled(queue).stream())
                .map(message -> String.valueOf(message.get("smtpdup_id"))).toList();
    }

    private void defer(String id, Duration pause) throws Exception {
        defer(id, pause, true);
    }

    private void defer(String id, Duration pause, boolean ours) throws Exception {
        long due = Instant.now().plus(pause).toEpochMilli();
        try (BrokerSession session = spool.open(false)) {
            ClientMessage message = session.session().createMessage(Message.BYTES_TYPE, true);
            message.putStringProperty("smtpdup_id", id);
            message.putLongProperty("_AMQ_SCHED_DELIVERY", due);
            if (ours) {
                message.putLongProperty("smtpdup_due_at", due);
            }
            session.send(QUEUE, message);
        }
    }
}
