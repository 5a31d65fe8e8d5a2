package io.smtpdup.tools;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

import io.smtpdup.agreement.Report;
import io.smtpdup.config.Destination;
import io.smtpdup.config.Settings;
import io.smtpdup.config.Swap;
import io.smtpdup.cutover.Bake;
import io.smtpdup.cutover.Preflight;
import io.smtpdup.cutover.PrimaryHistory;
import io.smtpdup.cutover.Reloading;
import io.smtpdup.cutover.Turn;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The switch: looks whether a backup may become the primary, has the two settings changed and taken up, and takes it back. One at a time.
 */
public final class CutoverTools {

    private static final int LONGEST_REASON = 500;

    private static final Logger LOG = LoggerFactory.getLogger(CutoverTools.class);

    private final Settings settings;

    private final Path directory;

    private final Map<String, String> environment;

    private final PrimaryHistory history;

    private final Surroundings around;

    private final Clock clock;

    private final LookAround looks;

    private final Switcher switcher;

    /** What the relay knows of everything that is looked at; times are those of the clock on the wall. */
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

        /** Since when the primary has taken no mail although several came; null when it has. */
        @Nullable Instant primaryTakesNoneSince();
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
        this.clock = clock;
        looks = new LookAround(settings, around, clock);
        switcher = new Switcher(settings, history, this::verdict, reloading, clock);
    }

    /**
     * What was looked at before a switch.
     *
     * @param passed whether nothing stops it
     */
    public record Check(String backup, String primary, boolean passed, List<Preflight.Line> lines) {
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
        return Bake.of(new Bake.Seen(settings.primary().address(), around.primaryAwaySince(), around.primaryTakesNoneSince(), report,
                old.map(settings::checksRefused).orElse(false)), clock.instant());
    }

    private @Nullable String verdict(String backup) {
        return quietly(backup).map(Report.Backup::verdict).orElse(null);
    }

    private Optional<Report.Backup> quietly(String backup) {
        try {
            return around.report(backup);
        } catch (RuntimeException e) {
            LOG.debug("there is no agreement report at the moment", e);
            return Optional.empty();
        }
    }

    /** Looks at everything, and changes nothing. Asks both servers, which may take some seconds. */
    public Check check(String backup) {
        Destination next = backup(backup);
        Lines lines = swap(next);
        Preflight preflight = looks.look(next, lines.swap, lines.problems);
        return new Check(next.address(), settings.primary().address(), preflight.isPassed(), preflight.lines());
    }

    private Destination backup(String text) {
        String name = Destination.nameOf(text).orElse(text);
        if (settings.primary().name().equals(name)) {
            throw RequestException.conflict(settings.primary().address() + " is the primary already");
        }
        return KnownBackups.listed(settings.backups(), text);
    }

    /** The two settings, and what would be wrong afterwards, or why they cannot be changed. */
    private record Lines(@Nullable Swap swap, List<String> problems) {
    }

    private Lines swap(Destination next) {
        try {
            Swap swap = Swap.of(directory, environment, next.name(), switcher.takenOff());
            return new Lines(swap, swap.problems());
        } catch (IllegalArgumentException e) {
            return new Lines(null, List.of(e.getMessage()));
        }
    }

    /**
     * Makes a backup the primary, and the primary that backup.
     *
     * @param anyway why it is done although a line is not in order; null to refuse then
     * @param reason for the log and the history; null for none
     */
    public Switched cutover(String backup, @Nullable String anyway, @Nullable String reason) {
        return alone(() -> {
            Destination next = backup(backup);
            Lines lines = swap(next);
            Preflight preflight = looks.look(next, lines.swap, lines.problems);
            if (lines.swap == null || !lines.problems.isEmpty() || !preflight.isPassed() && anyway == null) {
                return new Switched("refused", settings.primary().address(), next.address(), preflight.lines(), List.of(), null, null,
                        "Mend what is not ok" + (preflight.isPassed() || lines.swap == null ? "."
                        : ", or switch all the same with --anyway and a reason."));
            }
            String why = anyway != null && !preflight.isPassed() ? "anyway: " + anyway : anyway != null ? anyway : reason;
            return switcher.change(next, lines.swap, Turn.How.CUTOVER, cut(why), preflight.lines());
        });
    }

    /** It is in each answer and in the history from then on. */
    private static @Nullable String cut(@Nullable String reason) {
        return reason == null ? null : reason.substring(0, Math.min(LONGEST_REASON, reason.length()));
    }

    /** Nobody waits here for what may take long: whoever comes second hears so. */
    private Switched alone(Supplier<Switched> change) {
        if (!history.switching().tryLock()) {
            throw RequestException.conflict("another switch is under way; cutover status tells when it is done");
        }
        try {
            return change.get();
        } finally {
            history.switching().unlock();
        }
    }

    /**
     * Makes the primary of before the latest switch the primary again, whatever the lines say.
     *
     * @param reason as in {@link #cutover}
     */
    public Switched rollback(@Nullable String reason) {
        return alone(() -> {
            Turn planned = history.planned();
            Swap written = planned == null ? null : written(planned);
            if (planned != null && written != null) {
                return switcher.takeBackBeforeItBegan(written, planned);
            }
            Destination next = backup(before());
            Lines lines = swap(next);
            if (lines.swap == null || !lines.problems.isEmpty()) { // which no relay would take
                throw RequestException.conflict(String.join("; ", lines.problems));
            }
            return switcher.change(next, lines.swap, Turn.How.ROLLBACK, cut(reason), List.of());
        });
    }

    /** Who is the primary after a {@link #rollback}; null when there is no switch to take back. */
    public @Nullable String rollbackTo() {
        try {
            Turn planned = history.planned();
            return planned != null && written(planned) != null ? settings.primary().address() : backup(before()).address();
        } catch (RequestException e) {
            return null;
        }
    }

    /** What takes back a switch away from the primary in force that is written already; null when there is none. */
    private @Nullable Swap written(Turn planned) {
        return settings.primary().address().equals(planned.before()) ? swap(settings.primary()).swap : null;
    }

    /** Who was the primary before the latest switch. */
    private String before() {
        String now = settings.primary().address();
        Turn latest = null;
        for (Turn turn : history.turns()) {
            latest = turn.how() == Turn.How.CUTOVER || turn.how() == Turn.How.ROLLBACK ? turn : latest;
        }
        String before = latest == null ? null : latest.before();
        if (latest == null || before == null || latest.how() == Turn.How.ROLLBACK) {
            throw RequestException.conflict("there is no switch to take back: " + now + " is the primary" + (latest == null
                    ? " and no cutover is known" : " after a rollback, since " + latest.since()));
        } else if (!latest.primary().equals(now)) {
            throw RequestException.conflict("there is no switch to take back: " + now + " is the primary because the settings were changed since"
                    + " the latest cutover; use cutover to make another one it");
        } else if (settings.backups().stream().noneMatch(one -> one.address().equals(before))) {
            throw RequestException.conflict(before + ", which was the primary before, is no backup any more, so it lacks mails: put it into"
                    + " relay.destination_backups, and switch with cutover");
        }
        return before;
    }

    /** Ends a switch whose two lines somebody else has written, as the command does, which may write where the relay may not. */
    public Switched takeUpWritten() {
        return alone(switcher::takeUp);
    }
}
