package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

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
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.refused("m1", "a@b.example", now));
        List<Comparison> healed = new ArrayList<>();
        for (int i = 0; i < Recents.OTHERS + 1; i++) {
            healed.add(Samples.at(now, "h" + i, "a@b.example", Samples.TOOK, Fate.TAKEN, Samples.TOOK,
                    Samples.said(Stage.RCPT, "451 4.7.1 Greylisted")));
            if (healed.size() == 5_000) {
                agreement.record(healed);
                agreement.flush();
                healed = new ArrayList<>();
            }
        }
        agreement.record(healed);

        agreement.record(Samples.agreed("m1", "a@b.example", now));

        assertThat(only(agreement).relations()).containsEntry("refused", 0L).containsEntry("agreed", 1L)
                .containsEntry("healed", Recents.OTHERS + 1L);
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
