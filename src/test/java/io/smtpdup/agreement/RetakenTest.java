package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

import org.junit.jupiter.api.Test;

/** A mail that is compared again takes the place of what was found before, and of nothing else. */
class RetakenTest extends AgreementFixture {

    @Test
    void leavesTheDisagreementOfAnotherMailOfThatRecipientAndDay() {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.refused("m1", "a@b.example", now));
        agreement.record(Samples.refused("m2", "a@b.example", now));

        agreement.record(Samples.agreed("m1", "a@b.example", now));
        assertThat(only(agreement).evidence().disagreed()).as("m2 still is").isEqualTo(1);

        agreement.close();
        agreement = open(Addresses.HASHED);
        agreement.record(Samples.refused("m3", "a@b.example", now));
        agreement.record(Samples.agreed("m2", "a@b.example", now));
        assertThat(only(agreement).evidence().disagreed()).as("m3 is, after a restart").isEqualTo(1);

        agreement.record(Samples.agreed("m3", "a@b.example", now));
        assertThat(only(agreement).evidence().disagreed()).as("none is").isZero();
        assertThat(only(agreement).evidence().units()).isEqualTo(1);
    }

    @Test
    void isFoundAgainBehindManyThatHealed() {
        assertIsFoundBehind("healed", i -> Samples.at(now, "h" + i, "a@b.example", Samples.TOOK, Fate.TAKEN, Samples.TOOK,
                Samples.said(Stage.RCPT, "451 4.7.1 Greylisted")));
    }

    @Test
    void isFoundAgainBehindManyThatTheRoutesLeftOut() {
        assertIsFoundBehind("incomparable",
                i -> Samples.at(now, "l" + i, "a@b.example", Samples.TOOK, Fate.LEFT_OUT, null, null));
    }

    private void assertIsFoundBehind(String relation, IntFunction<Comparison> other) {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.refused("m1", "a@b.example", now));
        agreement.record(Samples.at(now, "m2", "b@b.example", Samples.TOOK, Fate.DISCARDED, null, null));
        List<Comparison> many = new ArrayList<>();
        for (int i = 0; i < Recents.OTHERS + 1; i++) {
            many.add(other.apply(i));
            if (many.size() == 5_000) {
                agreement.record(many);
                agreement.flush();
                many = new ArrayList<>();
            }
        }
        agreement.record(many);
        agreement.close();
        agreement = open(Addresses.HASHED);

        agreement.record(Samples.agreed("m1", "a@b.example", now));
        agreement.record(Samples.agreed("m2", "b@b.example", now));

        assertThat(only(agreement).relations()).containsEntry("refused", 0L).containsEntry("agreed", 2L)
                .containsEntry(relation, Recents.OTHERS + 1L);
    }

    @Test
    void isNoExampleAnyMoreOfWhatItWas() {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.refused("m1", "a@b.example", now));
        agreement.record(Samples.refused("m2", "a@b.example", now));
        now = now.plus(Duration.ofDays(1));

        agreement.record(Samples.agreed("m1", "a@b.example", now));

        assertThat(only(agreement).differences()).singleElement().satisfies(one -> {
            assertThat(one.count()).isEqualTo(1);
            assertThat(one.examples()).extracting(Report.Example::id).containsExactly("m2");
        });
    }
}
