package io.smtpdup.tools;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import io.smtpdup.agreement.Report;
import io.smtpdup.config.Destination;
import io.smtpdup.cutover.Preflight;
import org.jspecify.annotations.Nullable;

/** What the relay sees of its surroundings: all is well. */
final class SeenSurroundings implements CutoverTools.Surroundings {

    @Nullable String trouble;

    final Map<String, String> troubles = new HashMap<>();

    boolean broken;

    @Override
    public Optional<Report.Backup> report(String backup) {
        return Optional.empty();
    }

    @Override
    public Optional<Report.Backup> recentReport(String backup) {
        return Optional.empty();
    }

    @Override
    public Preflight.Waiting waiting(String backup) {
        if (broken) {
            throw new IllegalStateException("the broker is away");
        }
        return new Preflight.Waiting(trouble != null, 0, 0, null, 0, 0);
    }

    @Override
    public Preflight.Reached reach(Destination server, @Nullable String backup) {
        return new Preflight.Reached(troubles.get(server.address()), false, null, false, null);
    }

    @Override
    public Preflight.@Nullable Checked checked(String backup) {
        return null;
    }

    @Override
    public Optional<String> spoolProblem() {
        return Optional.empty();
    }

    @Override
    public boolean hasRoom() {
        return true;
    }

    @Override
    public @Nullable Double certificateDays() {
        return null;
    }

    @Override
    public @Nullable Instant primaryTakesNoneSince() {
        return null;
    }

    @Override
    public @Nullable Instant primaryAwaySince() {
        return null;
    }
}
