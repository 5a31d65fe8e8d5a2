package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgeTest {

    private static final String NO_TIMES = ReportTimes.encoded(new Histogram(1_000, 2));

    private long agreed = 10_000;

    private long units = 5_000;

    private long disagreed;

    private long once = 10;

    private int days = 7;

    private int mondays = 1;

    private String until = "2026-11-09T12:00:00.000Z";

    private Report.Coverage coverage = new Report.Coverage(1_000, 990);

    private String addresses = "hashed";

    private Circumstances circumstances = Circumstances.NONE;

    private Sides sides;

    private final List<Report.Difference> differences = new ArrayList<>();

    @Test
    void isReadyWhenEnoughAgreesAndNothingElseIs() {
        assertThat(judged().verdict()).isEqualTo("ready");
        assertThat(judged().reasons()).isEmpty();
        assertThat(judged().notes()).extracting(Report.Reason::code).containsExactly("spam-folders");
    }

    @ParameterizedTest
    @CsvSource({"refused, address", "refused, mailbox", "refused, size", "refused, relay-trust", "refused, tls", "refused, protocol",
            "expired, mailbox", "leaked, address", "different, relay-trust"})
    void isNotReadyAfterOneDifferenceThatIsSureToHappenAgain(String relation, String category) {
        difference(relation, category, 1);

        assertThat(judged().verdict()).isEqualTo("not-ready");
        assertThat(judged().reasons()).extracting(Report.Reason::code).containsExactly(relation + "-" + category);
        assertThat(judged().reasons().get(0).advice()).isNotEmpty();
    }

    @Test
    void saysWhatToDoAboutBothRefusing() {
        difference("different", "mailbox", 1);
        assertThat(judged().reasons().get(0).advice()).contains("No mail is at stake").doesNotContain("Raise the quota");

        differences.clear();
        difference("different", "relay-trust", 1);
        assertThat(judged().reasons().get(0).advice()).contains("Allow the relay's address", "not known what the backup says");
    }

    @ParameterizedTest
    @CsvSource({"refused, system", "expired, system", "expired, greylist", "expired, throttle"})
    void isInconclusiveAfterOneOfTheMoment(String relation, String category) {
        difference(relation, category, 1);

        assertThat(judged().verdict()).isEqualTo("inconclusive");
        assertThat(judged().reasons()).extracting(Report.Reason::code).containsExactly(relation + "-" + category);
    }

    @ParameterizedTest
    @CsvSource({"refused, content, 40, ready, ''", "refused, content, 60, not-ready, content-stricter",
            "leaked, content, 40, ready, ''", "leaked, content, 60, not-ready, content-laxer",
            "refused, sender-auth, 60, not-ready, sender-auth-stricter"})
    void givesJudgementsARateInEachDirection(String relation, String category, long count, String verdict, String code) {
        difference(relation, category, count);

        assertThat(judged().verdict()).isEqualTo(verdict);
        assertThat(judged().reasons()).extracting(Report.Reason::code).isEqualTo(code.isEmpty() ? List.of() : List.of(code));
    }

    @ParameterizedTest
    @CsvSource({"healed, greylist", "expected, address", "incomparable, system"})
    void letsTheseHaveNoVote(String relation, String category) {
        difference(relation, category, 50);

        assertThat(judged().verdict()).isEqualTo("ready");
    }

    @Test
    void saysHowLongGreylistingTook() {
        difference("healed", "greylist", 50);

        assertThat(judged().notes()).extracting(Report.Reason::code).contains("greylisted");
    }

    @Test
    void asksForAWholeWeekWithAMonday() {
        until = "2026-11-07T12:00:00.000Z";
        mondays = 0;

        assertThat(judged().verdict()).isEqualTo("inconclusive");
        assertThat(judged().reasons()).extracting(Report.Reason::code).containsExactly("window", "monday");
    }

    @Test
    void asksForTrafficOnTheWorkingDaysOfTheWeek() {
        days = 5;
        assertThat(judged().verdict()).isEqualTo("ready");

        days = 4;
        assertThat(judged().verdict()).isEqualTo("inconclusive");
        assertThat(judged().reasons()).extracting(Report.Reason::code).containsExactly("days");
    }

    @Test
    void asksForEnoughDistinctRecipientsAndDays() {
        units = 298;
        once = 0;
        assertThat(judged().reasons()).extracting(Report.Reason::code).as("rule of three").containsExactly("bound");

        units = 300;
        assertThat(judged().reasons()).isEmpty();

        disagreed = 1;
        assertThat(judged().reasons()).extracting(Report.Reason::code).containsExactly("bound");
    }

    @Test
    void asksForMostMailboxes() {
        coverage = new Report.Coverage(1_000, 899);
        once = 251;

        assertThat(judged().reasons()).extracting(Report.Reason::code).containsExactly("coverage", "unseen");
    }

    @Test
    void saysSoWhenNothingOrTooLittleWasCompared() {
        difference("incomparable", "system", 600);
        assertThat(judged().reasons()).extracting(Report.Reason::code).containsExactly("not-compared");

        agreed = 0;
        differences.clear();
        assertThat(judged().reasons()).extracting(Report.Reason::code).containsExactly("nothing-compared");
    }

    @Test
    void cannotTellWithoutAddresses() {
        addresses = "none";

        assertThat(judged().verdict()).isEqualTo("inconclusive");
        assertThat(judged().reasons()).extracting(Report.Reason::code).containsExactly("no-rows");
    }

    @Test
    void takesWhatElseIsKnownIntoAccount() {
        circumstances = new Circumstances(5, Duration.ofHours(25).toSeconds(), Duration.ofHours(25).toSeconds(), 1, 0, 0, 1, 1, 3, true, true, null);

        assertThat(judged().verdict()).isEqualTo("not-ready");
        assertThat(judged().reasons()).extracting(Report.Reason::code)
                .containsExactly("lost-copies", "loop", "failed-recipients", "catch-all", "not-quiet", "away", "open-copies");
        assertThat(judged().notes()).extracting(Report.Reason::code).contains("not-seen-quiet");
    }

    @Test
    void namesLostCopiesAsCopies() {
        differences.add(new Report.Difference("incomparable", "none", null, "250", Fate.LOST.text(), 50, "2026-11-01T12:00:00.000Z",
                "2026-11-02T12:00:00.000Z", List.of()));
        circumstances = lost(1, 0, 0);
        assertThat(lostCopies()).endsWith(": 1 copy.");

        circumstances = lost(1, 2, 3);
        assertThat(lostCopies()).as("the same copies are counted and lie there").endsWith(": 4 copies.");

        circumstances = lost(0, 2, 3).and(lost(0, 1, 3));
        assertThat(lostCopies()).as("two relays with one broker").endsWith(": 3 copies.");
        assertThat(judged().reasons().get(0).advice()).contains("'dead delete'", "set a mark");

        circumstances = Circumstances.NONE;
        assertThat(lostCopies()).endsWith(": 50 recipients.");
    }

    private String lostCopies() {
        return judged().reasons().stream().filter(reason -> reason.code().equals("lost-copies")).findFirst().orElseThrow().text();
    }

    private static Circumstances lost(long lost, long damaged, long setAside) {
        return new Circumstances(0, 0, 0, lost, damaged, setAside, 0, 0, 0, false, false, null);
    }

    private void difference(String relation, String category, long count) {
        differences.add(new Report.Difference(relation, category, "rcpt", "250", "550", count, "2026-11-01T12:00:00.000Z",
                "2026-11-02T12:00:00.000Z", List.of()));
    }

    private Report.Backup judged() {
        Map<String, Long> relations = new LinkedHashMap<>();
        relations.put("agreed", agreed);
        differences.forEach(one -> relations.merge(one.relation(), one.count(), Long::sum));
        long compared = relations.entrySet().stream().filter(one -> !one.getKey().equals("incomparable"))
                .mapToLong(Map.Entry::getValue).sum();
        return Judge.judge(new Report.Backup("new-25", "", List.of(), List.of(), "2026-11-02T12:00:00.000Z", until, compared, relations,
                Bound.upper(disagreed, units), coverage, new Report.Latency(new Report.Percentiles(0, 0, 0, 0),
                new Report.Percentiles(0, 0, 0, 0)), differences, Report.Servers.of(sides), sides == null ? null : sides.seen(),
                new Report.Evidence(null, "", units, disagreed, once, days, mondays, 0, 0, 0,
                addresses, circumstances, NO_TIMES, NO_TIMES, NO_TIMES)), Thresholds.DEFAULTS);
    }
}
