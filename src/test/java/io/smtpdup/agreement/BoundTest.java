package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoundTest {

    @ParameterizedTest
    @CsvSource({"0, 3.0", "1, 4.74", "2, 6.30", "3, 7.75"})
    void isTheRuleOfThreeAndItsKin(long failures, double numerator) {
        assertThat(Bound.upper(failures, 1_000_000) * 1_000_000).isCloseTo(numerator, within(0.01));
    }

    @ParameterizedTest
    @CsvSource({"300, 0.01", "3000, 0.001", "10000000, 0.0000003"})
    void fallsWithTheNumberOfTrials(long trials, double bound) {
        assertThat(Bound.upper(0, trials)).isCloseTo(bound, within(bound / 100));
    }

    /** With no failure the exact bound is 1 - 0.05^(1/n); the others are from tables of the binomial distribution. */
    @ParameterizedTest
    @CsvSource({"0, 10, 0.25887", "1, 10, 0.39416", "5, 10, 0.77756", "9, 10, 0.99488", "50, 100, 0.58638", "10, 20, 0.69805"})
    void isExactForFewTrials(long failures, long trials, double bound) {
        assertThat(Bound.upper(failures, trials)).isCloseTo(bound, within(0.0001));
    }

    @Test
    void isOneWhereNothingIsKnown() {
        assertThat(Bound.upper(0, 0)).isEqualTo(1);
        assertThat(Bound.upper(5, 5)).isEqualTo(1);
    }
}
