package io.smtpdup.agreement;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import org.HdrHistogram.Histogram;

/** What is worth knowing of a backup and has no vote. */
final class Notes {

    private static final String NO_VOTE = "no-vote";

    private Notes() {
    }

    /** The same with the note that it is none of the backups any more, and has no vote. */
    static Report.Backup withoutVote(Report.Backup backup) {
        List<Report.Reason> notes = new ArrayList<>();
        notes.add(new Report.Reason(NO_VOTE, "It is none of the backups any more: the verdict on all backups leaves it out.",
                "Nothing; what was compared is forgotten as it gets too old."));
        notes.addAll(backup.notes());
        return backup.noted(notes);
    }

    static boolean hasVote(Report.Backup backup) {
        return backup.notes().stream().noneMatch(note -> note.code().equals(NO_VOTE));
    }

    static List<Report.Reason> of(Report.Backup backup) {
        List<Report.Reason> notes = new ArrayList<>();
        long greylisted = healed(backup, Category.GREYLIST);
        if (greylisted > 0) {
            notes.add(new Report.Reason("greylisted", Judge.number(greylisted) + " recipients were greylisted and taken later."
                    + healing(backup), Advice.forRefused(Category.GREYLIST)));
        }
        long throttled = healed(backup, Category.THROTTLE);
        if (throttled > 0) {
            notes.add(new Report.Reason("throttled", Judge.number(throttled) + " recipients were put off as too much at a time, and taken"
                    + " later." + healing(backup), Advice.forRefused(Category.THROTTLE)));
        }
        Report.Evidence evidence = backup.evidence();
        if (evidence.circumstances().hidden()) {
            notes.add(new Report.Reason("not-seen-quiet",
                    "Whether the backup sends bounces or automatic answers can be seen only where it gives its name in EHLO: its address is"
                    + " the primary's or this machine's as well.", "Look into the backup's own queue and log."));
        }
        if (evidence.gaps() > 0) {
            notes.add(new Report.Reason("gaps", "The relay was killed " + Judge.count(evidence.gaps(), "time", "times")
                    + "; what it compared in its last seconds may be missing.", "Nothing, if it happens rarely."));
        }
        long unrecorded = backup.count(one -> one.is(Relation.INCOMPARABLE) && one.backup().equals(Fate.UNRECORDED.text()));
        if (unrecorded > 0) {
            notes.add(new Report.Reason("unrecorded", Judge.number(unrecorded) + " comparisons could not be recorded.",
                    "See the log for the reason: a slow or full disk, or a burst."));
        }
        notes.add(new Report.Reason("spam-folders", "Whether the backup puts mail into spam folders cannot be seen over SMTP.",
                "Look into some mailboxes on both servers."));
        return notes;
    }

    private static long healed(Report.Backup backup, Category category) {
        return backup.count(one -> one.is(Relation.HEALED) && one.about() == category);
    }

    private static String healing(Report.Backup backup) {
        try {
            Histogram seconds = Times.decode(Base64.getDecoder().decode(backup.evidence().healingTimes()));
            return seconds.getTotalCount() == 0 ? "" : " Half of all that were put off were taken within "
                    + seconds.getValueAtPercentile(50) + " s, 95 % within " + seconds.getValueAtPercentile(95) + " s.";
        } catch (IOException | IllegalArgumentException e) {
            return "";
        }
    }
}
