package io.smtpdup.page;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import io.smtpdup.page.Traffic.What;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TrafficTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final Traffic traffic = new Traffic();

    @Test
    void keepsWhatHappenedByTheMinuteAndByTenMinutes() {
        sample(Duration.ZERO, 3);
        sample(Duration.ofMinutes(1), 5);
        sample(Duration.ofMinutes(12), 6);

        Traffic.Past past = traffic.of("a:25", What.DELIVERED, NOON.plus(Duration.ofMinutes(12)));

        assertThat(past.hour()).hasSize(60).endsWith(3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
        assertThat(past.day()).hasSize(144).endsWith(0, 5, 1);
        assertThat(past.lastHour()).isEqualTo(6);
        assertThat(past.lastMinutes(5)).isEqualTo(1);
    }

    @Test
    void forgetsWhatIsOlder() {
        sample(Duration.ZERO, 3);

        assertThat(traffic.of("a:25", What.DELIVERED, NOON.plus(Duration.ofMinutes(59))).lastHour()).isEqualTo(3);
        assertThat(traffic.of("a:25", What.DELIVERED, NOON.plus(Duration.ofMinutes(60))).lastHour()).isZero();
        assertThat(traffic.of("a:25", What.DELIVERED, NOON.plus(Duration.ofMinutes(60))).lastDay()).isEqualTo(3);
        assertThat(traffic.of("a:25", What.DELIVERED, NOON.plus(Duration.ofDays(3))).lastDay()).isZero();
    }

    @Test
    void countsOnWhenACounterBeginsAnewOrAClockIsSetBack() {
        sample(Duration.ofMinutes(5), 100);
        sample(Duration.ofMinutes(6), 2);
        sample(Duration.ofMinutes(1), 3);

        assertThat(traffic.of("a:25", What.DELIVERED, NOON.plus(Duration.ofMinutes(6))).lastHour()).isEqualTo(103);
    }

    @Test
    void takesNoMoreRoomHoweverManyServersThereAre() {
        for (int i = 0; i < 10_000; i++) {
            traffic.sample(NOON, Map.of("server" + i + ":25", Map.of(What.DELIVERED, 1L)));
        }

        assertThat(traffic.of("server0:25", What.DELIVERED, NOON).lastHour()).isEqualTo(1);
        assertThat(traffic.of("server9999:25", What.DELIVERED, NOON).lastHour()).isZero();
    }

    @Test
    void drawsOneStrokeForEachNumber() {
        Plot plot = Plot.of("accepted", "Accepted", "a minute", new long[] {0, 1, 1000});

        assertThat(plot.bars()).isEqualTo("M6 40v-1M10 40v-39");
        assertThat(plot.title()).isEqualTo("Accepted: 1,001, at most 1,000 a minute");
        assertThat(Plot.of("accepted", "Accepted", "a minute", new long[3]).bars()).isEmpty();
    }

    private void sample(Duration after, long total) {
        traffic.sample(NOON.plus(after), Map.of("a:25", Map.of(What.DELIVERED, total)));
    }
}
