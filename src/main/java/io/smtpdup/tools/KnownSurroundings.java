package io.smtpdup.tools;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleSupplier;

import io.smtpdup.agreement.Report;
import io.smtpdup.config.Destination;
import io.smtpdup.cutover.Preflight;
import io.smtpdup.delivery.DestinationWatch;
import io.smtpdup.delivery.Destinations;
import io.smtpdup.delivery.ServerFacts;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.recipients.RecipientChecks;
import io.smtpdup.spool.Spool;
import org.jspecify.annotations.Nullable;

/** What the running relay knows of everything that is looked at before a switch. */
public final class KnownSurroundings implements CutoverTools.Surroundings {

    /** Fewer mails in a row may be refused for good reasons. */
    private static final int SEVERAL = 10;

    private final Steering steering;

    private final Optional<AgreementTools> agreement;

    private final RecipientTools recipients;

    private final Spool spool;

    private final Destinations destinations;

    private final Probe probe;

    private final @Nullable DoubleSupplier certificateDays;

    /** Asks a server whether it would take a mail. */
    @FunctionalInterface
    public interface Probe {

        /**
         * Asks, and waits some seconds at most.
         *
         * @param backup its name; null for the primary
         * @return why it takes none; null when it would
         */
        @Nullable String trouble(Destination server, @Nullable String backup);
    }

    /** @param certificateDays until our own certificate ends; null without one */
    public KnownSurroundings(Steering steering, Optional<AgreementTools> agreement, RecipientTools recipients, Spool spool,
            Destinations destinations, Probe probe, @Nullable DoubleSupplier certificateDays) {
        this.steering = steering;
        this.agreement = agreement;
        this.recipients = recipients;
        this.spool = spool;
        this.destinations = destinations;
        this.probe = probe;
        this.certificateDays = certificateDays;
    }

    @Override
    public Optional<Report.Backup> report(String backup) {
        return agreement.flatMap(tools -> of(tools.report(), backup));
    }

    @Override
    public Optional<Report.Backup> recentReport(String backup) {
        return agreement.flatMap(AgreementTools::recent).flatMap(report -> of(report, backup));
    }

    private static Optional<Report.Backup> of(Report report, String backup) {
        return report.backups().stream().filter(one -> one.backup().equals(backup)).findFirst();
    }

    @Override
    public Preflight.Waiting waiting(String backup) {
        Steering.Overview all = steering.overview();
        BackupView view = all.backups().stream().filter(one -> one.name().equals(backup)).findFirst()
                .orElseThrow(() -> RequestException.notFound("there is no backup " + backup));
        return new Preflight.Waiting(view.state().equals("paused"), view.waiting() + view.deferred() + view.inFlight(), all.overflow(),
                view.oldest() == null ? null : wall(view.oldest()), view.dead(), view.damaged());
    }

    private static Instant wall(Instant steady) {
        return SteadyClock.system().toWall(steady);
    }

    @Override
    public Preflight.Reached reach(Destination server, @Nullable String backup) {
        String trouble = probe.trouble(server, backup);
        ServerFacts facts = watch(server).map(DestinationWatch::facts).orElse(null);
        return new Preflight.Reached(trouble, false, facts == null ? null : facts.tls(), server.tls().isVerified(),
                facts == null ? null : facts.certificateEnd());
    }

    private Optional<DestinationWatch> watch(Destination server) {
        return destinations.all().stream().filter(one -> one.address().equals(server.address())).findFirst();
    }

    @Override
    public Preflight.@Nullable Checked checked(String backup) {
        Optional<RecipientChecks.Status> latest = recipients.latest(backup);
        return latest.map(one -> new Preflight.Checked(one.state(), one.total(), one.taken(), one.refused(), one.unclear(),
                wall(one.startedAt())))
                .orElse(null);
    }

    @Override
    public Optional<String> spoolProblem() {
        return spool.problem();
    }

    @Override
    public boolean hasRoom() {
        return spool.admits(0);
    }

    @Override
    public @Nullable Double certificateDays() {
        return certificateDays == null ? null : certificateDays.getAsDouble();
    }

    @Override
    public @Nullable Instant primaryTakesNoneSince() {
        return destinations.all().stream().filter(one -> one.role().equals("primary")).map(one -> one.takesNoneSince(SEVERAL))
                .filter(Objects::nonNull).findFirst().map(KnownSurroundings::wall).orElse(null);
    }

    @Override
    public @Nullable Instant primaryAwaySince() {
        List<DestinationWatch.Snapshot> away = destinations.all().stream().map(DestinationWatch::snapshot)
                .filter(one -> one.role().equals("primary") && one.away()).toList();
        return away.isEmpty() ? null : wall(away.get(0).since());
    }
}
