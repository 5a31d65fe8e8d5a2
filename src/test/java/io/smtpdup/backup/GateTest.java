package io.smtpdup.backup;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import io.smtpdup.backup.Gate.State;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.spool.CopyConstants;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class GateTest {

    private static final Gate.Policy PATIENT =
            new Gate.Policy(0, Duration.ofHours(1), Duration.ofHours(2), Duration.ofDays(5));

    private static final Gate.Policy QUICK =
            new Gate.Policy(0, Duration.ofMillis(10), Duration.ofMillis(40), Duration.ofDays(5));

    /** Moved by the tests that are about long times. */
    private volatile Instant now;

    private final InstantSource time = () -> now == null ? Instant.now() : now;

    private final Gate gate = new Gate("mail-25", "mail:25", PATIENT, time.withZone(ZoneOffset.UTC));

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void endThreads() {
        gate.close();
        threads.shutdownNow();
    }

    @Test
    void letsCopiesThroughWhileTheBackupAnswers() throws Exception {
        Held copy = copy("A");

        assertThat(gate.enter(copy)).isTrue();

        assertThat(gate.state()).isEqualTo(State.ACTIVE);
        assertThat(gate.snapshot().held()).containsExactly(copy);
        gate.leaveAnswered(copy);
        assertThat(gate.snapshot().held()).isEmpty();
    }

    @Test
    void letsOneAtATimeTryABackupThatIsAway() throws Exception {
        gate.treat(QUICK);
        goAway();

        List<CompletableFuture<Held>> waiting = List.of(enter("A"), enter("B"), enter("C"));

        Held prober = (Held) CompletableFuture.anyOf(waiting.toArray(CompletableFuture[]::new)).get();
        assertThat(waiting).filteredOn(CompletableFuture::isDone).hasSize(1);
        assertThat(gate.snapshot().held()).filteredOn(Held::isTrying).containsExactly(prober);
        gate.leaveAway(prober, "still away", true, false);
        await().until(() -> waiting.stream().filter(CompletableFuture::isDone).count() == 2);
    }

    @Test
    void letsAllThroughOnceTheProbeIsAnswered() throws Exception {
        gate.treat(QUICK);
        goAway();
        List<CompletableFuture<Held>> waiting = List.of(enter("A"), enter("B"), enter("C"));

        Held prober = (Held) CompletableFuture.anyOf(waiting.toArray(CompletableFuture[]::new)).get();
        gate.leaveAnswered(prober);

        CompletableFuture.allOf(waiting.toArray(CompletableFuture[]::new)).get();
        assertThat(gate.state()).isEqualTo(State.ACTIVE);
        assertThat(gate.snapshot().lastError()).isEqualTo("connection refused");
    }

    @Test
    void doublesThePauseBetweenProbesUpToTheLongest() throws Exception {
        now = Instant.now();
        Gate.Policy policy = new Gate.Policy(0, Duration.ofHours(1), Duration.ofHours(3), Duration.ofDays(5));
        gate.treat(policy);
        goAway();

        failProbe(Duration.ofHours(1));
        failProbe(Duration.ofHours(2));
        failProbe(Duration.ofHours(3));
        failProbe(Duration.ofHours(3));
    }

    @Test
    void countsFailuresThatWereUnderWayAsOne() throws Exception {
        Held first = entered("A");
        Held second = entered("B");

        gate.leaveAway(first, "gone", true, false);
        Instant probe = gate.snapshot().nextProbe();
        gate.leaveAway(second, "gone too", true, false);

        assertThat(gate.snapshot().nextProbe()).isEqualTo(probe);
        assertThat(gate.snapshot().lastError()).isEqualTo("gone too");
    }

    @Test
    void letsNoCopyThroughWhileOthersStillSendThem() throws Exception {
        AtomicReference<Taking> taking = new AtomicReference<>(Taking.NOT_YET);
        Held copy = copy("A");
        CompletableFuture<Boolean> turn = turn(copy, taking::get);
        await().until(() -> gate.snapshot().held().size() == 1);
        gate.look();
        entered("B");
        assertThat(copy.isTrying()).isFalse();

        taking.set(Taking.ON);
        gate.look();

        assertThat(turn.get()).isTrue();
    }

    @Test
    void sendsCopiesOfThoseWhoEndBackToTheirQueue() {
        AtomicReference<Taking> taking = new AtomicReference<>(Taking.NOT_YET);
        CompletableFuture<Boolean> turn = turn(copy("A"), taking::get);
        await().until(() -> gate.snapshot().held().size() == 1);

        taking.set(Taking.ENDED);
        gate.look();

        assertThatThrownBy(turn::get).hasRootCauseInstanceOf(BackToQueueException.class);
        assertThat(gate.snapshot().held()).isEmpty();
    }

    private CompletableFuture<Boolean> turn(Held copy, Supplier<Taking> taking) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return gate.enter(copy, taking);
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        }, threads);
    }

    @Test
    void probesAtOnceWhenAsked() throws Exception {
        goAway();
        CompletableFuture<Held> waiting = enter("A");
        await().until(() -> gate.snapshot().held().size() == 1);
        assertThat(waiting).isNotDone();

        gate.retryNow();

        assertThat(waiting.get().id()).isEqualTo("A");
    }

    /** A backup that takes connections and says nothing holds a copy for minutes. */
    @Test
    void probesWithAnotherCopyWhenAskedWhileOneHangs() throws Exception {
        goAway();
        gate.retryNow();
        Held hanging = enter("A").get();
        CompletableFuture<Held> waiting = enter("B");
        await().until(() -> gate.snapshot().held().size() == 2);

        gate.retryNow();

        Held second = waiting.get();
        assertThat(second.id()).isEqualTo("B");
        gate.leaveAnswered(second);
        assertThat(gate.state()).isEqualTo(State.ACTIVE);
        gate.leaveAway(hanging, "silent", true, false);
        assertThat(gate.snapshot().held()).isEmpty();
    }

    /** Where they can be moved and deleted; the queue gives out none. */
    @Test
    void asksAgainInTheNextAbsenceThoughACopyOfTheLastOneHangs() throws Exception {
        gate.treat(QUICK);
        Held onItsWay = copy("A");
        gate.enter(onItsWay);
        goAway();
        enter("hangs").get();
        gate.leaveAnswered(onItsWay);
        goAway();

        assertThat(enter("B").get().id()).isEqualTo("B");
    }

    @Test
    void sendsBackWhoWaitsWhenTheQueueIsPaused() throws Exception {
        goAway();
        CompletableFuture<Held> waiting = enter("A");
        await().until(() -> gate.snapshot().held().size() == 1);

        gate.queueIsPaused(true);

        assertThatThrownBy(waiting::get).hasCauseInstanceOf(BackToQueueException.class);
        assertThat(gate.snapshot().held()).isEmpty();
        assertThat(gate.state()).isEqualTo(State.PAUSED);
        CompletableFuture<Held> late = enter("B");
        await().until(() -> gate.snapshot().held().size() == 1);
        gate.queueIsPaused(true);
        assertThatThrownBy(late::get).hasCauseInstanceOf(BackToQueueException.class);

        gate.queueIsPaused(false);

        assertThat(gate.state()).isEqualTo(State.AWAY);
    }

    /** What is seen of a queue may be a second old. */
    @Test
    void stopsNoCopyThatAQueueHasGivenOut() throws Exception {
        gate.queueIsPaused(true);

        assertThat(entered("A").isTrying()).isTrue();
    }

    @Test
    void tellsACopyThatGotTooOldWhileItsBackupWasAway() throws Exception {
        goAway();
        gate.treat(new Gate.Policy(0, Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(1)));

        assertThat(gate.enter(copy("A", Instant.now().minus(Duration.ofHours(2))))).isFalse();
    }

    @Test
    void triesAnOldCopyOfABackupThatAnswers() throws Exception {
        gate.treat(new Gate.Policy(0, Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(1)));

        assertThat(gate.enter(copy("A", Instant.now().minus(Duration.ofHours(2))))).isTrue();
    }

    @Test
    void takesNoTimeToComeForTheAgeOfACopy() {
        Instant now = Instant.now();

        Held copy = copy("A", now.plus(Duration.ofDays(2)));

        assertThat(copy.acceptedAt()).isBetween(now, Instant.now());
    }

    @Test
    void takesAnAgeBeyondAllSenseForNone() {
        Instant now = Instant.now();
        Duration retryFor = Duration.ofDays(5);

        assertThat(List.of(Duration.ofDays(400), Duration.ofDays(20_000), Duration.ofDays(-2))).allSatisfy(age ->
                assertThat(minded(now.minus(age), retryFor, now)).isEqualTo(now.toEpochMilli()));
        assertThat(List.of(Duration.ZERO, Duration.ofDays(6), Duration.ofDays(60))).allSatisfy(age ->
                assertThat(minded(now.minus(age), retryFor, now)).isEqualTo(now.minus(age).toEpochMilli()));
    }

    private static long minded(Instant acceptedAt, Duration retryFor, Instant now) {
        Message mail = mail("A", acceptedAt);
        Held.mindAge(mail, retryFor, now);
        return mail.getHeader(CopyConstants.ACCEPTED_AT, Long.class);
    }

    @Test
    void sendsWhoWaitsAwayWhenTheRelayStops() throws Exception {
        goAway();
        CompletableFuture<Held> waiting = enter("A");
        await().until(() -> gate.snapshot().held().size() == 1);

        gate.close();

        assertThatThrownBy(waiting::get).hasCauseInstanceOf(BackToQueueException.class);
        assertThat(gate.snapshot().held()).isEmpty();
    }

    @Test
    void keepsToTheRate() throws Exception {
        gate.treat(new Gate.Policy(3000, Duration.ofHours(1), Duration.ofHours(1), Duration.ofDays(5)));
        Instant begin = Instant.now();

        // one second's worth may come at once
        for (int i = 0; i < 75; i++) {
            gate.leaveAnswered(entered("m" + i));
        }

        assertThat(Duration.between(begin, Instant.now())).isGreaterThan(Duration.ofMillis(400));
    }

    @Test
    void suspectsACopyThatTheServerStumblesOverAgainAndAgain() {
        Held a = copy("A");
        Held b = copy("B");
        gate.leaveAway(a, "hung up", true, true);
        gate.leaveAway(b, "hung up", true, true);
        assertThat(gate.isStumblingOver(a)).isFalse();
        gate.leaveAway(a, "hung up", true, true);
        gate.leaveAnswered(copy("C"));

        assertThat(gate.isStumblingOver(a)).isTrue();
        assertThat(gate.isStumblingOver(a)).as("asked again").isTrue();
        assertThat(gate.isStumblingOver(b)).isFalse();

        gate.leaveAway(a, "hung up", false, true);
        assertThat(gate.isStumblingOver(a)).as("others had their turn").isFalse();
    }

    @Test
    void suspectsNoCopyThatTheServerHasNotTakenUp() {
        Held copy = copy("A");
        for (int i = 0; i < 5; i++) {
            gate.leaveAway(copy, "connection refused", true, false);
        }

        assertThat(gate.isStumblingOver(copy)).isFalse();
    }

    private void goAway() throws Exception {
        gate.leaveAway(entered("first"), "connection refused", true, false);
        assertThat(gate.state()).isEqualTo(State.AWAY);
    }

    private void failProbe(Duration pause) throws Exception {
        assertThat(gate.snapshot().nextProbe()).isEqualTo(now.plus(pause));
        now = now.plus(pause);
        gate.leaveAway(entered("probe"), "still away", true, false);
    }

    private CompletableFuture<Held> enter(String id) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return entered(id);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }, threads);
    }

    private Held entered(String id) throws InterruptedException {
        Held copy = copy(id);
        assertThat(gate.enter(copy)).isTrue();
        return copy;
    }

    private static Held copy(String id) {
        return copy(id, Instant.now());
    }

    private static Held copy(String id, Instant acceptedAt) {
        return new Held(mail(id, acceptedAt), Instant.now());
    }

    private static Message mail(String id, Instant acceptedAt) {
        Message mail = new DefaultMessage(new DefaultCamelContext());
        mail.setHeader(SmtpServerConstants.ID, id);
        mail.setHeader(SmtpServerConstants.REVERSE_PATH, "a@b.example");
        mail.setHeader(SmtpServerConstants.RECIPIENTS, List.of("c@d.example"));
        mail.setHeader(CopyConstants.ACCEPTED_AT, acceptedAt.toEpochMilli());
        return mail;
    }
}
