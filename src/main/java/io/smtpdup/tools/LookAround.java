package io.smtpdup.tools;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import io.smtpdup.agreement.Report;
import io.smtpdup.config.Destination;
import io.smtpdup.config.Key;
import io.smtpdup.config.Settings;
import io.smtpdup.config.Swap;
import io.smtpdup.cutover.Preflight;
import io.smtpdup.tools.CutoverTools.Surroundings;
import org.jspecify.annotations.Nullable;

/** Looks at everything that matters before a switch, within a time; one look at a time. What cannot be looked at is a line as well. */
final class LookAround {

    private static final long PATIENCE_SECONDS = 20;

    private final Settings settings;

    private final Surroundings around;

    private final Clock clock;

    private final Semaphore one = new Semaphore(1);

    /** Two of them for each look, which end when their server has answered or its time is over. */
    private final Executor askers = task -> {
        Thread thread = new Thread(task, "cutover-asks");
        thread.setDaemon(true);
        thread.start();
    };

    /** @param clock of the wall */
    LookAround(Settings settings, Surroundings around, Clock clock) {
        this.settings = settings;
        this.around = around;
        this.clock = clock;
    }

    /**
     * Looks.
     *
     * @param swap null where the two settings cannot be changed
     * @param problems why not, or what would be wrong afterwards; empty when all is well
     */
    Preflight look(Destination next, @Nullable Swap swap, List<String> problems) {
        if (!one.tryAcquire()) {
            throw RequestException.busy("somebody looks already whether to switch, try again in a moment");
        }
        try {
            Preflight preflight = new Preflight(next.address(), settings.primary().address(), clock.instant());
            CompletableFuture<Preflight.Reached> fresh = asked(next, next.name());
            CompletableFuture<Preflight.Reached> old = asked(settings.primary(), null);
            Report.Backup report = report(next.name(), preflight);
            preflight.selection(next.limits().selection().isAll(), "only=, except=, sample=, max_size= or to= behind its address");
            part(preflight, "queue", look -> look.waiting(around.waiting(next.name())));
            preflight.reached(fresh.join(), old.join());
            part(preflight, "recipients", look -> look.recipients(around.checked(next.name()),
                    report == null ? 0 : report.coverage().known()));
            preflight.quiet(settings.isBackupNotifyNever());
            part(preflight, "spool", look -> look.spool(around.spoolProblem().orElse(null), around.hasRoom()));
            preflight.ownCertificate(around.certificateDays());
            if (!settings.discardEhlo(settings.primary()).isEmpty() || !settings.discardEhlo(next).isEmpty()) {
                preflight.stop("discard-ehlo", Key.RELAY_PRIMARY_DISCARD_EHLO.text() + " or discard_ehlo= is set, and says of one server what"
                        + " would hold for the other after the switch", "Switch by hand: three lines change.");
            }
            lines(preflight, swap, problems);
            return preflight;
        } finally {
            one.release();
        }
    }

    private Report.@Nullable Backup report(String backup, Preflight preflight) {
        AtomicReference<Report.Backup> report = new AtomicReference<>();
        part(preflight, "verdict", look -> {
            report.set(around.report(backup).orElse(null));
            look.verdict(report.get());
        });
        return report.get();
    }

    private static void lines(Preflight preflight, @Nullable Swap swap, List<String> problems) {
        if (problems.isEmpty() && swap != null) {
            preflight.settings(swap.origin(), swap.isInOneFile() && swap.isWritable());
        } else {
            problems.forEach(one -> preflight.stop("settings", one, "Write each server by itself into the two settings, then try again."));
        }
    }

    private CompletableFuture<Preflight.Reached> asked(Destination server, @Nullable String backup) {
        return CompletableFuture.supplyAsync(() -> around.reach(server, backup), askers)
                .completeOnTimeout(Preflight.Reached.notInTime(PATIENCE_SECONDS), PATIENCE_SECONDS, TimeUnit.SECONDS)
                .exceptionally(failure -> Preflight.Reached.not(String.valueOf(
                        Optional.ofNullable(failure instanceof CompletionException ? failure.getCause() : failure).orElse(failure).getMessage())));
    }

    /** What fails on our side stops the switch, and hides no other line. */
    private static void part(Preflight preflight, String code, Consumer<Preflight> look) {
        try {
            look.accept(preflight);
        } catch (RuntimeException e) {
            preflight.stop(code, "this cannot be looked at now: " + e.getMessage(), "See the log, and try again.");
        }
    }
}
