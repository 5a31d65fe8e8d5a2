package io.smtpdup.agreement;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.jspecify.annotations.Nullable;

/**
 * The answer to "may I switch?", as the outside sees it: all names and values are those of its JSON ({@link ReportJson}). Times are
 * ISO 8601 in UTC, durations milliseconds.
 *
 * @param verdict the worst of the backups' verdicts; inconclusive when there is no backup. One that is none of the relay's backups
 *        any more has no vote, and a note {@code no-vote}
 * @param backups each backup that was compared or that copies wait for
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Report(String verdict, List<Backup> backups) {

    /** Only these backups, with the worst of their verdicts. */
    public Report only(Predicate<String> names) {
        return ReportMaker.of(backups.stream().filter(backup -> names.test(backup.backup())).toList());
    }

    /**
     * One backup.
     *
     * @param backup its name, {@code host-port}
     * @param verdict {@code ready}, {@code not-ready} or {@code inconclusive}
     * @param reasons why it is not ready; empty when it is
     * @param notes what is worth knowing and has no vote
     * @param since the first comparison of the window; null when there was none
     * @param until the last one
     * @param compared how many recipients of mails were compared
     * @param relations how many of each relation, by its name
     * @param bound the rate of disagreement that is not exceeded with 95 % confidence, for traffic like this
     * @param coverage of mailboxes
     * @param latency of both servers
     * @param differences every kind of difference, the most frequent first
     * @param servers what both have shown of themselves; null when nobody has looked
     * @param seen what the mails were like that the primary has taken; null when nobody has looked, or there was none
     * @param evidence what the verdict was made of besides, and what reports are added up by
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Backup(String backup, String verdict, List<Reason> reasons, List<Reason> notes, @Nullable String since,
            @Nullable String until, long compared, Map<String, Long> relations, double bound, Coverage coverage, Latency latency,
            List<Difference> differences, @Nullable Servers servers, Sides.@Nullable Seen seen, Evidence evidence) {

        Backup judged(Verdict judgement, List<Reason> why, List<Reason> besides) {
            return new Backup(backup, judgement.text(), why, besides, since, until, compared, relations, bound, coverage, latency,
                    differences, servers, seen, evidence);
        }

        Backup noted(List<Reason> besides) {
            return new Backup(backup, verdict, reasons, besides, since, until, compared, relations, bound, coverage, latency,
                    differences, servers, seen, evidence);
        }

        /** Null when nobody has looked. */
        @Nullable Sides sides() {
            return servers == null ? null : new Sides(servers.primary, servers.backup, seen);
        }

        /** How many recipients of mails have one of these relations and are about such a category. */
        long count(Predicate<Difference> which) {
            return differences.stream().filter(which).mapToLong(Difference::count).sum();
        }
    }

    /** Either is null when it has not answered yet. */
    public record Servers(Sides.@Nullable Server primary, Sides.@Nullable Server backup) {

        static @Nullable Servers of(@Nullable Sides sides) {
            return sides == null ? null : new Servers(sides.primary(), sides.backup());
        }
    }

    /** Why, and what to do about it. */
    public record Reason(String code, String text, String advice) {
    }

    /** Mailboxes that the primary has taken mail for, and those of them that were compared. */
    public record Coverage(long known, long exercised) {
    }

    /** Of the transactions of both servers. */
    public record Latency(Percentiles primary, Percentiles backup) {
    }

    /** Milliseconds; all zero when nothing was counted. */
    public record Percentiles(long p50, long p95, long p99, long count) {
    }

    /**
     * One kind of difference.
     *
     * @param stage what the refusal was said to; null when nobody said anything
     * @param primary the primary's reply, masked
     * @param backup the backup's reply, masked, or why there is none
     * @param examples no more than {@value Kind#EXAMPLES}
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Difference(String relation, String category, @Nullable String stage, String primary, String backup, long count,
            String first, String last, List<Example> examples) {

        boolean is(Relation other) {
            return relation.equals(other.text());
        }

        Category about() {
            return Category.of(category).orElse(Category.NONE);
        }

        boolean isDisagreement() {
            return is(Relation.REFUSED) || is(Relation.EXPIRED) || is(Relation.LEAKED) || is(Relation.DIFFERENT);
        }
    }

    /** One mail and recipient; addresses as {@link Addresses} says. */
    public record Example(String id, String sender, String recipient, String at) {
    }

    /**
     * What a verdict rests on.
     *
     * @param epoch when the last mark was set; null when none was
     * @param mark what was said then
     * @param units distinct recipients and days that were compared
     * @param disagreed those of them with a disagreement
     * @param once recipients that were seen on one day only
     * @param days days with a comparison
     * @param mondays Mondays with one
     * @param untracked comparisons whose recipient has no row
     * @param gaps times when the relay was killed, so that its last seconds may be missing
     * @param bothRefused those of the compared recipients that both servers refuse alike, which are no evidence for what is taken
     * @param addresses how addresses are kept
     * @param circumstances what was known besides
     * @param primaryTimes the histogram of the primary's times, as HdrHistogram writes it, in base 64
     * @param backupTimes the same of the backup
     * @param healingTimes the same of the seconds until healed ones were taken
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Evidence(@Nullable String epoch, String mark, long units, long disagreed, long once, int days, int mondays,
            long untracked, int gaps, long bothRefused, String addresses, Circumstances circumstances, String primaryTimes, String backupTimes,
            String healingTimes) {
    }
}
