package io.smtpdup.agreement;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the reports of several relays and judges the sum. A mailbox, or a mailbox on one day, counts once for each relay that has
 * seen it: whose hashes are whose, the relays do not tell each other.
 */
public final class ReportSum {

    private ReportSum() {
    }

    /** @throws IOException when one of them cannot be read */
    public static Report of(List<Report> reports, Thresholds thresholds) throws IOException {
        Map<String, Report.Backup> sums = new LinkedHashMap<>();
        Set<String> voters = new HashSet<>();
        for (Report report : reports) {
            for (Report.Backup backup : report.backups()) {
                if (Notes.hasVote(backup)) {
                    voters.add(backup.backup());
                }
                Report.Backup sum = sums.get(backup.backup());
                sums.put(backup.backup(), sum == null ? backup : add(sum, backup));
            }
        }
        List<Report.Backup> judged = new ArrayList<>();
        for (Report.Backup sum : sums.values()) {
            Report.Backup whole = Judge.judge(sum, thresholds);
            judged.add(voters.contains(sum.backup()) ? whole : Notes.withoutVote(whole));
        }
        return ReportMaker.of(judged);
    }

    private static Report.Backup add(Report.Backup one, Report.Backup two) throws IOException {
        Map<String, Long> relations = new LinkedHashMap<>(one.relations());
        two.relations().forEach((relation, count) -> relations.merge(relation, count, Long::sum));
        Report.Evidence a = one.evidence();
        Report.Evidence b = two.evidence();
        Histogram primary = sum(a.primaryTimes(), b.primaryTimes());
        Histogram answered = sum(a.backupTimes(), b.backupTimes());
        String epoch = latest(a.epoch(), b.epoch());
        Report.Evidence evidence = new Report.Evidence(epoch, Objects.equals(epoch, a.epoch()) ? a.mark() : b.mark(),
                a.units() + b.units(), a.disagreed() + b.disagreed(), a.once() + b.once(), Math.max(a.days(), b.days()),
                Math.max(a.mondays(), b.mondays()), a.untracked() + b.untracked(), a.gaps() + b.gaps(),
                a.bothRefused() + b.bothRefused(),
                a.addresses().equals(b.addresses()) ? a.addresses() : "none", a.circumstances().and(b.circumstances()),
                ReportTimes.encoded(primary), ReportTimes.encoded(answered),
                ReportTimes.encoded(sum(a.healingTimes(), b.healingTimes())));
        Sides sides = Sides.of(one.sides(), two.sides());
        return new Report.Backup(one.backup(), one.verdict(), List.of(), List.of(), earliest(one.since(), two.since()),
                latest(one.until(), two.until()), one.compared() + two.compared(), relations,
                Bound.upper(evidence.disagreed(), evidence.units()),
                new Report.Coverage(one.coverage().known() + two.coverage().known(),
                        one.coverage().exercised() + two.coverage().exercised()),
                new Report.Latency(ReportTimes.percentiles(primary), ReportTimes.percentiles(answered)),
                differences(one.differences(), two.differences()), Report.Servers.of(sides), sides == null ? null : sides.seen(),
                evidence);
    }

    private record Key(String relation, String category, @Nullable String stage, String primary, String backup) {
    }

    private static List<Report.Difference> differences(List<Report.Difference> one, List<Report.Difference> two) {
        Map<Key, Report.Difference> sums = new LinkedHashMap<>();
        for (List<Report.Difference> some : List.of(one, two)) {
            for (Report.Difference next : some) {
                sums.merge(new Key(next.relation(), next.category(), next.stage(), next.primary(), next.backup()), next, ReportSum::add);
            }
        }
        return sums.values().stream().sorted(Comparator.comparingLong(Report.Difference::count).reversed()).toList();
    }

    private static Report.Difference add(Report.Difference one, Report.Difference two) {
        List<Report.Example> examples = new ArrayList<>(one.examples());
        examples.addAll(two.examples());
        examples.sort(Comparator.comparing(Report.Example::at));
        return new Report.Difference(one.relation(), one.category(), one.stage(), one.primary(), one.backup(), one.count() + two.count(),
                Objects.requireNonNull(earliest(one.first(), two.first())), Objects.requireNonNull(latest(one.last(), two.last())),
                List.copyOf(examples.subList(0, Math.min(Kind.EXAMPLES, examples.size()))));
    }

    private static Histogram sum(String one, String two) throws IOException {
        try {
            Histogram sum = Times.decode(Base64.getDecoder().decode(one));
            sum.add(Times.decode(Base64.getDecoder().decode(two)));
            return sum;
        } catch (IllegalArgumentException e) {
            throw new IOException("not a histogram", e);
        }
    }

    /** Times in reports all have the same length. */
    private static @Nullable String earliest(@Nullable String one, @Nullable String two) {
        return one == null || two != null && two.compareTo(one) < 0 ? two : one;
    }

    private static @Nullable String latest(@Nullable String one, @Nullable String two) {
        return ReportTimes.later(one, two);
    }
}
