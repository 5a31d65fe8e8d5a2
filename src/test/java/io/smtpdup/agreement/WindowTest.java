package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Since when, until when and on how many days something was compared, and whose verdict counts. */
class WindowTest extends AgreementFixture {

    private static final String OLD = "old.example-25";

    /** One mail long ago, and then two days of plenty: a week that never was. */
    @ParameterizedTest
    @ValueSource(ints = {8, 29, 31, 40})
    void isNoWeekBecauseOfOneMailLongAgo(int daysAgo) {
        Agreement agreement = open(Addresses.HASHED);
        Instant today = now;
        now = today.minus(Duration.ofDays(daysAgo));
        agreement.record(Samples.agreed("test", "user0@b.example", now));
        agreement.flush();
        for (int hour = 0; hour < 48; hour++) {
            now = today.plus(Duration.ofHours(hour));
            traffic(agreement, Samples.BACKUP, now);
        }

        Report.Backup backup = restarted(agreement);

        assertThat(backup.bound()).as("enough traffic").isLessThan(0.01);
        assertThat(backup.verdict()).isEqualTo("inconclusive");
        assertThat(backup.evidence().days()).isLessThanOrEqualTo(4);
        assertThat(backup.reasons()).extracting(Report.Reason::code).contains("days");
        if (daysAgo > 30) {
            assertThat(backup.since()).as("nothing older counts").isBetween(ReportTimes.text(today.toEpochMilli()),
                    ReportTimes.text(today.plus(Duration.ofHours(1)).toEpochMilli()));
            assertThat(backup.reasons()).extracting(Report.Reason::code).contains("window");
        }
    }

    @Test
    void saysWhenAKindWasSeenFirstOfWhatStillCounts() {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.refused("m1", "a@b.example", now));
        agreement.flush();
        Instant later = now.plus(Duration.ofDays(10));
        now = later;
        agreement.record(Samples.refused("m2", "a@b.example", now));
        agreement.flush();
        now = Samples.NOON.plus(Duration.ofDays(32));

        Report.Backup backup = restarted(agreement);

        assertThat(backup.differences()).singleElement().satisfies(one -> {
            assertThat(one.first()).isEqualTo(ReportTimes.text(later.toEpochMilli()));
            assertThat(one.last()).isEqualTo(ReportTimes.text(later.toEpochMilli()));
        });
    }

    @Test
    void givesNoVoteToABackupThatIsNoneAnyMore() throws Exception {
        Agreement agreement = open(Addresses.HASHED);
        weekOfTraffic(agreement);
        agreement.record(of(OLD, Samples.refused("m", "user1@b.example", now)));

        assertThat(agreement.report(Map.of()).verdict()).as("nobody says which there are").isEqualTo("not-ready");
        Report report = agreement.report(Map.of(Samples.BACKUP, Circumstances.NONE));

        assertThat(report.verdict()).isEqualTo("ready");
        assertThat(report.backups()).extracting(Report.Backup::backup).containsExactly(Samples.BACKUP, OLD);
        assertThat(report.backups().get(1).verdict()).isEqualTo("not-ready");
        assertThat(report.backups().get(1).notes()).extracting(Report.Reason::code).contains("no-vote");
        assertThat(ReportSum.of(List.of(report, report), Thresholds.DEFAULTS).verdict()).as("added up").isEqualTo("ready");
        assertThat(ReportSum.of(List.of(report, agreement.report(Map.of())), Thresholds.DEFAULTS).verdict())
                .as("another relay still has it").isEqualTo("not-ready");
    }

    @Test
    void forgetsABackupOfWhichNothingCountsAnyMore() {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(of(OLD, Samples.refused("m", "user1@b.example", now)));
        agreement.flush();
        now = now.plus(Duration.ofDays(40));
        traffic(agreement, Samples.BACKUP, now);
        agreement.close();
        now = now.plusSeconds(1);
        Agreement again = open(Addresses.HASHED);
        again.record(Samples.agreed("last", "user1@b.example", now));

        assertThat(again.report(Map.of()).backups()).extracting(Report.Backup::backup).containsExactly(Samples.BACKUP);
        assertThat(directory.resolve("agreement")).isDirectoryNotContaining("glob:**recipients-of-old*");
    }

    /** As after a restart, which forgets what is too old. */
    private Report.Backup restarted(Agreement agreement) {
        agreement.close();
        return only(open(Addresses.HASHED));
    }

    private void weekOfTraffic(Agreement agreement) {
        for (int day = 0; day < 8; day++) {
            now = Samples.NOON.plus(Duration.ofDays(day));
            traffic(agreement, Samples.BACKUP, now);
        }
    }

    private static void traffic(Agreement agreement, String backup, Instant at) {
        List<Comparison> all = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            all.add(of(backup, Samples.agreed("m" + i + "-" + at, "user" + i + "@b.example", at)));
        }
        agreement.record(all);
        agreement.flush();
    }

    private static Comparison of(String backup, Comparison one) {
        return new Comparison(one.id(), one.sender(), one.recipient(), backup, one.primary(), one.fate(), one.answer(), one.setback(),
                one.attempts(), one.untilFinal(), one.primaryTook(), one.backupTook(), one.at());
    }
}
