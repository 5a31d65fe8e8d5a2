package io.smtpdup.agreement;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Makes a report of what a store has. */
final class ReportMaker {

    private final @Nullable Store store;

    private final AgreementSettings settings;

    private final long now;

    /** @param store null when there is none: then nothing has been compared */
    ReportMaker(@Nullable Store store, AgreementSettings settings, long now) {
        this.store = store;
        this.settings = settings;
        this.now = now;
    }

    /**
     * @param circumstances by the backup's name; one that is here and was never compared is reported too. Where there are any, a
     *        backup that is not here is none any more, and has no vote
     */
    Report make(Map<String, Circumstances> circumstances) {
        Set<String> names = new LinkedHashSet<>(circumstances.keySet());
        Map<String, Tally> tallies = new LinkedHashMap<>();
        if (store != null) {
            for (Tally tally : store.ledger().tallies()) {
                tallies.put(tally.backup, tally);
                names.add(tally.backup);
            }
        }
        long known = store == null ? 0 : store.tables().known(store.firstDay(now)).recipients();
        List<Report.Backup> backups = new ArrayList<>();
        for (String name : names) {
            Report.Backup judged = Judge.judge(backup(tallies.getOrDefault(name, new Tally(name)),
                    circumstances.getOrDefault(name, Circumstances.NONE), known), settings.thresholds());
            backups.add(circumstances.isEmpty() || circumstances.containsKey(name) ? judged : Notes.withoutVote(judged));
        }
        return of(backups);
    }

    static Report of(List<Report.Backup> backups) {
        Verdict verdict = backups.stream().filter(Notes::hasVote).map(backup -> Verdict.of(backup.verdict())).reduce(Verdict::orWorse)
                .orElse(Verdict.INCONCLUSIVE);
        return new Report(verdict.text(), List.copyOf(backups));
    }

    private Report.Backup backup(Tally tally, Circumstances known, long mailboxes) {
        int hour = store == null ? 0 : store.firstHour(now);
        Map<String, Long> relations = new LinkedHashMap<>();
        long compared = 0;
        for (Relation relation : Relation.values()) {
            long count = relation == Relation.OPEN ? known.open() : tally.count(relation, hour);
            relations.put(relation.text(), count);
            compared += relation.isCompared() ? count : 0;
        }
        RecipientTable.Totals rows = store == null
                ? RecipientTable.Totals.NONE
                : store.tables().of(tally.backup, store.firstDay(now));
        int until = hourOfNow();
        long first = tally.since(hour, until);
        long last = tally.until(hour, until);
        Histogram primary = tally.primary.total();
        Histogram answered = tally.answered.total();
        return new Report.Backup(tally.backup, Verdict.INCONCLUSIVE.text(), List.of(), List.of(),
                first == 0 ? null : ReportTimes.text(first), last == 0 ? null : ReportTimes.text(last),
                compared, relations, Bound.upper(rows.disagreed(), rows.days()),
                // The primary has taken mail for each that was compared, also where its table had to begin anew
                new Report.Coverage(Math.max(mailboxes, rows.recipients()), rows.recipients()),
                new Report.Latency(ReportTimes.percentiles(primary), ReportTimes.percentiles(answered)),
                differences(tally, hour), Report.Servers.of(known.sides()), known.sides() == null ? null : known.sides().seen(),
                evidence(tally, known.withoutSides(), rows, hour, primary, answered));
    }

    private static List<Report.Difference> differences(Tally tally, int hour) {
        List<Report.Difference> differences = new ArrayList<>();
        for (Kind kind : tally.kinds()) {
            long count = kind.hours.since(hour);
            if (count > 0) {
                Stage stage = kind.signature.stage();
                differences.add(new Report.Difference(kind.signature.relation().text(), kind.signature.category().text(),
                        stage == null ? null : stage.text(), kind.signature.primary(), kind.signature.backup(), count,
                        ReportTimes.text(kind.first(hour)), ReportTimes.text(kind.last()), kind.examples.stream()
                                .map(one -> new Report.Example(one.id(), one.sender(), one.recipient(), ReportTimes.text(one.at())))
                                .toList()));
            }
        }
        differences.sort(Comparator.comparingLong(Report.Difference::count).reversed());
        return differences;
    }

    private Report.Evidence evidence(Tally tally, Circumstances known, RecipientTable.Totals rows, int hour, Histogram primary,
            Histogram answered) {
        Set<LocalDate> days = new HashSet<>();
        ZoneId zone = settings.zone();
        for (int h = hour; store != null && h <= hourOfNow(); h++) {
            if (tally.hasComparedIn(h)) {
                days.add(LocalDate.ofInstant(Instant.ofEpochMilli(h * 3_600_000L), zone));
            }
        }
        int mondays = (int) days.stream().filter(day -> day.getDayOfWeek() == DayOfWeek.MONDAY).count();
        Ledger ledger = store == null ? new Ledger() : store.ledger();
        long epoch = ledger.epoch();
        return new Report.Evidence(epoch == 0 ? null : ReportTimes.text(epoch), ledger.reason(), rows.days(), rows.disagreed(),
                rows.once(), days.size(), mondays, store == null ? 0 : store.tables().untracked(hour), ledger.gaps().size(),
                tally.count(Relation.AGREED, hour) - tally.count(Relation.AGREED, Category.NONE, hour), settings.addresses().name().toLowerCase(Locale.ROOT), known, ReportTimes.encoded(primary), ReportTimes.encoded(answered),
                ReportTimes.encoded(tally.healing.total()));
    }

    /** What a clock that was wrong has put behind that is no time in which anything was compared. */
    private int hourOfNow() {
        return (int) Math.floorDiv(now, 3_600_000L);
    }
}
