package io.smtpdup.spool;

import java.nio.file.Path;
import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import jakarta.jms.Connection;
import jakarta.jms.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What is known of the spool without anybody asking. */
class SpoolMonitorTest {

    private final Logger logger = (Logger) LoggerFactory.getLogger(SpoolMonitor.class);

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private final Level level = logger.getLevel();

    @TempDir
    private Path directory;

    @BeforeEach
    void listen() {
        logger.setLevel(Level.WARN);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void endListening() {
        logger.detachAppender(log);
        logger.setLevel(level);
    }

    @Test
    void countsWhatLiesInTheQueues() throws Exception {
        Spool spool = new Spool(directory, 1);
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
    void warnsOnceOfQueuesThatNobodyReadsAndThatAreNotEmpty() throws Exception {
        Spool before = new Spool(directory, 1);
        before.start(List.of("backup.a-25", "backup.gone-25", "backup.empty-25", "dead.gone-25"));
        put(before, "backup.a-25");
        put(before, "backup.gone-25");
        put(before, "dead.gone-25");
        before.stop();
        assertThat(log.list).isEmpty();

        Spool after = new Spool(directory, 1);
        try {
            after.start(List.of("backup.a-25"));

            assertThat(log.list).extracting(ILoggingEvent::getFormattedMessage).hasSize(2)
                    .anyMatch(line -> line.startsWith("the queue backup.gone-25 holds 1 copies"))
                    .anyMatch(line -> line.startsWith("the queue dead.gone-25 holds 1 dead letters"));
        } finally {
            after.stop();
        }
    }

    private static void put(Spool spool, String queue) throws Exception {
        try (Connection connection = spool.createConnection(); Session session = connection.createSession()) {
            session.createProducer(session.createQueue(queue)).send(session.createBytesMessage());
        }
    }
}
