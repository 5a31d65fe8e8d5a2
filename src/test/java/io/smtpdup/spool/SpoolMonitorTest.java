package io.smtpdup.spool;

import org.apache.activemq.artemis.api.core.Message;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What is known of the spool without anybody asking. */
class SpoolMonitorTest {

    @TempDir
    private Path directory;

    @Test
    void countsWhatLiesInTheQueues() throws Exception {
        Spool spool = new Spool(directory);
        try {
            spool.start(List.of("backup.a-25"));
            assertThat(spool.problem()).isEmpty();

            put(spool, "backup.a-25");

            await().until(() -> spool.queue("backup.a-25").map(QueueState::messages).orElse(0L) == 1);
        } finally {
            spool.stop();
        }
        assertThat(spool.problem()).contains("the spool is closed");
    }

    @Test
    void looksOnWhateverWentWrongAtOneLook() throws Exception {
        Spool spool = new Spool(directory);
        AtomicInteger looks = new AtomicInteger();
        spool.watch(queues -> {
            if (looks.incrementAndGet() == 2) {
                throw new StackOverflowError("at one look");
            }
        });
        try {
            spool.start(List.of("backup.a-25"));

            await().until(() -> looks.get() > 3);
            assertThat(spool.problem()).isEmpty();
        } finally {
            spool.stop();
        }
    }

    private static void put(Spool spool, String queue) throws Exception {
        try (BrokerSession session = spool.open(false)) {
            session.send(queue, session.session().createMessage(Message.BYTES_TYPE, true));
        }
    }
}
