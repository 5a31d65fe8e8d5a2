package io.smtpdup.agreement;

import java.util.ArrayList;
import java.util.List;

/** Takes an address out of the examples of a report. */
final class Forgetting {

    private final String sender;

    private final String recipient;

    private int gone;

    /** Both as reports show them; an empty one is none. */
    Forgetting(String sender, String recipient) {
        this.sender = sender;
        this.recipient = recipient;
    }

    Report in(Report report) {
        List<Report.Backup> backups = new ArrayList<>();
        for (Report.Backup one : report.backups()) {
            backups.add(new Report.Backup(one.backup(), one.verdict(), one.reasons(), one.notes(), one.since(), one.until(),
                    one.compared(), one.relations(), one.bound(), one.coverage(), one.latency(),
                    one.differences().stream().map(this::in).toList(), one.evidence()));
        }
        return new Report(report.verdict(), backups);
    }

    int gone() {
        return gone;
    }

    private Report.Difference in(Report.Difference one) {
        List<Report.Example> kept = one.examples().stream().filter(example -> !isMeant(example)).toList();
        gone += one.examples().size() - kept.size();
        return new Report.Difference(one.relation(), one.category(), one.stage(), one.primary(), one.backup(), one.count(), one.first(),
                one.last(), kept);
    }

    private boolean isMeant(Report.Example example) {
        return !recipient.isEmpty() && example.recipient().equalsIgnoreCase(recipient)
                || !sender.isEmpty() && example.sender().equalsIgnoreCase(sender);
    }
}
