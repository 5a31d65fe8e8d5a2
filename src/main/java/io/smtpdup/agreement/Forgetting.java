package io.smtpdup.agreement;

import java.util.ArrayList;
import java.util.List;

/** Takes an address out of the examples of a report. */
final class Forgetting {

    private final AddressKey.Forms address;

    private int gone;

    Forgetting(AddressKey.Forms address) {
        this.address = address;
    }

    Report in(Report report) {
        List<Report.Backup> backups = new ArrayList<>();
        for (Report.Backup one : report.backups()) {
            backups.add(new Report.Backup(one.backup(), one.verdict(), one.reasons(), one.notes(), one.since(), one.until(),
                    one.compared(), one.relations(), one.bound(), one.coverage(), one.latency(),
                    one.differences().stream().map(this::in).toList(), one.servers(), one.seen(), one.evidence()));
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
        return address.isRecipient(example.recipient()) || address.isSender(example.sender());
    }
}
