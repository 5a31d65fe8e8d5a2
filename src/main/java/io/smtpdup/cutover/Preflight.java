package io.smtpdup.cutover;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.smtpdup.agreement.Report;
import io.smtpdup.agreement.Verdict;
import io.smtpdup.message.HowLong;
import org.jspecify.annotations.Nullable;

/** What is looked at before a backup becomes the primary: a line for each, whether it is in order, and what to do where it is not. */
public final class Preflight {

    /** So old may a copy be that is merely on its way. */
    private static final Duration ON_ITS_WAY = Duration.ofMinutes(5);

    /** So many copies that wait for longer are few. */
    private static final long FEW = 100;

    private static final Duration CERTIFICATE_SOON = Duration.ofDays(14);

    private static final Duration CHECK_IS_OLD = Duration.ofDays(7);

    private final String backup;

    private final String primary;

    private final Instant now;

    private final List<Line> lines = new ArrayList<>();

    /** How a line is. */
    public enum State {

        /** In order. */
        @JsonProperty("ok")
        OK,

        /** It does not stop the switch, and somebody should look at it. */
        @JsonProperty("look")
        LOOK,

        /** The switch is refused. */
        @JsonProperty("not-ok")
        NOT_OK
    }

    /**
     * One thing that was looked at.
     *
     * @param code what it was, for programs
     * @param text what was seen
     * @param advice what to do about it; null when it is in order
     */
    public record Line(String code, State state, String text, @Nullable String advice) {
    }

    /**
     * What a server did when it was asked whether it is there.
     *
     * @param trouble why it takes no mail now; null when it would
     * @param slow whether nobody knows, because it has not answered in time
     * @param tls the version; null for clear text
     * @param verified whether the certificate was checked against the server's name
     * @param certificateEnd until when its certificate is good; null without TLS
     */
    public record Reached(@Nullable String trouble, boolean slow, @Nullable String tls, boolean verified, @Nullable Instant certificateEnd) {

        /** It does not take one. */
        public static Reached not(String trouble) {
            return new Reached(trouble, false, null, false, null);
        }

        /** It has not said so within this time. */
        public static Reached notInTime(long seconds) {
            return new Reached("it has not answered within " + seconds + " s", true, null, false, null);
        }
    }

    /**
     * What waits for the backup.
     *
     * @param oldest when the oldest copy was accepted, by the clock on the wall; null for none
     * @param beside copies for whatever backup that their queues have not taken yet
     */
    public record Waiting(boolean paused, long copies, long beside, @Nullable Instant oldest, long dead, long damaged) {
    }

    /**
     * The latest check of recipients at the backup.
     *
     * @param state as {@code recipients check} has it: running, waiting, done, stopped or cancelled
     */
    public record Checked(String state, int total, int taken, int refused, int unclear, Instant startedAt) {
    }

    /**
     * Looks at nothing yet.
     *
     * @param backup host:port of the one that shall become the primary
     * @param primary host:port of the one that shall become a backup
     */
    public Preflight(String backup, String primary, Instant now) {
        this.backup = backup;
        this.primary = primary;
        this.now = now;
    }

    /** All lines, in the order in which they were looked at. */
    public List<Line> lines() {
        return List.copyOf(lines);
    }

    /** Whether nothing stops the switch. */
    public boolean isPassed() {
        return lines.stream().noneMatch(line -> line.state == State.NOT_OK);
    }

    /**
     * What the comparison says.
     *
     * @param report null when there is none
     */
    public Preflight verdict(Report.@Nullable Backup report) {
        if (report == null) {
            return look("verdict", "nothing is known about what " + backup + " does with mail, because nothing is compared",
                    "Set agreement.enabled=true, and let traffic flow.");
        }
        String reasons = report.reasons().stream().map(Report.Reason::code).collect(Collectors.joining(", "));
        if (report.verdict().equals(Verdict.READY.text())) {
            return ok("verdict", "the agreement report says ready");
        }
        String text = "the agreement report says " + report.verdict() + ": " + reasons;
        return report.verdict().equals(Verdict.NOT_READY.text())
                ? notOk("verdict", text, "Read 'smtp-duplicator agreement', which says what to do about each reason.")
                : look("verdict", text, "Nothing speaks against the switch, and too little for it: 'smtp-duplicator agreement' says what is"
                        + " missing.");
    }

    /** Whether it gets all mails; {@code left} says which it does not. */
    public Preflight selection(boolean all, String left) {
        return all ? this : notOk("selection", backup + " gets only some of the mails (" + left + ")",
                "Take the option away, and compare for long enough.");
    }

    /** What waits for it. */
    public Preflight waiting(Waiting known) {
        if (known.paused) {
            notOk("queue", backup + " is paused" + (known.copies == 0 ? "" : ", and " + copies(known.copies) + " wait"),
                    "Run 'smtp-duplicator resume', and wait until they are delivered.");
        } else if (known.copies == 0 || known.oldest == null) {
            ok("queue", "no copy waits for " + backup);
        } else if (known.oldest.plus(ON_ITS_WAY).isAfter(now)) {
            ok("queue", copies(known.copies) + " on their way to " + backup + ", accepted " + ago(known.oldest) + " ago at the earliest"
                    + "; they go on to it after the switch");
        } else if (known.copies <= FEW) {
            look("queue", copies(known.copies) + " wait for " + backup + ", accepted " + ago(known.oldest) + " ago at the earliest"
                    + "; they go on to it after the switch", "See with 'smtp-duplicator queue list' why they wait.");
        } else {
            notOk("queue", copies(known.copies) + " wait for " + backup + ", the oldest of " + ago(known.oldest),
                    "Wait until they are delivered; 'smtp-duplicator queue list' says why they wait.");
        }
        if (known.dead + known.damaged > 0) {
            look("dead-letters", backup + " does not have " + mails(known.dead + known.damaged) + " of which the copy is a dead letter or damaged",
                    "'smtp-duplicator dead list' shows them: requeue what it shall have, and delete the rest.");
        } else {
            ok("dead-letters", backup + " has no dead letters");
        }
        if (known.beside > 0) {
            look("overflow", copies(known.beside) + " could not be put into the queues yet, and may be for " + backup,
                    "See 'smtp-duplicator queue', and wait until they are.");
        }
        return this;
    }

    /** Whether both servers are there now. */
    public Preflight reached(Reached next, Reached old) {
        reached("backup", backup, next);
        reached("primary", primary, old);
        if (next.trouble != null) {
            return this;
        }
        Instant end = next.certificateEnd;
        if (next.tls == null) {
            look("tls", backup + " gets mail in clear text", "Let it offer STARTTLS, and write ?tls=required behind its address.");
        } else if (end != null && !end.isAfter(now)) {
            notOk("tls", "the certificate of " + backup + " has expired on " + end, "Renew it.");
        } else if (end != null && end.isBefore(now.plus(CERTIFICATE_SOON))) {
            look("tls", "the certificate of " + backup + " ends on " + end, "Renew it.");
        } else if (!next.verified) {
            look("tls", backup + " is spoken to with " + next.tls + ", and its certificate is not verified"
                    + (end == null ? "" : "; it ends on " + end), "Write ?tls=required behind its address, so that it is.");
        } else {
            ok("tls", backup + " is spoken to with " + next.tls + ", and its certificate is good" + (end == null ? "" : " until " + end));
        }
        return this;
    }

    private void reached(String role, String server, Reached reached) {
        if (reached.trouble == null) {
            ok(role + "-reachable", server + " answers, and would take a mail");
        } else if (reached.slow) {
            look(role + "-reachable", server + ": " + reached.trouble, "See whether mail flows to it, and how long it takes.");
        } else {
            notOk(role + "-reachable", server + " takes no mail now: " + reached.trouble, role.equals("backup")
                    ? "Without it no mail could be accepted after the switch: look into its log."
                    : "Copies for it would only wait after the switch: look into its log, or take it out of the list first if it is gone for good.");
        }
    }

    /**
     * Whether it knows all recipients.
     *
     * @param check null when there was none since the relay's start
     * @param known how many mailboxes the relay knows of
     */
    public Preflight recipients(@Nullable Checked check, long known) {
        String advice = "Run 'smtp-duplicator recipients check -b " + backup + "' with a list of all addresses.";
        if (check == null) {
            return look("recipients", backup + " was not asked about recipients since the relay's start", advice);
        }
        String what = check.taken + " of " + check.total + " recipients taken when it was asked " + ago(check.startedAt) + " ago";
        if (check.refused > 0) {
            return notOk("recipients", backup + " refused " + check.refused + " of " + check.total + " recipients when it was asked "
                    + ago(check.startedAt) + " ago", "Create these mailboxes and aliases, and check again.");
        }
        if (!check.state.equals("done") || check.unclear > 0) {
            return look("recipients", what + "; the check is " + check.state + ", " + check.unclear + " without a clear answer", advice);
        }
        if (check.startedAt.plus(CHECK_IS_OLD).isBefore(now)) {
            return look("recipients", what, advice);
        }
        if (check.total < known) {
            return look("recipients", what + ", and mail has come for " + known, advice);
        }
        return check.taken == check.total ? ok("recipients", what)
                : look("recipients", what + ": of some domains it takes any address, so that its answers say nothing",
                        "Let it refuse unknown recipients at RCPT.");
    }

    /**
     * Whether the old server is fit to be a backup.
     *
     * @param notifyNever whether copies ask for no reports
     */
    public Preflight quiet(boolean notifyNever) {
        if (!notifyNever) {
            look("reports", "copies ask for delivery reports (relay.backup_notify_never=false), so that " + primary
                    + " will send reports to the senders as well", "Set relay.backup_notify_never=true.");
        }
        return look("quiet", "as a backup " + primary + " must keep quiet, which nobody can see from here before the switch",
                "Turn off vacation notices, forwarding, lists and bounces on " + primary + ", and on at " + backup + ".");
    }

    /** @param problem why copies cannot be kept; null when they can */
    public Preflight spool(@Nullable String problem, boolean ample) {
        return problem != null ? notOk("spool", "copies cannot be kept: " + problem, "Make room, or mend the broker.")
                : ample ? ok("spool", "the spool has room")
                : look("spool", "the disk of the spool is filling up", "Make room.");
    }

    /** @param days until the relay's own certificate ends; null when it has none */
    public Preflight ownCertificate(@Nullable Double days) {
        return days == null || days > CERTIFICATE_SOON.toDays() ? this
                : days <= 0 ? notOk("certificate", "the relay's own certificate has expired", "Renew it.")
                : look("certificate", String.format(Locale.ROOT, "the relay's own certificate ends in %.0f days", days), "Renew it.");
    }

    /**
     * The two lines can be written.
     *
     * @param writable by the relay itself
     */
    public Preflight settings(String origin, boolean writable) {
        return writable ? ok("settings", "primary and backup are set in " + origin)
                : look("settings", "primary and backup are set in " + origin + ", which the relay may not write", "Run the command as somebody who"
                        + " may; otherwise it prints what to write.");
    }

    /** Of something else that stops the switch. */
    public Preflight stop(String code, String text, String advice) {
        return notOk(code, text, advice);
    }

    private Preflight ok(String code, String text) {
        lines.add(new Line(code, State.OK, text, null));
        return this;
    }

    private Preflight look(String code, String text, String advice) {
        lines.add(new Line(code, State.LOOK, text, advice));
        return this;
    }

    private Preflight notOk(String code, String text, String advice) {
        lines.add(new Line(code, State.NOT_OK, text, advice));
        return this;
    }

    private static String copies(long count) {
        return count == 1 ? "one copy" : count + " copies";
    }

    private static String mails(long count) {
        return count == 1 ? "one mail" : count + " mails";
    }

    private String ago(Instant time) {
        return HowLong.text(Duration.between(time, now));
    }
}
