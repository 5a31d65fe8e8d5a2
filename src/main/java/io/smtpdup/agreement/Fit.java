package io.smtpdup.agreement;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Whether the mails that the primary takes fit into the backup, by what both announce: what a server announces not to take it will not
 * take, so a mail of that kind that was seen speaks against it; a mail that may come one day is worth a note.
 */
final class Fit {

    private static final int DAYS = 30;

    private final List<Report.Reason> against = new ArrayList<>();

    private final List<Report.Reason> notes = new ArrayList<>();

    private Fit() {
    }

    /** @param sides null when nothing is known */
    static Fit of(@Nullable Sides sides) {
        Fit fit = new Fit();
        if (sides != null) {
            Sides.Server backup = sides.backup();
            if (backup == null) {
                fit.note("not-answered", "What the backup announces is not known: it has answered no EHLO yet.",
                        "Let a mail flow, or look why it cannot be reached.");
            } else {
                fit.judge(sides.primary(), backup, sides.seen());
            }
            fit.certificate("primary", sides.primary());
            fit.certificate("backup", backup);
        }
        return fit;
    }

    /** What cannot be ready. */
    List<Report.Reason> against() {
        return against;
    }

    List<Report.Reason> notes() {
        return notes;
    }

    private void judge(Sides.@Nullable Server primary, Sides.Server backup, Sides.@Nullable Seen seen) {
        long most = primary == null ? Long.MAX_VALUE : primary.size().orElse(Long.MAX_VALUE);
        long limit = backup.size().orElse(Long.MAX_VALUE);
        if (limit < most && seen != null && seen.largest() > limit) {
            against("size", "The largest mail seen has " + size(seen.largest()) + " (" + seen.largestAt() + "), and the backup takes "
                    + size(limit) + ".", Advice.forRefused(Category.SIZE));
        } else if (limit < most && primary != null) {
            note("smaller-size", "The backup takes mails of " + size(limit) + ", the primary "
                    + (most == Long.MAX_VALUE ? "any" : "those of " + size(most))
                    + (seen == null ? "." : "; the largest seen has " + size(seen.largest()) + "."), Advice.forRefused(Category.SIZE));
        }
        extension("8BITMIME", primary, backup, seen == null ? 0 : seen.eightBit(), seen == null ? null : seen.eightBitAt());
        extension("SMTPUTF8", primary, backup, seen == null ? 0 : seen.smtpUtf8(), seen == null ? null : seen.smtpUtf8At());
        if (backup.recipients() != null && seen != null && seen.mostRecipients() > backup.recipients()) {
            note("fewer-recipients", "The backup takes " + backup.recipients() + " recipients in a transaction, and a mail with "
                    + Judge.number(seen.mostRecipients()) + " was seen (" + seen.mostRecipientsAt() + "): it goes in several.",
                    "Raise the limit if a sender could stumble over it.");
        }
    }

    /** A mail of that kind that the primary would not take any more says nothing about the backup. */
    private void extension(String keyword, Sides.@Nullable Server primary, Sides.Server backup, long count, @Nullable String last) {
        if (backup.has(keyword) || primary != null && !primary.has(keyword)) {
            return;
        }
        if (count > 0) {
            against(keyword.toLowerCase(Locale.ROOT), (count == 1 ? "One mail" : Judge.number(count) + " mails")
                    + " that needed " + keyword + (count == 1 ? " was" : " were") + " seen (last " + last
                    + "), and the backup does not announce it.", "Enable " + keyword + " on the backup, or in the filter in front of it.");
        } else if (primary != null) {
            note("no-" + keyword.toLowerCase(Locale.ROOT), "The primary announces " + keyword + ", the backup does not; no mail seen has"
                    + " needed it.",
                    "Enable it on the backup, or in the filter in front of it.");
        }
    }

    private void certificate(String role, Sides.@Nullable Server server) {
        if (server != null && server.certificateDays() != null && server.certificateDays() < DAYS) {
            note(role + "-certificate", "The certificate of the " + role + (server.certificateDays() < 0 ? " has ended on " : " ends on ")
                    + server.certificateUntil() + ".", "Renew it.");
        }
    }

    private void against(String what, String text, String advice) {
        against.add(new Report.Reason("would-not-fit-" + what, text, advice));
    }

    private void note(String code, String text, String advice) {
        notes.add(new Report.Reason(code, text, advice));
    }

    /** Servers have limits that are round in one of two ways. */
    static String size(long octets) {
        return octets < 1_000_000 ? Judge.number(octets) + " octets"
                : String.format(Locale.ROOT, "%.1f MB (%,d octets)", octets / 1_000_000.0, octets);
    }
}
