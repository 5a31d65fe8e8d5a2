package io.smtpdup.app;

import java.util.Comparator;
import java.util.Map;

import io.smtpdup.delivery.DestinationWatch;
import io.smtpdup.delivery.Destinations;
import org.apache.camel.health.HealthCheckResultBuilder;

/** Down while the primary, or a backup, does not answer. */
final class DestinationHealthCheck extends WatcherHealthCheck {

    private final String role;

    private final Destinations destinations;

    /** @param role primary or backup */
    DestinationHealthCheck(String role, Destinations destinations) {
        super(role);
        this.role = role;
        this.destinations = destinations;
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
