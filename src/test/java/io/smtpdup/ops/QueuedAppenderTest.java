package io.smtpdup.ops;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A log whose reader does not read, and the threads that log. */
class QueuedAppenderTest {

    private static final int CAPACITY = 10;

    private final LoggerContext context = new LoggerContext();

    private final Logger log = context.getLogger("mail");

    private final Pipe pipe = new Pipe();

    private QueuedAppender appender;

    @BeforeEach
    void open() {
        context.setMDCAdapter(MDC.getMDCAdapter());
        pipe.setContext(context);
        pipe.start();
        appender = new QueuedAppender(pipe, CAPACITY, () -> pipe.full);
        appender.start();
        log.addAppender(appender);
    }

    @AfterEach
    void close() {
        pipe.read.countDown();
        context.stop();
    }

    @Test
    void letsNobodyWaitAndSaysHowManyLinesWereLost() {
        long before = QueuedAppender.lost();
        log.info("line 0");
        await().until(() -> pipe.writing);

        for (int i = 1; i <= CAPACITY + 7; i++) {
            log.info("line {}", i);
        }

        assertThat(QueuedAppender.lost() - before).isEqualTo(7);
        pipe.read.countDown();
        assertThat(appender.flush(Duration.ofMinutes(1))).isTrue();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i <= CAPACITY; i++) {
            expected.add("line " + i);
        }
        expected.add("7 log lines were lost because nobody took them");
        assertThat(pipe.lines).containsExactlyElementsOf(expected);
    }

    @Test
    void countsWhatAFullDiskHasNotTaken() {
        long before = QueuedAppender.lost();
        pipe.read.countDown();
        pipe.full = true;
        for (int i = 0; i < 3; i++) {
            log.info("nowhere");
            assertThat(appender.flush(Duration.ofMinutes(1))).isTrue();
        }
        pipe.full = false;
        log.info("written");

        assertThat(appender.flush(Duration.ofMinutes(1))).isTrue();
        assertThat(QueuedAppender.lost() - before).isEqualTo(3);
        assertThat(pipe.lines).endsWith("written", "3 log lines were lost because nobody took them");
    }

    @Test
    void keepsWhatALineHadWhenItWasLogged() {
        StringBuilder text = new StringBuilder("first");
        MDC.put("id", "1");
        log.atInfo().addKeyValue("key", "value").log("{}", text);
        MDC.clear();
        text.append(" and last");

        pipe.read.countDown();

        assertThat(appender.flush(Duration.ofMinutes(1))).isTrue();
        assertThat(pipe.lines).containsExactly("first");
        assertThat(pipe.events.get(0).getKeyValuePairs()).hasSize(1);
        assertThat(pipe.events.get(0).getMDCPropertyMap()).containsEntry("id", "1");
    }

    @Test
    void aStopDoesNotWaitForAReaderThatNeverReads() {
        log.info("line");
        await().until(() -> pipe.writing);

        appender.stop();

        assertThat(pipe.isStarted()).isTrue();
    }

    @Test
    void aStopWritesWhatWaits() {
        pipe.read.countDown();
        log.info("line 1");
        log.info("line 2");

        appender.stop();

        assertThat(pipe.lines).containsExactly("line 1", "line 2");
        assertThat(pipe.isStarted()).isFalse();
    }

    /** Takes nothing until somebody reads. */
    private static final class Pipe extends AppenderBase<ILoggingEvent> {

        private final CountDownLatch read = new CountDownLatch(1);

        private final List<String> lines = new CopyOnWriteArrayList<>();

        private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();

        private volatile boolean full;

        private volatile boolean writing;

        @Override
        protected void append(ILoggingEvent event) {
            writing = true;
            try {
                read.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            lines.add(event.getFormattedMessage());
            events.add(event);
        }
    }
}
