package io.smtpdup.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.smtpdup.agreement.Report;
import io.smtpdup.config.Destination;
import io.smtpdup.config.Key;
import io.smtpdup.config.Settings;
import io.smtpdup.config.Swap;
import io.smtpdup.cutover.Bake;
import io.smtpdup.cutover.Preflight;
import io.smtpdup.cutover.PrimaryHistory;
import io.smtpdup.cutover.Reloading;
import io.smtpdup.cutover.Turn;
import io.smtpdup.spool.SpoolException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The switch: looks whether a backup may become the primary, has the two settings changed and taken up, and takes it back. One at a time.
 */
public final class CutoverTools {

    private static final DateTimeFormatter ASIDE = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final Logger LOG = LoggerFactory.getLogger(CutoverTools.class);

    private final Settings settings;

    private final Path directory;

    private final Map<String, String> environment;

    private final PrimaryHistory history;

    private final Surroundings around;

    private final Reloading reloading;

    private final Clock clock;

    /** What the relay knows of everything that is looked at. */
    public interface Surroundings {

        /** Of one backup; empty when nothing is compared. */
        Optional<Report.Backup> report(String backup);

        /** The same, some minutes old. */
        Optional<Report.Backup> recentReport(String backup);

        /** What waits for it. */
        Preflight.Waiting waiting(String backup);

        /** Asks a server whether it would take a mail now; {@code backup} is null for the primary. */
        Preflight.Reached reach(Destination server, @Nullable String backup);

        /** The latest check of recipients; null for none. */
        Preflight.@Nullable Checked checked(String backup);

        /** Why copies cannot be kept; empty when they can. */
        Optional<String> spoolProblem();

        /** Whether there is room for a while. */
        boolean hasRoom();

        /** Until our own certificate ends; null without one. */
        @Nullable Double certificateDays();

        /** Since when the primary does not answer; null when it does. */
        @Nullable Instant primaryAwaySince();
    }

    /**
     * @param directory with application.properties
     * @param environment of this process
     */
    public CutoverTools(Settings settings, Path directory, Map<String, String> environment, PrimaryHistory history, Surroundings around,
            Reloading reloading, Clock clock) {
        this.settings = settings;
        this.directory = directory;
        this.environment = Map.copyOf(environment);
        this.history = history;
        this.around = around;
        this.reloading = reloading;
        this.clock = clock;
    }

    /**
     * What was looked at before a switch.
     *
     * @param passed whether nothing stops it
     */
    public record Check(String backup, String primary, boolean passed, List<Preflight.Line> lines) {
    }

    /**
     * What came of a switch.
     *
     * @param state done; refused, because a line is not in order; to-write, when the settings cannot be written by the relay; needs-restart, when
     *        they are written and the relay takes them at its next start; failed, when the new settings were not taken up
     * @param primary host:port of the primary that is in force, or that will be
     * @param problems why it failed; empty otherwise
     * @param saved how the settings' file as it was is called, beside it; null when nothing was written
     * @param toWrite null when nothing has to be written
     * @param next what the operator has to do; null for nothing
     */
    public record Switched(String state, String primary, String backup, List<Preflight.Line> lines, List<String> problems,
            @Nullable String saved, @Nullable ToWrite toWrite, @Nullable String next) {
    }

    /**
     * What the relay may not write itself.
     *
     * @param file where it belongs
     * @param aside as what the file shall be kept
     * @param backup the name of the one that becomes the primary
     * @param options what the other gets behind its address
     * @param lines the two settings in the form of the place where they stand, without passwords
     */
    public record ToWrite(@Nullable String file, String aside, String backup, String options, List<String> lines) {
    }

    /**
     * Who is the primary, and whether to go back.
     *
     * @param bakeUntil until when somebody should watch; null when the primary was not switched
     * @param planned a switch whose settings somebody has still to write; null for none
     */
    public record Status(String primary, List<String> backups, @Nullable Turn turn, @Nullable String bakeUntil, boolean baking,
            Bake.@Nullable Advice advice, @Nullable Turn planned, List<Turn> earlier) {
    }

    /** Who is the primary since when and why. */
    public Status status() {
        Turn turn = history.current();
        Instant until = turn == null || turn.before() == null ? null : turn.begun().plus(settings.bakeTime());
        boolean baking = turn != null && until != null && isBaking(turn);
        List<Turn> all = history.turns();
        return new Status(settings.primary().address(), settings.backups().stream().map(Destination::address).toList(), turn,
                until == null ? null : until.toString(), baking, baking ? advice(turn, this::quietly) : null, history.planned(),
                all.subList(0, Math.max(0, all.size() - 1)));
    }

    /** Since when who is the primary and why. */
    public @Nullable Turn turn() {
        return history.current();
    }

    /** As {@link #status} says, of a report that may be some minutes old; nothing when nobody watches any more. */
    public Bake.Advised recentAdvice() {
        Turn turn = history.current();
        return turn == null || turn.before() == null || !isBaking(turn) ? Bake.Advised.NOTHING : advice(turn, around::recentReport).advised();
    }

    /** Whether the latest switch is so young that somebody should watch. */
    public boolean isBaking() {
        Turn turn = history.current();
        return turn != null && turn.before() != null && isBaking(turn);
    }

    private boolean isBaking(Turn turn) {
        return clock.instant().isBefore(turn.begun().plus(settings.bakeTime()));
    }

    private Bake.Advice advice(Turn turn, Function<String, Optional<Report.Backup>> reports) {
        Optional<Destination> old = settings.backups().stream().filter(one -> one.address().equals(turn.before())).findFirst();
        Report.Backup report = old.flatMap(one -> reports.apply(one.name())).orElse(null);
        return Bake.of(new Bake.Seen(settings.primary().address(), around.primaryAwaySince(), report,
                old.map(settings::checksRefused).orElse(false)), clock.instant());
    }

    private Optional<Report.Backup> quietly(String backup) {
        try {
            return around.report(backup);
        } catch (SpoolException e) {
            LOG.debug("there is no agreement report at the moment", e);
            return Optional.empty();
        }
    }

    /** Looks at everything, and changes nothing. Asks both servers, which may take some seconds. */
    public Check check(String backup) {
        Destination next = backup(backup);
        Preflight preflight = look(next, swap(next));
        return new Check(next.address(), settings.primary().address(), preflight.isPassed(), preflight.lines());
    }

    private Destination backup(String text) {
        String name = Destination.nameOf(text).orElse(text);
        if (settings.primary().name().equals(name)) {
            throw RequestException.conflict(settings.primary().address() + " is the primary already");
        }
        return settings.backups().stream().filter(one -> one.name().equalsIgnoreCase(text) || one.name().equals(name)).findFirst()
                .orElseThrow(() -> RequestException.notFound("there is no backup " + text + ", but " + (settings.backups().isEmpty() ? "none"
                        : settings.backups().stream().map(Destination::name).collect(Collectors.joining(", ")))));
    }

    /** The two settings, or why they cannot be changed. */
    private record Lines(@Nullable Swap swap, String problem) {
    }

    private Lines swap(Destination next) {
        try {
            return new Lines(Swap.of(directory, environment, next.name(), takenOff(settings.primary().address())), "");
        } catch (IllegalArgumentException e) {
            return new Lines(null, e.getMessage());
        }
    }

    /** What the primary had behind its address when it was a backup. */
    private String takenOff(String primary) {
        Turn turn = history.current();
        return turn != null && turn.primary().equals(primary) ? turn.takenOff() : "";
    }

    private Preflight look(Destination next, Lines lines) {
        Instant now = clock.instant();
        Preflight preflight = new Preflight(next.address(), settings.primary().address(), now);
        preflight.verdict(around.report(next.name()).orElse(null))
                .selection(next.limits().selection().isAll(), "only=, except=, sample=, max_size= or to= behind its address")
                .waiting(around.waiting(next.name()))
                .reached(around.reach(next, next.name()), around.reach(settings.primary(), null))
                .recipients(around.checked(next.name()))
                .quiet(settings.isBackupNotifyNever())
                .spool(around.spoolProblem().orElse(null), around.hasRoom())
                .ownCertificate(around.certificateDays());
        if (!settings.discardEhlo(settings.primary()).isEmpty() || !settings.discardEhlo(next).isEmpty()) {
            preflight.stop("discard-ehlo", Key.RELAY_PRIMARY_DISCARD_EHLO.text() + " or discard_ehlo= is set, and says of one server what would hold"
                    + " for the other after the switch", "Switch by hand: three lines change.");
        }
        return preflight.settings(lines.swap == null ? lines.problem : null, lines.swap == null ? "" : lines.swap.origin());
    }

    /**
     * Makes a backup the primary, and the primary that backup.
     *
     * @param anyway why it is done although a line is not in order; null to refuse then
     * @param reason for the log and the history; null for none
     */
    public synchronized Switched cutover(String backup, @Nullable String anyway, @Nullable String reason) {
        Destination next = backup(backup);
        Lines lines = swap(next);
        Preflight preflight = look(next, lines);
        if (lines.swap == null || !preflight.isPassed() && anyway == null) {
            return new Switched("refused", settings.primary().address(), next.address(), preflight.lines(), List.of(), null, null,
                    lines.swap == null ? null : "Mend what is not ok, or switch all the same with --anyway and a reason.");
        }
        String why = anyway != null && !preflight.isPassed() ? "anyway: " + anyway : anyway != null ? anyway : reason;
        return change(next, lines.swap, Turn.How.CUTOVER, why, preflight.lines());
    }

    /**
     * Makes the primary of before the latest switch the primary again, whatever the lines say.
     *
     * @param reason as in {@link #cutover}
     */
    public synchronized Switched rollback(@Nullable String reason) {
        Turn turn = history.current();
        if (turn == null || turn.before() == null || turn.how() == Turn.How.ROLLBACK) {
            throw RequestException.conflict("there is no switch to take back: " + settings.primary().address() + " is the primary"
                    + (turn == null || turn.how() == Turn.How.FIRST ? " as long as the relay knows" : " after a rollback, since " + turn.since()));
        }
        String before = turn.before();
        if (settings.backups().stream().noneMatch(one -> one.address().equals(before))) {
            throw RequestException.conflict(before + ", which was the primary before, is no backup any more, so it lacks mails: put it into"
                    + " relay.destination_backups, and switch with cutover");
        }
        Destination next = backup(before);
        Lines lines = swap(next);
        if (lines.swap == null) {
            throw RequestException.conflict(lines.problem);
        }
        return change(next, lines.swap, Turn.How.ROLLBACK, reason, List.of());
    }

    private Switched change(Destination next, Swap swap, Turn.How how, @Nullable String why, List<Preflight.Line> seen) {
        String verdict = quietly(next.name()).map(Report.Backup::verdict).orElse(null);
        try {
            history.plan(new Turn(next.address(), clock.instant().toString(), settings.primary().address(), how, why, verdict, swap.takenOff()));
        } catch (UncheckedIOException e) {
            throw RequestException.noRoom("nothing was changed, because what is done cannot be written down: " + e.getCause());
        }
        LOG.warn("an operator makes {} the primary ({}){}", next.address(), how.name().toLowerCase(Locale.ROOT), why == null ? "" : ": " + why);
        String aside = swap.file().getFileName() + ".before-" + ASIDE.format(clock.instant());
        ToWrite lines = new ToWrite(swap.isInOneFile() ? swap.file().toAbsolutePath().toString() : null, aside, next.name(),
                takenOff(settings.primary().address()), swap.lines());
        Switched toWrite = new Switched("to-write", next.address(), settings.primary().address(), seen, List.of(), null, lines,
                swap.isInEnvironment() ? "Set these where the relay's environment comes from, and restart it."
                : "Write these into " + swap.origin() + " (where that is a part of a ConfigMap, into the ConfigMap), and run"
                + " 'smtp-duplicator reload'.");
        if (!swap.isInOneFile()) {
            return toWrite;
        }
        Swap.Undo undo;
        try {
            undo = swap.write(aside);
        } catch (IOException e) {
            LOG.info("{} cannot be written by the relay: {}", swap.file(), e.toString());
            return toWrite;
        }
        Reloading.Result result = reloading.reload(how.name().toLowerCase(Locale.ROOT));
        if (result.state() == Reloading.State.REFUSED) {
            return takeBack(undo, next, seen, result.problems());
        }
        return new Switched(result.state() == Reloading.State.DONE ? "done" : "needs-restart", next.address(), settings.primary().address(), seen,
                List.of(), aside, null, result.state() == Reloading.State.DONE ? null : "Restart the relay.");
    }

    private Switched takeBack(Swap.Undo undo, Destination next, List<Preflight.Line> seen, List<String> problems) {
        history.drop();
        String kept = null;
        try {
            undo.run();
        } catch (IOException e) {
            kept = "Put back the file that was saved: " + e.getMessage();
        }
        return new Switched("failed", settings.primary().address(), next.address(), seen, problems, null, null, kept);
    }

    /** Ends a switch whose two lines somebody else has written, as the command does, which may write where the relay may not. */
    public synchronized Switched takeUpWritten() {
        Turn meant = history.planned();
        if (meant == null) {
            throw RequestException.conflict("no switch has begun, so nothing that was written is meant");
        }
        String before = settings.primary().address();
        Reloading.Result result = reloading.reload(meant.how().name().toLowerCase(Locale.ROOT));
        history.refresh();
        Turn now = history.current();
        if (result.state() == Reloading.State.NEEDS_RESTART) {
            return written("needs-restart", meant.primary(), before, List.of(), "Restart the relay.");
        } else if (result.state() == Reloading.State.DONE && now != null && now.primary().equals(meant.primary())) {
            return written("done", meant.primary(), before, List.of(), null);
        }
        history.drop();
        return written("failed", before, meant.primary(), result.state() == Reloading.State.DONE
                ? List.of("the settings that the relay reads still say that " + before + " is the primary") : result.problems(), null);
    }

    private static Switched written(String state, String primary, String backup, List<String> problems, @Nullable String next) {
        return new Switched(state, primary, backup, List.of(), problems, null, null, next);
    }
}
