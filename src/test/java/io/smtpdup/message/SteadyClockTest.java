package io.smtpdup.message;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Somebody sets the machine's clock, and our time goes on as if nobody had. */
class SteadyClockTest {

    private static final Instant START = Instant.parse("2026-03-29T00:59:59Z");

    private final AtomicLong nanos = new AtomicLong(-7);

    private Clock wall = Clock.fixed(START, ZoneOffset.UTC);

    private final SteadyClock clock = new SteadyClock(new Clock() {

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return wall.instant();
        }
    }, nanos::get);

    @Test
    void goesOnAsTimePassesHoweverTheMachinesClockIsSet() {
        pass(Duration.ofHours(1));
        set(Duration.ofDays(2));
        assertThat(clock.instant()).isEqualTo(START.plus(Duration.ofHours(1)));
        assertThat(clock.step()).isEqualTo(Duration.ofDays(2));

        set(Duration.ofDays(-402));
        pass(Duration.ofHours(1));

        assertThat(clock.instant()).isEqualTo(START.plus(Duration.ofHours(2)));
        assertThat(clock.step()).isEqualTo(Duration.ofDays(-400));
        assertThat(clock.toWall(clock.instant())).isEqualTo(wall.instant());
    }

    @Test
    void remembersAStepThatWasTakenBack() {
        set(Duration.ofDays(2));
        assertThat(clock.hasStepped()).isTrue();
        set(Duration.ofDays(-2));

        assertThat(clock.step()).isZero();
        assertThat(clock.hasStepped()).isTrue();
    }

    @Test
    void takesASmallDifferenceForNone() {
        set(Duration.ofMillis(1500));

        assertThat(clock.step()).isZero();
        assertThat(clock.hasStepped()).isFalse();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        set(time);
    }

    private void set(Duration by) {
        wall = Clock.offset(wall, by);
    }
}
