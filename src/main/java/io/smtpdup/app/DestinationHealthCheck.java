package io.smtpdup.app;

import java.util.Comparator;
import java.util.Map;

import io.smtpdup.delivery.DestinationWatch;
import io.smtpdup.delivery.Destinations;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Down while the primary, or a backup, does not answer. Another relay would fare no better, and a restart mends nothing: so it
 * is about neither readiness nor life, only for who watches.
 */
final class DestinationHealthCheck extends AbstractHealthCheck {

    private final String role;

    private final Destinations destinations;

    /** @param role primary or backup */
    DestinationHealthCheck(String role, Destinations destinations) {
        super("smtpdup", role);
        this.role = role;
        this.destinations = destinations;
    }

    @Override
    public boolean isReadiness() {
        return false;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.up();
        destinations.all().stream().filter(watch -> watch.role().equals(role)).map(DestinationWatch::snapshot)
                .sorted(Comparator.comparing(DestinationWatch.Snapshot::address)).forEach(server -> {
                    builder.detail(server.address(), (server.away() ? "away" : "active") + " since " + server.since()
                            + (server.lastError() == null ? "" : ", last error: " + server.lastError()));
                    if (server.away()) {
                        builder.message("the " + role + " " + server.address() + " is away since " + server.since() + ": "
                                + server.lastError()).down();
                    }
                });
    }
}
