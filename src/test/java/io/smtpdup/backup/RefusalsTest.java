package io.smtpdup.backup;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smtpdup.config.Destination;
import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Origin;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import io.smtpdup.net.TlsMode;
import io.smtpdup.server.Refusal;
import io.smtpdup.spool.QueueState;
import io.smtpdup.spool.Spool;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What becomes of recipients that were refused: few questions on disk, however many there are, and nobody waits. */
class RefusalsTest {

    private static final Destination BACKUP = Destination.parse("new.example:25", TlsMode.OFF);

    private static final String QUEUE = "question." + BACKUP.name();

    private static final int MOST = 40;

    @TempDir
    private Path directory;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private final QuestionCounts counts = new QuestionCounts(List.of(BACKUP));

    private final DefaultCamelContext context = new DefaultCamelContext();

    private Spool spool;

    private Refusals refusals;

    @BeforeEach
    void start() throws Exception {
        spool = new Spool(directory);
        spool.start(List.of(QUEUE));
        context.addComponent("spool", spool.component());
        context.start();
        counts.bindTo(meters, name -> 0);
        refusals = new Refusals(List.of(BACKUP), spool, refusal -> refusal.reply().code() == 550,
                new Verdicts(comparisons -> { }, Clock.systemUTC()), counts, MOST, Duration.ofDays(1));
        refusals.start(context);
        await().until(() -> waiting() == 0);
    }

    @AfterEach
    void stop() {
        refusals.close();
        context.stop();
        spool.stop();
    }

    @Test
    void aMillionGuessesLeaveAHandfulOfQuestions() {
        for (int i = 0; i < 1_000_000; i++) {
            refusals.refused(refusal("guess" + i + "@d.example", 550));
        }

        await().until(() -> counted("dropped") + waiting() == 1_000_000);
        assertThat(waiting()).isBetween(1L, MOST / 2L);
    }

    @Test
    void whatIsRefusedAgainFindsRoomBesideTheGuesses() {
        AtomicInteger guesses = new AtomicInteger();
        await().until(() -> {
            refusals.refused(refusal("guess" + guesses.incrementAndGet() + "@d.example", 550));
            return waiting() == MOST / 2;
        });
        await().until(() -> counted("dropped") + waiting() == guesses.get());

        await().until(() -> {
            refusals.refused(refusal("former@d.example", 550));
            return waiting() > MOST / 2;
        });

        refusals.refused(refusal("former@d.example", 550));
        await().until(() -> counted("repeated") > 0);
        assertThat(waiting()).isEqualTo(MOST / 2 + 1);
    }

    @Test
    void nothingIsAskedTwiceNorForAnotherReason() {
        refusals.refused(refusal("gone@d.example", 550));
        refusals.refused(refusal("Gone@D.example", 550));
        refusals.refused(refusal("other@d.example", 554));

        await().until(() -> counted("repeated") == 1 && counted("unfit") == 1);
        await().until(() -> waiting() == 1);
    }

    @Test
    void whatHasComeIsInTheQueueWhenItCloses() {
        IntStream.range(0, 10).forEach(i -> refusals.refused(refusal("guess" + i + "@d.example", 550)));

        refusals.close();
        refusals.refused(refusal("late@d.example", 550));

        await().until(() -> waiting() == 10);
    }

    @Test
    void whatIsNotStoredWhenItClosesIsCounted() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Refusals slow = new Refusals(List.of(BACKUP), spool, refusal -> {
            begun.countDown();
            awaitWhateverComes(closed);
            return false;
        }, new Verdicts(comparisons -> { }, Clock.systemUTC()), counts, MOST, Duration.ofMillis(1));
        slow.start(context);
        IntStream.range(0, 10).forEach(i -> slow.refused(refusal("guess" + i + "@d.example", 550)));
        awaitWhateverComes(begun);

        slow.close();

        assertThat(counted("dropped")).isEqualTo(9);
        closed.countDown();
        await().until(() -> counted("unfit") == 1);
    }

    private static void awaitWhateverComes(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                LoggerFactory.getLogger(RefusalsTest.class).debug("goes on waiting");
            }
        }
    }

    @Test
    void forgetsTheOldestOfManyAddresses() {
        AskedLately lately = new AskedLately(Duration.ofHours(1));
        Instant now = Instant.EPOCH;
        lately.asked("one@d.example", now);

        assertThat(lately.knows("ONE@d.example", now.plusSeconds(3599))).isTrue();
        assertThat(lately.knows("one@d.example", now.plusSeconds(3600))).isFalse();
        IntStream.range(0, 100_000).forEach(i -> lately.asked("guess" + i + "@d.example", now));
        assertThat(lately.knows("one@d.example", now)).isFalse();
        assertThat(lately.size()).isEqualTo(20_000);
    }

    private long waiting() {
        return spool.queue(QUEUE).map(QueueState::messages).orElse(-1L);
    }

    private long counted(String outcome) {
        return (long) meters.get("smtpdup.questions").tag("outcome", outcome).functionCounter().count();
    }

    private static Refusal refusal(String recipient, int code) {
        ClientIdentity client = new ClientIdentity(new InetSocketAddress("127.0.0.1", 4711), null, "client.example", "ESMTP");
        return new Refusal("ID", new Envelope("a@b.example", null, false, null, null, List.of(new Recipient(recipient)),
                new Origin(client, null, null, null)), Reply.of(code, "5.1.1", "No"), "old.example");
    }
}
