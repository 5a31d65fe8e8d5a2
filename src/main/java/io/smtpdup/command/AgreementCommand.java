package io.smtpdup.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import io.smtpdup.agreement.Report;
import io.smtpdup.agreement.ReportCsv;
import io.smtpdup.agreement.ReportJson;
import io.smtpdup.agreement.ReportSum;
import io.smtpdup.agreement.ReportText;
import io.smtpdup.agreement.Thresholds;
import io.smtpdup.agreement.Verdict;
import io.smtpdup.config.Destination;
import io.smtpdup.config.KeyValues;
import io.smtpdup.message.PlainText;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code agreement}: whether a backup may become the primary. */
@Command(
        name = "agreement",
        description = {
            "Tell whether a backup does what the primary does, so that you can switch.",
            "For each backup: a verdict, why, what to do about it, and every kind of difference.",
            ""
        },
        footer = {
            "",
            "ready         it does what the primary does, for traffic like that of the time compared",
            "not-ready     it would treat mail differently",
            "inconclusive  nothing speaks against it, and not enough for it",
            "",
            "Exit status: 0 ready, 1 not-ready, 2 wrong usage, 3 inconclusive, or nobody could be asked. With several --url",
            "the relays' figures are added up, and judged by the settings here. See docs/agreement.md."
        })
final class AgreementCommand extends RelaysCommand {

    private static final int INCONCLUSIVE = 3;

    @Option(names = {"-b", "--backup"}, paramLabel = "BACKUP", description = "Only this backup: host:port, or its name.")
    private String backup;

    @Option(names = "--csv", description = "Print a table with commas, one line for each count.")
    private boolean csv;

    AgreementCommand(Place place) {
        super(place);
    }

    @Override
    int failed() {
        return INCONCLUSIVE;
    }

    @Override
    int answer() throws IOException {
        if (csv && isJson()) {
            throw new UsageException(spec().commandLine(), "--csv cannot be combined with --json");
        }
        Report report = meant(report());
        out().print(isJson() ? ReportJson.write(report) : csv ? ReportCsv.write(report) : ReportText.write(report));
        return report.verdict().equals(Verdict.READY.text()) ? ExitCode.OK
                : report.verdict().equals(Verdict.NOT_READY.text()) ? ExitCode.SOFTWARE
                : INCONCLUSIVE;
    }

    private Report report() throws IOException {
        List<Report> reports = new ArrayList<>();
        for (RelayClient relay : relays()) {
            reports.add(ReportJson.read(relay.get("/agreement", new Query()).text()));
        }
        return reports.size() == 1 ? reports.get(0)
                : ReportSum.of(reports, Thresholds.of(KeyValues.ofAgreement(place().directory(), place().environment())));
    }

    private Report meant(Report all) {
        if (backup == null) {
            return all;
        }
        String name = Destination.nameOf(backup).orElse(backup);
        Report report = all.only(one -> one.equals(name) || one.equalsIgnoreCase(backup));
        if (report.backups().isEmpty()) {
            throw new CommandException("there is no backup " + backup + ", but " + PlainText.of(all.backups().isEmpty() ? "none"
                    : all.backups().stream().map(Report.Backup::backup).collect(Collectors.joining(", "))));
        }
        return report;
    }

    /** {@code agreement mark} */
    @Command(
            name = "mark",
            description = {
                "Begin anew, because something was changed: what was compared so far counts no longer.",
                "It stays readable, with the reason, at /agreement/earlier of the management port.",
                ""
            })
    static final class Mark extends RelaysCommand {

        @Parameters(paramLabel = "REASON", description = "What was changed, in a few words.")
        private String reason;

        Mark(Place place) {
            super(place);
        }

        @Override
        int answer() {
            for (RelayClient relay : relays()) {
                RelayClient.Answer answer = relay.post("/agreement/mark", new Query().with("reason", reason));
                if (!printedAsJson(answer)) {
                    out().println("what is compared from now on counts: " + reason);
                }
            }
            return ExitCode.OK;
        }
    }

    /** {@code agreement forget} */
    @Command(
            name = "forget",
            description = {"Forget an address wherever the comparison keeps it.", "The counts stay, without it.", ""})
    static final class Forget extends RelaysCommand {

        @Parameters(paramLabel = "ADDRESS", description = "Of a sender or a recipient.")
        private String address;

        Forget(Place place) {
            super(place);
        }

        @Override
        int answer() {
            long places = 0;
            for (RelayClient relay : relays()) {
                RelayClient.Answer answer = relay.post("/agreement/forget", new Query().with("address", address));
                places += answer.tree().path("forgotten").asLong();
                printedAsJson(answer);
            }
            if (places == 0) {
                throw new CommandException("nothing is kept of " + address);
            }
            if (!isJson()) {
                out().println(address + " is forgotten, in " + Words.count(places, "place", "places"));
            }
            return ExitCode.OK;
        }
    }
}
