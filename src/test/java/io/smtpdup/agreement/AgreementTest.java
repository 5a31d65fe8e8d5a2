package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

class AgreementTest extends AgreementFixture {

    @Test
    void countsEachRecipientOfEachMail() {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.agreed("m1", "a@b.example", now));
        agreement.record(List.of(Samples.agreed("m2", "a@b.example", now), Samples.refused("m2", "c@b.example", now)));

        Report.Backup backup = only(agreement);

        assertThat(backup.compared()).isEqualTo(3);
        assertThat(backup.relations()).containsEntry("agreed", 2L).containsEntry("refused", 1L).containsEntry("leaked", 0L);
        assertThat(backup.coverage()).isEqualTo(new Report.Coverage(2, 2));
        assertThat(backup.latency().backup()).isEqualTo(new Report.Percentiles(20, 20, 20, 3));
        assertThat(backup.differences()).singleElement().satisfies(one -> {
            assertThat(one.backup()).isEqualTo("550 5.1.1 User unknown");
            assertThat(one.examples()).singleElement().satisfies(example -> assertThat(example.id()).isEqualTo("m2"));
        });
        assertThat(lines).containsExactly("new kind: refused 550 5.1.1 User unknown");
    }

    @Test
    void countsACopyThatComesAgainOnce() {
        Agreement agreement = open(Addresses.HASHED);
        for (int again = 0; again < 3; again++) {
            agreement.record(Samples.agreed("m1", "a@b.example", now));
        }
        agreement.record(Samples.refused("m2", "c@b.example", now));
        now = now.plus(Duration.ofDays(2));
        agreement.record(Samples.agreed("m2", "c@b.example", now));
        agreement.record(Samples.at(now, "m2", "c@b.example", Samples.TOOK, Fate.DISCARDED, null, null));

        Report.Backup backup = only(agreement);

        assertThat(backup.relations()).containsEntry("agreed", 2L).containsEntry("refused", 0L).containsEntry("incomparable", 0L);
        assertThat(backup.differences()).isEmpty();
        assertThat(backup.evidence().units()).isEqualTo(2);
        assertThat(backup.evidence().disagreed()).isZero();
        assertThat(backup.latency().primary().count()).as("times").isEqualTo(2);
        assertThat(backup.latency().backup().count()).isEqualTo(2);
    }

    @Test
    void countsTheTimesOfWhatIsComparedLateAndOfWhatHealsLate() throws IOException {
        Agreement agreement = open(Addresses.HASHED);
        Answer later = Samples.said(Stage.RCPT, "451 4.7.1 Greylisted");
        agreement.record(new Comparison("m1", "s@a.example", "a@b.example", Samples.BACKUP, Samples.TOOK, Fate.DISCARDED, null, null, 1,
                Duration.ZERO, Duration.ofMillis(12), null, now));
        agreement.record(Samples.at(now, "m2", "a@b.example", Samples.TOOK, Fate.EXPIRED, later, later));
        for (String id : List.of("m1", "m2", "m2")) {
            agreement.record(Samples.at(now, id, "a@b.example", Samples.TOOK, Fate.TAKEN, Samples.TOOK, later));
        }

        Report.Backup backup = only(agreement);

        assertThat(backup.latency().primary().count()).isEqualTo(2);
        assertThat(backup.latency().backup().count()).isEqualTo(2);
        assertThat(Times.decode(Base64.getDecoder().decode(backup.evidence().healingTimes())).getTotalCount()).isEqualTo(2);
    }

    @Test
    void neverWaitsAndSaysWhatItCouldNotKeepUpWith() {
        Agreement agreement = open(Addresses.HASHED);
        int tooMany = Inbox.MOST + 5;
        List<Comparison> burst = new ArrayList<>();
        for (int i = 0; i < tooMany; i++) {
            burst.add(Samples.agreed("m" + i, "a@b.example", now));
        }
        agreement.record(burst);
        agreement.record(Samples.agreed("m", "a@b.example", now));
        agreement.flush();

        Report.Backup backup = only(agreement);

        assertThat(backup.relations()).containsEntry("agreed", 1L).containsEntry("incomparable", (long) tooMany);
        assertThat(backup.reasons()).anyMatch(reason -> reason.code().equals("not-compared"));
        assertThat(backup.notes()).anyMatch(note -> note.code().equals("unrecorded"));
        assertThat(lines).anyMatch(line -> line.contains(tooMany + " comparisons were not recorded"));
    }

    @Test
    void beginsAnewAtAMark() throws IOException {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.refused("m1", "a@b.example", now));
        agreement.mark("opened the firewall", Map.of());
        agreement.record(Samples.agreed("m2", "a@b.example", now));

        Report.Backup backup = only(agreement);

        assertThat(backup.relations()).containsEntry("refused", 0L).containsEntry("agreed", 1L);
        assertThat(backup.evidence().mark()).isEqualTo("opened the firewall");
        assertThat(backup.evidence().disagreed()).isZero();
        assertThat(agreement.earlier()).singleElement().satisfies(
                report -> assertThat(report.backups().get(0).relations()).containsEntry("refused", 1L));
    }

    @Test
    void judgesTheEpochThatEndsByWhatElseIsKnown() throws IOException {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.agreed("m1", "a@b.example", now));

        agreement.mark("new disks", Map.of(Samples.BACKUP, new Circumstances(0, 0, 0, 3, 0, 0, 0, 0, 0, false, false, null)));

        assertThat(agreement.earlier()).singleElement().satisfies(report -> assertThat(report.backups().get(0).reasons())
                .extracting(Report.Reason::code).contains("lost-copies"));
    }

    @Test
    void recordsNothingThatIsMoreThanADayAheadOfTheClock() {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.agreed("m1", "a@b.example", now.plus(Duration.ofHours(23))));
        agreement.record(Samples.agreed("m2", "a@b.example", now.plus(Duration.ofDays(400))));

        Report.Backup backup = only(agreement);

        assertThat(backup.relations()).containsEntry("agreed", 1L).containsEntry("incomparable", 1L);
        assertThat(backup.notes()).extracting(Report.Reason::code).contains("unrecorded");
        assertThat(lines).anyMatch(line -> line.contains("1 comparisons were not recorded, such as mail m2"));
    }

    @Test
    void forgetsWhatIsOlderThanIsKept() {
        Agreement agreement = open(Addresses.HASHED);
        agreement.record(Samples.refused("m1", "a@b.example", now));
        agreement.flush();
        now = now.plus(Duration.ofDays(31));
        agreement.record(Samples.agreed("m2", "b@b.example", now));

        Report.Backup backup = only(agreement);

        assertThat(backup.relations()).containsEntry("refused", 0L).containsEntry("agreed", 1L);
        assertThat(backup.differences()).isEmpty();
        assertThat(backup.coverage()).isEqualTo(new Report.Coverage(1, 1));
    }

    @Test
    void countsKindsBeyondTheLimitTogether() {
        Agreement agreement = open(Addresses.HASHED);
        int kinds = Tally.MOST_KINDS + 200;
        for (int i = 0; i < kinds; i++) {
            String word = "w" + "abcdefghij".charAt(i / 1000) + "abcdefghij".charAt(i / 100 % 10) + "abcdefghij".charAt(i / 10 % 10)
                    + "abcdefghij".charAt(i % 10);
            agreement.record(Samples.at(now, "m" + i, "a@b.example", Samples.TOOK, Fate.REFUSED,
                    Samples.said(Stage.RCPT, "550 5.1.1 " + word), null));
        }

        Report.Backup backup = only(agreement);

        assertThat(backup.relations()).containsEntry("refused", (long) kinds);
        assertThat(backup.differences()).hasSize(Tally.MOST_KINDS + 1);
        assertThat(backup.differences().get(0)).satisfies(one -> {
            assertThat(one.backup()).isEqualTo("other");
            assertThat(one.count()).isEqualTo(200);
            assertThat(one.category()).isEqualTo("address");
            assertThat(one.examples()).hasSize(20);
        });
    }

    @Test
    void countsACopyThatWasLostAfterAnAnswerAndAfterAThousandKinds() {
        Agreement agreement = open(Addresses.HASHED);
        for (int i = 0; i < Tally.MOST_KINDS; i++) {
            String word = "w" + "abcdefghij".charAt(i / 100) + "abcdefghij".charAt(i / 10 % 10) + "abcdefghij".charAt(i % 10);
            agreement.record(Samples.of("m" + i, "a@b.example", Samples.TOOK, Fate.REFUSED, Samples.said(Stage.RCPT, "550 5.7.1 " + word)));
        }
        agreement.record(Samples.of("lost", "a@b.example", Samples.TOOK, Fate.LOST, Samples.said(Stage.RCPT, "451 4.3.0 later")));

        Report.Backup backup = only(agreement);

        assertThat(backup.reasons()).extracting(Report.Reason::code).contains("lost-copies");
        assertThat(backup.differences()).anyMatch(one -> one.backup().equals("the copy is lost") && one.primary().equals("other"));
    }

    @Test
    void readsTheOperatorsFilesWhenItOpens() throws IOException {
        Path rules = Files.writeString(directory.resolve("rules"), "address | * | @b.example | * | 2026-12-31 | not moved yet\n");
        Path replies = Files.writeString(directory.resolve("replies"), "nonsense\n");
        AgreementSettings settings = new AgreementSettings(directory.resolve("agreement"), Addresses.HASHED, Duration.ofDays(30), rules,
                replies, Thresholds.DEFAULTS, ZoneOffset.UTC);
        Agreement agreement = Agreement.open(settings, time(), steady(), watcher);
        opened.add(agreement);
        agreement.record(Samples.refused("m1", "a@b.example", now));

        assertThat(only(agreement).relations()).containsEntry("expected", 1L).containsEntry("refused", 0L);
        assertThat(lines).anyMatch(line -> line.startsWith(replies + ":1: "));
    }

    @Test
    void recordsNothingAfterTheStop() {
        Agreement agreement = open(Addresses.HASHED);
        agreement.close();

        agreement.record(Samples.agreed("m1", "a@b.example", now));
        agreement.close();

        assertThat(agreement.report(Map.of()).backups()).isEmpty();
    }
}
