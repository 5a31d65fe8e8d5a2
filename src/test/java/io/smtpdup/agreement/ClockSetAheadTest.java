package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody, or a time server, sets the machine's clock, while the time that really passes goes on. */
class ClockSetAheadTest extends AgreementFixture {

    /** The time that really passes. */
    private volatile Instant passed = Samples.NOON;

    @Override
    Clock steady() {
        return ((InstantSource) () -> passed).withZone(ZoneOffset.UTC);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 31, 400})
    void forgetsNothingBecauseOfIt(int days) throws IOException {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.refused("m1", "a@b.example", now));
        agreement.mark("an epoch", Map.of());
        agreement.record(Samples.refused("m2", "a@b.example", now));
        Report before = agreement.report(Map.of());

        now = passed.plus(Duration.ofDays(days));
        agreement.record(Samples.agreed("m3", "b@b.example", now));
        await().untilAsserted(() -> assertThat(lines).filteredOn(line -> line.contains("set ahead by " + days + " days")).hasSize(1));
        agreement.flush();
        now = passed;

        Report.Backup after = only(agreement);
        assertThat(after.since()).isEqualTo(before.backups().get(0).since());
        assertThat(after.differences()).containsAll(before.backups().get(0).differences());
        assertThat(after.relations()).containsEntry("refused", 1L);
        assertThat(after.evidence().disagreed()).isEqualTo(1);
        assertThat(agreement.earlier()).hasSize(1);
    }

    @Test
    void forgetsByTheTimeThatPassesMeanwhile() {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.refused("m1", "a@b.example", now));
        agreement.flush();
        Path rows = directory.resolve("agreement/recipients-of-" + Samples.BACKUP);
        assertThat(rows).exists();

        now = passed.plus(Duration.ofDays(3));
        passed = passed.plus(Duration.ofDays(31));
        now = passed.plus(Duration.ofDays(3));

        await().untilAsserted(() -> assertThat(rows).doesNotExist());
    }

    /** As on a machine that does not know the time when it starts. */
    @Test
    void believesTheMachineWhereTheProcessBeganWithAWrongClock() {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.refused("m1", "a@b.example", now));
        agreement.close();
        passed = Instant.EPOCH;

        agreement = open(Addresses.HASHED);
        agreement.record(Samples.agreed("m2", "a@b.example", now));

        assertThat(only(agreement).relations()).containsEntry("agreed", 1L).containsEntry("refused", 1L).containsEntry("incomparable", 0L);
    }
}
