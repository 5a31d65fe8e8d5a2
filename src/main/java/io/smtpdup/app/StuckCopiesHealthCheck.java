package io.smtpdup.app;

import java.util.Map;

import io.smtpdup.backup.Gates;
import org.apache.camel.health.HealthCheckResultBuilder;

/** Down while copies cannot be put where they belong, because a step of a route fails that an operator can mend. */
final class StuckCopiesHealthCheck extends WatcherHealthCheck {

    private final Gates gates;

    StuckCopiesHealthCheck(Gates gates) {
        super("stuck-copies");
        this.gates = gates;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.up();
        gates.all().stream().filter(gate -> gate.setbacks().size() > 0).findFirst().ifPresent(gate -> builder.message(
                gate.setbacks().size() + " copies for " + gate.address() + " cannot be put where they belong: " + gate.setbacks().cause())
                .down());
    }
}
