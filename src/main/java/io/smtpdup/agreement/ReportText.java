package io.smtpdup.agreement;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import io.smtpdup.message.PlainText;

/** A report for people. */
public final class ReportText {

    private static final int EXAMPLES = 3;

    private final StringBuilder text = new StringBuilder();

    private ReportText() {
    }

    /** With a line end. */
    public static String write(Report report) {
        ReportText writer = new ReportText();
        if (report.backups().isEmpty()) {
            writer.line("No backup was compared yet: " + report.verdict());
        }
        for (Report.Backup backup : report.backups()) {
            writer.backup(backup);
        }
        return writer.text.toString();
    }

    private void backup(Report.Backup backup) {
        gap();
        line(backup.backup() + ": " + backup.verdict());
        figures(backup);
        reasons(backup.verdict().equals(Verdict.NOT_READY.text()) ? "Why not, and what to do" : "What is missing", backup.reasons());
        reasons("Worth knowing", backup.notes());
        if (backup.servers() != null) {
            gap();
            line("  Side by side");
            SidesText.lines(backup.servers(), backup.seen()).forEach(one -> line("  " + one));
        }
        if (!backup.differences().isEmpty()) {
            gap();
            line("  Differences");
        }
        backup.differences().forEach(this::difference);
    }

    private void figures(Report.Backup backup) {
        Report.Evidence evidence = backup.evidence();
        if (evidence.epoch() != null) {
            line("  Since the mark of " + evidence.epoch() + (evidence.mark().isEmpty() ? "" : ": " + evidence.mark()));
        }
        String relations = backup.relations().entrySet().stream().filter(one -> one.getValue() > 0)
                .map(one -> Judge.number(one.getValue()) + " " + one.getKey()).collect(Collectors.joining(", "));
        line("  Compared: " + Judge.number(backup.compared()) + " recipients of mails"
                + (backup.since() == null ? "" : ", " + backup.since() + " to " + backup.until()));
        if (!relations.isEmpty()) {
            line("  Of all:   " + relations);
        }
        if (evidence.units() > 0) {
            line("  Bound:    for traffic like this, no more than " + Judge.percent(backup.bound())
                    + " are treated differently (95 % confidence: " + Judge.number(evidence.disagreed()) + " of "
                    + Judge.number(evidence.units()) + " recipients and days)");
            line("  Coverage: " + Judge.number(backup.coverage().exercised()) + " of " + Judge.number(backup.coverage().known())
                    + " mailboxes known from the primary");
        }
        if (backup.latency().primary().count() > 0 || backup.latency().backup().count() > 0) {
            line("  Time:     primary " + times(backup.latency().primary()) + "; backup " + times(backup.latency().backup()));
        }
    }

    private static String times(Report.Percentiles times) {
        return times.count() == 0 ? "not known"
                : String.format(Locale.ROOT, "%,d ms (95 %%: %,d, 99 %%: %,d)", times.p50(), times.p95(), times.p99());
    }

    private void reasons(String title, List<Report.Reason> reasons) {
        if (reasons.isEmpty()) {
            return;
        }
        gap();
        line("  " + title);
        for (Report.Reason reason : reasons) {
            line("  - " + reason.text());
            line("    " + reason.advice());
        }
    }

    private void difference(Report.Difference one) {
        line("  " + Judge.number(one.count()) + " x " + one.relation() + ", " + one.category()
                + (one.stage() == null ? "" : ", at " + one.stage()) + ", " + one.first() + " to " + one.last());
        if (!one.primary().isEmpty()) {
            line("      primary: " + one.primary());
        }
        if (!one.backup().isEmpty()) {
            line("      backup:  " + one.backup());
        }
        one.examples().stream().limit(EXAMPLES).filter(example -> !example.id().isEmpty()).forEach(example ->
                line("      mail " + example.id() + (example.recipient().isEmpty() ? "" : " to " + example.recipient())
                        + (example.sender().isEmpty() ? "" : " from " + example.sender()) + ", " + example.at()));
    }

    private void gap() {
        text.append(text.isEmpty() ? "" : "\n");
    }

    /** Replies are another server's words, and terminals obey some of those. */
    private void line(String line) {
        text.append(PlainText.of(line)).append('\n');
    }
}
