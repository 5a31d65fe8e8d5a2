package io.smtpdup.cutover;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import io.smtpdup.agreement.Circumstances;
import io.smtpdup.agreement.Report;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Whether to go back after a switch. */
class BakeTest {

    private static final Instant NOW = Instant.parse("2026-11-30T08:00:00Z");

    static Report.Backup report(String verdict, long compared, Report.Difference... differences) {
        return new Report.Backup("old-25", verdict, List.of(new Report.Reason("some-reason", "Because.", "Mend it.")), List.of(), null, null,
                compared, Map.of(), 0, new Report.Coverage(0, 0), new Report.Latency(new Report.Percentiles(0, 0, 0, 0),
                new Report.Percentiles(0, 0, 0, 0)), List.of(differences), null, null, new Report.Evidence(null, "", 0, 0, 0, 0, 0, 0, 0, 0,
                "hashed", Circumstances.NONE, "", "", ""));
    }

    private static Report.Difference difference(String relation, String category, long count) {
        return new Report.Difference(relation, category, "rcpt", "550 5.1.1 unknown", "250 2.1.5 Ok", count, "", "", List.of());
    }

    private static Bake.Advice advice(Report.Backup old) {
        return Bake.of(new Bake.Seen("new:25", null, null, old, true), NOW);
    }

    @Test
    void allIsWell() {
        assertThat(advice(report("inconclusive", 5))).isEqualTo(new Bake.Advice(Bake.Advised.NOTHING, List.of()));
    }

    @ParameterizedTest
    @CsvSource({"leaked,address,3,ROLLBACK", "leaked,mailbox,10,ROLLBACK", "leaked,address,2,LOOK", "leaked,content,500,LOOK",
        "refused,address,500,LOOK", "expired,system,1,LOOK", "different,address,9,NOTHING", "healed,greylist,9,NOTHING",
        "expected,address,9,NOTHING"})
    void goesBackForWhatTheNewOneAloneRefuses(String relation, String category, long count, Bake.Advised advised) {
        Bake.Advice advice = advice(report("not-ready", 5, difference(relation, category, count)));

        assertThat(advice.advised()).isEqualTo(advised);
        assertThat(advice.reasons()).hasSize(advised == Bake.Advised.NOTHING ? 0 : 1);
    }

    @Test
    void goesBackWhenTheNewOneIsAwayForLongerThanAMoment() {
        assertThat(Bake.of(new Bake.Seen("new:25", NOW.minusSeconds(59), null, report("ready", 5), true), NOW).advised())
                .isEqualTo(Bake.Advised.LOOK);
        assertThat(Bake.of(new Bake.Seen("new:25", NOW.minusSeconds(60), null, report("ready", 5), true), NOW).advised())
                .isEqualTo(Bake.Advised.ROLLBACK);
    }

    @Test
    void goesBackWhenTheNewOneTakesNothingForMinutes() {
        assertThat(Bake.of(new Bake.Seen("new:25", null, NOW.minusSeconds(299), report("ready", 5), true), NOW).advised())
                .isEqualTo(Bake.Advised.LOOK);
        assertThat(Bake.of(new Bake.Seen("new:25", null, NOW.minusSeconds(300), report("ready", 5), true), NOW).advised())
                .isEqualTo(Bake.Advised.ROLLBACK);
    }

    @Test
    void saysWhatItDoesNotKnow() {
        assertThat(Bake.of(new Bake.Seen("new:25", null, null, null, false), NOW)).satisfies(advice -> {
            assertThat(advice.advised()).isEqualTo(Bake.Advised.LOOK);
            assertThat(advice.reasons()).hasSize(2).anyMatch(reason -> reason.startsWith("nothing was compared"))
                    .anyMatch(reason -> reason.contains("relay.backup_check_refused"));
        });
    }
}
