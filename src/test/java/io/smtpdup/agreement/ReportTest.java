package io.smtpdup.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    private static final Instant START = Instant.parse("2026-11-18T12:00:00Z");

    private static final Clock NOW = Clock.fixed(START.plus(Duration.ofDays(8)), ZoneOffset.UTC);

    @TempDir
    Path directory;

    @Test
    void hasTheNamesThatItsReadersKnow() throws IOException {
        JsonNode json = new ObjectMapper().readTree(ReportJson.write(report("one", true)));

        assertThat(names(json)).containsExactly("verdict", "backups");
        assertThat(json.get("verdict").asText()).isEqualTo("not-ready");
        JsonNode backup = json.get("backups").get(0);
        assertThat(names(backup)).contains("backup", "verdict", "reasons", "since", "until", "compared", "relations", "bound",
                "coverage", "latency", "differences");
        assertThat(names(backup.get("reasons").get(0))).containsExactly("code", "text", "advice");
        assertThat(names(backup.get("relations"))).containsExactly("agreed", "healed", "refused", "expired", "leaked", "different",
                "expected", "incomparable", "open");
        assertThat(names(backup.get("coverage"))).containsExactly("known", "exercised");
        assertThat(names(backup.get("latency"))).containsExactly("primary", "backup");
        assertThat(names(backup.get("latency").get("primary"))).contains("p50", "p95", "p99");
        JsonNode difference = backup.get("differences").get(0);
        assertThat(names(difference)).containsExactly("relation", "category", "stage", "primary", "backup", "count", "first", "last",
                "examples");
        assertThat(names(difference.get("examples").get(0))).containsExactly("id", "sender", "recipient", "at");
        assertThat(difference.get("stage").asText()).isEqualTo("rcpt");
        assertThat(difference.get("first").asText()).isEqualTo("2026-11-25T12:00:00.000Z");
    }

    @Test
    void isReadyAfterAWeekOfTrafficThatAgrees() throws IOException {
        Report report = report("one", false);

        assertThat(report.backups().get(0).reasons()).isEmpty();
        assertThat(report.verdict()).isEqualTo("ready");
        assertThat(report.backups().get(0).bound()).isBetween(0.0037, 0.0038);
        assertThat(report.backups().get(0).evidence().days()).isEqualTo(8);
        assertThat(report.backups().get(0).evidence().mondays()).isEqualTo(1);
    }

    @Test
    void isTheSameAfterItWasJson() throws IOException {
        Report report = report("one", true);

        assertThat(ReportJson.read(ReportJson.write(report))).isEqualTo(report);
        assertThatThrownBy(() -> ReportJson.read("{}")).isInstanceOf(IOException.class);
    }

    @Test
    void addsUpWithAnother() throws IOException {
        Report one = report("one", true);
        Report two = report("two", true);

        Report.Backup sum = ReportSum.of(List.of(one, two), Thresholds.DEFAULTS).backups().get(0);

        assertThat(sum.verdict()).isEqualTo("not-ready");
        assertThat(sum.compared()).isEqualTo(2 * one.backups().get(0).compared());
        assertThat(sum.relations()).containsEntry("agreed", 1_600L).containsEntry("refused", 2L).containsEntry("open", 4L);
        assertThat(sum.latency().backup().count()).isEqualTo(2 * one.backups().get(0).latency().backup().count());
        assertThat(sum.differences()).singleElement().satisfies(difference -> {
            assertThat(difference.count()).isEqualTo(2);
            assertThat(difference.examples()).hasSize(2);
        });
        assertThat(sum.bound()).isLessThan(one.backups().get(0).bound());
        assertThat(sum.evidence().mondays()).isEqualTo(1);
    }

    @Test
    void ofOneRelayIsItsOwnSum() throws IOException {
        Report report = report("one", true);

        assertThat(ReportSum.of(List.of(report), Thresholds.DEFAULTS)).isEqualTo(report);
    }

    @Test
    void isReadByPeople() throws IOException {
        String text = ReportText.write(report("one", true));

        assertThat(text).startsWith("new.example-25: not-ready\n").contains(
                "Of all:   800 agreed, 1 refused, 2 open",
                "for traffic like this, no more than",
                "100 of 100 mailboxes",
                "The backup refused one recipient that the primary took: the recipient is not known.",
                "1 x refused, address, at rcpt",
                "backup:  550 5.1.1 User unknown",
                "spam folders cannot be seen over SMTP");
        assertThat(ReportText.write(ReportSum.of(List.of(), Thresholds.DEFAULTS))).contains("inconclusive");
    }

    @Test
    void isATable() throws IOException {
        String csv = ReportCsv.write(report("one", true));

        assertThat(csv.lines()).hasSize(1 + Relation.values().length + 1)
                .contains("new.example-25,not-ready,agreed,,,,,800,,,",
                        "new.example-25,not-ready,refused,address,rcpt,250 2.0.0,550 5.1.1 User unknown,1,2026-11-25T12:00:00.000Z,"
                                + "2026-11-25T12:00:00.000Z,bad");
    }

    @Test
    void quotesWhatASpreadsheetWouldTakeForSomethingElse() {
        Report.Backup empty = new Report.Backup("=cmd", "ready", List.of(), List.of(), null, null, 0, Map.of("a,\"b", 1L), 1,
                new Report.Coverage(0, 0), new Report.Latency(new Report.Percentiles(0, 0, 0, 0), new Report.Percentiles(0, 0, 0, 0)),
                List.of(), null, null, new Report.Evidence(null, "", 0, 0, 0, 0, 0, 0, 0, 0, "hashed", Circumstances.NONE, "", "", ""));

        assertThat(ReportCsv.write(new Report("ready", List.of(empty)))).contains("'=cmd,ready,\"a,\"\"b\",");
    }

    /** A hundred mailboxes on each of eight days, and one refusal when there shall be one. */
    private Report report(String name, boolean refused) {
        AgreementSettings settings = new AgreementSettings(directory.resolve(name), Addresses.HASHED, Duration.ofDays(30), null, null,
                Thresholds.DEFAULTS, ZoneOffset.UTC);
        try (Agreement agreement = Agreement.open(settings, NOW, NOW, AgreementWatcher.LOG)) {
            for (int day = 0; day < 8; day++) {
                List<Comparison> comparisons = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    comparisons.add(Samples.agreed("m" + i + "-" + day, "user" + i + "@b.example", START.plus(Duration.ofDays(day))));
                }
                agreement.record(comparisons);
            }
            if (refused) {
                agreement.record(Samples.refused("bad", "user7@b.example", START.plus(Duration.ofDays(7))));
            }
            return agreement.report(Map.of(Samples.BACKUP, new Circumstances(refused ? 2 : 0, 0, 0, 0, 0, 0, 0, 0, 0, false, false, null)));
        }
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
