package io.smtpdup.tools;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;

import io.smtpdup.config.Destination;
import io.smtpdup.config.Settings;
import io.smtpdup.config.Swap;
import io.smtpdup.cutover.Preflight;
import io.smtpdup.cutover.PrimaryHistory;
import io.smtpdup.cutover.Reloading;
import io.smtpdup.cutover.Turn;
import io.smtpdup.message.PlainText;
import io.smtpdup.tools.Switched.ToWrite;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does a switch: has the two settings written and taken up, and takes them back when they are not. For one thread at a time. */
final class Switcher {

    private static final Logger LOG = LoggerFactory.getLogger(CutoverTools.class);

    private final Settings settings;

    private final PrimaryHistory history;

    private final Function<String, @Nullable String> verdicts;

    private final Reloading reloading;

    private final Clock clock;

    /** @param verdicts of the agreement report, by the name of a backup; null for none */
    Switcher(Settings settings, PrimaryHistory history, Function<String, @Nullable String> verdicts, Reloading reloading, Clock clock) {
        this.settings = settings;
        this.history = history;
        this.verdicts = verdicts;
        this.reloading = reloading;
        this.clock = clock;
    }

    /** What the primary had behind its address when it was a backup; empty for nothing. */
    String takenOff() {
        Turn turn = history.current();
        return turn != null && turn.primary().equals(settings.primary().address()) ? turn.takenOff() : "";
    }

    /**
     * Makes a backup the primary.
     *
     * @param why null for no reason
     * @param seen what was looked at before
     */
    Switched change(Destination next, Swap swap, Turn.How how, @Nullable String why, List<Preflight.Line> seen) {
        String verdict = verdicts.apply(next.name());
        plan(new Turn(next.address(), clock.instant().toString(), settings.primary().address(), how, why, verdict, swap.takenOff()));
        LOG.warn("an operator makes {} the primary ({}){}", next.address(), how.text(), why == null ? "" : ": " + PlainText.of(why));
        String aside = Swap.aside(clock.instant());
        if (!swap.isInOneFile()) {
            return byHand(swap, next, seen, null);
        }
        Swap.Undo undo;
        try {
            undo = swap.write(aside);
        } catch (IOException e) {
            return byHand(swap, next, seen, e);
        } catch (RuntimeException e) {
            history.drop();
            throw RequestException.conflict("the settings cannot be changed: " + e.getMessage());
        }
        Reloading.Result result = reloading.reload(how.text());
        if (result.state() == Reloading.State.REFUSED) {
            return takeBack(undo, next, seen, result.problems());
        }
        boolean done = result.state() == Reloading.State.DONE;
        return new Switched(done ? "done" : "needs-restart", next.address(), settings.primary().address(), seen, List.of(), aside, null,
                done ? null : "Restart the relay; 'rollback' takes it back before that.");
    }

    /** The way back is not refused because nobody can write down that it was taken. */
    private void plan(Turn next) {
        try {
            history.plan(next);
        } catch (UncheckedIOException e) {
            if (next.how() != Turn.How.ROLLBACK) {
                throw RequestException.noRoom("nothing was changed, because what is done cannot be written down: " + e.getCause());
            }
            LOG.error("why {} becomes the primary cannot be written down: {}", next.primary(), String.valueOf(e.getCause()));
        }
    }

    /** @param failure why the relay could not write; null when it never does there */
    private Switched byHand(Swap swap, Destination next, List<Preflight.Line> seen, @Nullable IOException failure) {
        String where = swap.isInOneFile() ? swap.file().toAbsolutePath().toString() : swap.origin();
        ToWrite lines = new ToWrite(swap.isInOneFile() ? where : null, swap.digest(), next.name(), takenOff(), swap.lines());
        LOG.info("the relay cannot write {} itself{}", where, failure == null ? "" : ": " + failure);
        String password = swap.lines().stream().anyMatch(line -> line.contains(":***@")) ? " In the place of *** belongs the password." : "";
        return new Switched("to-write", next.address(), settings.primary().address(), seen,
                failure == null ? List.of() : List.of("the relay cannot write " + where + " (" + failure + ")"), null, lines,
                (swap.isInEnvironment() ? "Set these where the relay's environment comes from, and restart it."
                : "Write these into " + where + " (where that is a part of a ConfigMap, into the ConfigMap), and have the relay read them: 'smtp-duplicator reload',"
                        + " or a restart.")
                + password);
    }

    /** The settings say it already, and the relay waits for its next start. */
    Switched takeBackBeforeItBegan(Swap swap, Turn planned) {
        if (!swap.isInOneFile()) {
            return byHand(swap, settings.primary(), List.of(), null);
        }
        try {
            swap.write(Swap.aside(clock.instant()));
        } catch (IOException e) {
            return byHand(swap, settings.primary(), List.of(), e);
        }
        history.drop();
        return new Switched("done", settings.primary().address(), planned.primary(), List.of(), List.of(), null, null, null);
    }

    private Switched takeBack(Swap.Undo undo, Destination next, List<Preflight.Line> seen, List<String> problems) {
        history.drop();
        String kept = null;
        try {
            undo.run();
        } catch (IOException e) {
            kept = "The file cannot be put back (" + e.getMessage() + "): do it by hand, from the one beside it.";
        }
        return new Switched("failed", settings.primary().address(), next.address(), seen, problems, null, null, kept);
    }

    /** Of what somebody else has written. */
    Switched takeUp() {
        Turn meant = history.planned();
        if (meant == null) {
            throw RequestException.conflict("no switch has begun, so nothing that was written is meant");
        }
        String before = settings.primary().address();
        Reloading.Result result = reloading.reload(meant.how().text());
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
