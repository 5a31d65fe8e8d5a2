package io.smtpdup.page;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import io.smtpdup.agreement.Report;

/**
 * What is on the page of the agreement report.
 *
 * @param nothing why there is none; empty when there is one
 */
record AgreementPage(String nothing, List<Compared> backups) {

    private static final double PERCENT = 100;

    private static final int SHOWN = 50;

    /** One backup. */
    record Compared(Report.Backup report, State state, String bound, String coverage, String relations) {

        List<Report.Difference> differences() {
            return report.differences().stream().limit(SHOWN).toList();
        }

        int more() {
            return Math.max(0, report.differences().size() - SHOWN);
        }
    }

    static AgreementPage of(Sources sources) {
        if (sources.agreement().isEmpty()) {
            return new AgreementPage("Nothing is compared: there is no backup (relay.destination_backups), or agreement.enabled is false.", List.of());
        }
        List<Compared> backups = sources.agreement().get().report().backups().stream().map(AgreementPage::compared).toList();
        return new AgreementPage(backups.isEmpty() ? "There is no backup to compare." : "", backups);
    }

    private static Compared compared(Report.Backup report) {
        return new Compared(report, State.ofVerdict(report.verdict()),
                report.compared() == 0 ? "–" : String.format(Locale.ROOT, "%.2f %%", report.bound() * PERCENT),
                Words.number(report.coverage().exercised()) + " of " + Words.number(report.coverage().known()) + " mailboxes",
                report.relations().entrySet().stream().filter(entry -> entry.getValue() > 0).sorted(Map.Entry.comparingByKey())
                        .map(entry -> entry.getKey() + " " + Words.number(entry.getValue())).collect(Collectors.joining(", ")));
    }

    static String times(Report.Percentiles times) {
        return times.count() == 0 ? "not known" : String.format(Locale.ROOT, "%,d ms (95 %%: %,d, 99 %%: %,d)", times.p50(), times.p95(), times.p99());
    }
}
