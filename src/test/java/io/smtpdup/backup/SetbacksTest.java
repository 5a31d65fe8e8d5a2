package io.smtpdup.backup;

import java.time.Duration;
import java.time.Instant;

import io.smtpdup.backup.Setbacks.Setback;
import io.smtpdup.delivery.DeliveryException;
import io.smtpdup.delivery.Outcome;
import io.smtpdup.message.Reply;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What is remembered of copies that come back although their backup has spoken. */
class SetbacksTest {

    private static final Gate.Policy POLICY = new Gate.Policy(0, Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofDays(5));

    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    private static final DeliveryException REFUSED = new DeliveryException(
            Outcome.FAILED, Reply.of(550, "5.1.1", "no such user"), false, "refused", null);

    private static final DeliveryException PUT_OFF = new DeliveryException(
            Outcome.DEFERRED, Reply.of(450, "4.2.0", "later"), false, "put off", null);

    private final Setbacks setbacks = new Setbacks();

    @Test
    void pausesLongerWithEachFailureAndKeepsTheVerdict() {
        Setback first = setbacks.add("A", REFUSED, "no such component", POLICY, NOW);
        Setback second = setbacks.add("A", null, "still none", POLICY, NOW);
        Setback third = setbacks.add("A", null, "still none", POLICY, NOW);

        assertThat(first.due()).isEqualTo(NOW.plusSeconds(1));
        assertThat(second.due()).isEqualTo(NOW.plusSeconds(2));
        assertThat(third.due()).isEqualTo(NOW.plusSeconds(3));
        assertThat(third.verdict()).isSameAs(REFUSED);
        assertThat(setbacks.of("A", POLICY, NOW)).contains(third);
    }

    @Test
    void doesNotSendACopyAgainThatWasDelivered() {
        setbacks.end("A", null);

        assertThat(setbacks.isDelivered("A")).isTrue();
        assertThat(setbacks.isDelivered("B")).isFalse();
    }

    @Test
    void knowsWhatTheBackupSaidOfACopyThatTheBrokerDidNotKeep() {
        setbacks.end("A", REFUSED);

        assertThat(setbacks.of("A", POLICY, NOW)).hasValueSatisfying(setback -> {
            assertThat(setback.verdict()).isSameAs(REFUSED);
            assertThat(setback.due()).isEqualTo(NOW.plusSeconds(1));
            assertThat(setback.cause()).contains("the broker");
        });
    }

    @Test
    void waitsWithACopyThatWasOnlyPutOffAndAsksAgain() {
        setbacks.end("A", PUT_OFF);

        assertThat(setbacks.of("A", POLICY, NOW)).hasValueSatisfying(setback -> assertThat(setback.verdict()).isNull());
    }

    @Test
    void forgetsACopyThatIsWhereItBelongs() {
        setbacks.add("A", REFUSED, "no such component", POLICY, NOW);
        assertThat(setbacks.size()).isEqualTo(1);
        assertThat(setbacks.cause()).isEqualTo("no such component");

        setbacks.end("A", REFUSED);

        assertThat(setbacks.size()).isZero();
        assertThat(setbacks.cause()).isNull();
    }
}
