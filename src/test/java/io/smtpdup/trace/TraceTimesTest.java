package io.smtpdup.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Times as people write them, at noon in Berlin. */
class TraceTimesTest {

    private final TraceTimes times = new TraceTimes(ZoneId.of("Europe/Berlin"), Instant.parse("2026-03-01T11:00:00Z"));

    @ParameterizedTest
    @CsvSource({
        "10:32, 2026-03-01T09:32:00Z",
        "13:32, 2026-02-28T12:32:00Z",
        "10:32:05, 2026-03-01T09:32:05Z",
        "2026-02-27, 2026-02-26T23:00:00Z",
        "2026-02-27 10:32, 2026-02-27T09:32:00Z",
        "2026-02-27T10:32:05.123, 2026-02-27T09:32:05.123Z",
        "'2026-02-27 10:32:05,123', 2026-02-27T09:32:05.123Z",
        "2026-02-27T10:32:05.123+01:00, 2026-02-27T09:32:05.123Z",
        "2026-02-27 10:32:05+0100, 2026-02-27T09:32:05Z",
        "2026-02-27T09:32:05Z, 2026-02-27T09:32:05Z",
        "2h, 2026-03-01T09:00:00Z",
        "90s, 2026-03-01T10:58:30Z",
        "5d, 2026-02-24T11:00:00Z"
    })
    void readsATime(String text, Instant time) {
        assertThat(times.time(text)).isEqualTo(time);
    }

    @ParameterizedTest
    @ValueSource(strings = {"noon", "25:00", "2026-02-30", "10.32", "2 hours", "-2h", "2026-02-27T", "9999999999d"})
    void refusesWhatIsNoTime(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> times.time(text)).withMessageContaining(text).withMessageContaining("10:32");
    }

    @ParameterizedTest
    @CsvSource({"90s, PT90S", "10m, PT10M", "2h, PT2H", "5d, PT120H"})
    void readsHowLong(String text, Duration span) {
        assertThat(TraceTimes.span(text)).isEqualTo(span);
    }
}
