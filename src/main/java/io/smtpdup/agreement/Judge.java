package io.smtpdup.agreement;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes a verdict of what was counted of one backup, by thresholds; the same figures always make the same. */
final class Judge {

    private final Thresholds thresholds;

    private final Report.Backup backup;

    private final List<Report.Reason> against = new ArrayList<>();

    private final List<Report.Reason> missing = new ArrayList<>();

    private Judge(Thresholds thresholds, Report.Backup backup) {
        this.thresholds = thresholds;
        this.backup = backup;
    }

    /** The same with verdict, reasons and notes. */
    static Report.Backup judge(Report.Backup backup, Thresholds thresholds) {
        Judge judge = new Judge(thresholds, backup);
        judge.differences();
        judge.judgements();
        judge.circumstances();
        Fit fit = Fit.of(backup.sides());
        judge.against.addAll(fit.against());
        judge.evidence();
        Verdict verdict = !judge.against.isEmpty() ? Verdict.NOT_READY : !judge.missing.isEmpty() ? Verdict.INCONCLUSIVE : Verdict.READY;
        List<Report.Reason> reasons = new ArrayList<>(judge.against);
        reasons.addAll(judge.missing);
        List<Report.Reason> notes = new ArrayList<>(fit.notes());
        notes.addAll(Notes.of(backup));
        return backup.judged(verdict, reasons, notes);
    }

    /** One that is sure to happen again is one too many; one of the moment leaves the mail's fate open. */
    private void differences() {
        for (Relation relation : Relation.values()) {
            if (!relation.isDisagreement()) {
                continue;
            }
            Map<Category, Long> counts = new EnumMap<>(Category.class);
            for (Report.Difference difference : backup.differences()) {
                if (difference.is(relation)) {
                    counts.merge(difference.about(), difference.count(), Long::sum);
                }
            }
            counts.forEach((category, count) -> {
                if (category.isDeterministic()) {
                    against.add(difference(relation, category, count));
                } else if (!category.isJudgement()) {
                    missing.add(difference(relation, category, count));
                }
            });
        }
    }

    private static Report.Reason difference(Relation relation, Category category, long count) {
        String what = switch (relation) {
            case REFUSED -> "The backup refused " + recipients(count) + " that the primary took";
            case EXPIRED -> "The backup never took " + recipients(count) + " that the primary took";
            case LEAKED -> "The backup would take " + recipients(count) + " that the primary refused";
            default -> "Both servers refused " + recipients(count) + ", the backup for another reason than the primary";
        };
        String advice = switch (relation) {
            case LEAKED -> Advice.forLeaked(category);
            case DIFFERENT -> Advice.forDifferent(category);
            default -> Advice.forRefused(category);
        };
        return new Report.Reason(relation.text() + "-" + category.text(), what + ": " + Advice.words(category) + ".", advice);
    }

    private static String recipients(long count) {
        return count == 1 ? "one recipient" : number(count) + " recipients";
    }

    /** Two good filters differ now and then: a rate, each direction on its own. */
    private void judgements() {
        for (Category category : List.of(Category.CONTENT, Category.SENDER_AUTH)) {
            long stricter = backup.count(one -> one.about() == category && one.isDisagreement() && !one.is(Relation.LEAKED));
            long laxer = backup.count(one -> one.about() == category && one.is(Relation.LEAKED));
            judgement(category, stricter, "stricter",
                    "The backup refused %s of what was compared, and the primary did not say the same, above %s: %s.",
                    Advice.forRefused(category));
            judgement(category, laxer, "laxer",
                    "The primary refused %s of what was compared, and the backup would take it, above %s: %s.",
                    Advice.forLeaked(category));
        }
    }

    private void judgement(Category category, long count, String direction, String text, String advice) {
        long mails = backup.compared() - backup.evidence().bothRefused(); // or who guesses addresses would make a strict filter look mild
        double rate = count == 0 ? 0 : (double) count / Math.max(count, mails);
        if (rate > thresholds.judgement()) {
            against.add(new Report.Reason(category.text() + "-" + direction,
                    text.formatted(percent(rate), percent(thresholds.judgement()), Advice.words(category)), advice));
        }
    }

    private void circumstances() {
        Circumstances known = backup.evidence().circumstances();
        long lost = known.lostOrDamaged();
        long recipients = backup.count(one -> one.is(Relation.INCOMPARABLE) && one.backup().equals(Fate.LOST.text()));
        if (lost > 0 || recipients > 0) {
            against.add(new Report.Reason("lost-copies", "Copies for the backup were lost or damaged: "
                    + (lost > 0 ? count(lost, "copy", "copies") : count(recipients, "recipient", "recipients")) + ".",
                    "Find them in the log (lost, damaged), deliver or replay these mails, and delete what was set aside with 'dead delete'."
                    + " Then set a mark."));
        }
        if (known.loops() > 0) {
            against.add(new Report.Reason("loop", "Mail came back to the relay from the backup: "
                    + count(known.loops(), "mail", "mails") + ".",
                    "Find the forwarding or the route on the backup that sends mail to the primary or to the relay; 'echo' in the log"
                    + " names these mails. Then set a mark."));
        }
        if (known.failedRecipients() > 0) {
            against.add(new Report.Reason("failed-recipients", "The backup refused " + number(known.failedRecipients())
                    + " addresses of the primary when it was asked about them.", Advice.forRefused(Category.ADDRESS)));
        }
        if (known.catchAll() || backup.count(one -> one.is(Relation.INCOMPARABLE) && one.backup().equals(Fate.CATCH_ALL.text())) > 0) {
            missing.add(new Report.Reason("catch-all", "The backup takes any address, at least at one domain, so what it says about addresses there"
                    + " means nothing.",
                    "Let the backup refuse unknown recipients at RCPT."));
        }
        if (known.echoes() > 0) {
            missing.add(new Report.Reason("not-quiet", "The backup sends mail of its own: " + number(known.echoes())
                    + " bounces, receipts or automatic answers came to the relay.",
                    "Turn off vacation, forwarding and bounces on the backup until the switch; 'echo' in the log names these mails."
                    + " Then set a mark."));
        }
        if (known.awaySeconds() > thresholds.away().toSeconds()) {
            missing.add(new Report.Reason("away", "The backup was away for " + hours(known.awaySeconds()) + ", more than "
                    + hours(thresholds.away().toSeconds()) + ".", "Compare for longer while it is there."));
        }
        if (known.open() > 0 && known.oldestOpenSeconds() > thresholds.oldestOpen().toSeconds()) {
            missing.add(new Report.Reason("open-copies", recipients(known.open()) + " still wait for the backup, the oldest for "
                    + hours(known.oldestOpenSeconds()) + ".", "See with 'queue' why they wait."));
        }
    }

    private void evidence() {
        Report.Evidence evidence = backup.evidence();
        if (backup.compared() == 0 || backup.since() == null) {
            missing.add(new Report.Reason("nothing-compared", "No mail has been compared yet.", "Let traffic flow through the relay."));
            return;
        }
        long apart = ReportTimes.secondsBetween(backup.since(), backup.until());
        if (apart < thresholds.window().toSeconds()) {
            missing.add(new Report.Reason("window", "The comparison spans " + hours(apart) + ", less than "
                    + hours(thresholds.window().toSeconds()) + ".", "Wait."));
        }
        if (evidence.days() < thresholds.days()) {
            missing.add(new Report.Reason("days", "Something was compared on " + count(evidence.days(), "day", "days") + " only, fewer than "
                    + thresholds.days() + ".", "Wait until there was traffic on more days."));
        }
        if (thresholds.monday() && evidence.mondays() == 0) {
            missing.add(new Report.Reason("monday", "There was no Monday yet, when what piled up over a weekend is sent.",
                    "Wait for one."));
        }
        long left = backup.relations().getOrDefault(Relation.INCOMPARABLE.text(), 0L);
        double share = (double) left / (left + backup.compared() - evidence.bothRefused());
        if (share > thresholds.incomparable()) {
            missing.add(new Report.Reason("not-compared", percent(share) + " could not be compared, above "
                    + percent(thresholds.incomparable()) + ".", "See the differences of the relation incomparable for the reasons."));
        }
        if (evidence.addresses().equals(Addresses.NONE.name().toLowerCase(Locale.ROOT))) {
            missing.add(new Report.Reason("no-rows", "Addresses are not kept, so neither bound nor coverage can be told.",
                    "Set agreement.addresses to hashed."));
            return;
        }
        rates(evidence);
    }

    private void rates(Report.Evidence evidence) {
        if (backup.bound() > thresholds.bound()) {
            missing.add(new Report.Reason("bound", "For traffic like this, up to " + percent(backup.bound())
                    + " may be treated differently (95 % confidence), above " + percent(thresholds.bound()) + ".",
                    evidence.disagreed() == 0 ? "Wait for more traffic." : "Remove the differences, set a mark, and wait."));
        }
        Report.Coverage coverage = backup.coverage();
        if (coverage.exercised() < coverage.known() * thresholds.coverage()) {
            missing.add(new Report.Reason("coverage", "Of " + number(coverage.known()) + " mailboxes known from the primary "
                    + number(coverage.exercised()) + " were compared, fewer than " + percent(thresholds.coverage()) + ".",
                    "Wait until mail has come for the others, or send some to them."));
        }
        double unseen = evidence.units() == 0 ? 1 : (double) evidence.once() / evidence.units();
        if (unseen > thresholds.unseen()) {
            missing.add(new Report.Reason("unseen", "For traffic like this, about " + percent(unseen)
                    + " of the next mails go to a mailbox that was not seen yet, above " + percent(thresholds.unseen()) + ".",
                    "Wait until more of the mailboxes have got mail on more than one day."));
        }
        if (evidence.untracked() > 0) {
            missing.add(new Report.Reason("untracked", "For " + number(evidence.untracked())
                    + " comparisons no recipient could be noted, so bound and coverage are incomplete.",
                    "There are too many recipients, or their table cannot be written: see the log."));
        }
    }

    static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    static String percent(double rate) {
        double percent = rate * 100;
        return String.format(Locale.ROOT, percent == 0 || percent >= 10 ? "%.0f %%" : percent >= 0.1 ? "%.1f %%" : "%.3f %%", percent);
    }

    static String count(long number, String one, String many) {
        return number(number) + " " + (number == 1 ? one : many);
    }

    static String hours(long seconds) {
        return seconds < 3_600 ? count(seconds / 60, "minute", "minutes")
                : seconds < 2 * 86_400 ? count(seconds / 3_600, "hour", "hours") : count(seconds / 86_400, "day", "days");
    }
}
