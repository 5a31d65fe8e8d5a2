package io.smtpdup.app;

import java.util.Map;

import io.smtpdup.backup.Gates;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Down while copies cannot be put where they belong, because a step of a route fails that an operator can mend. Mail and
 * copies go on, so it is neither about readiness nor about life.
 */
final class StuckCopiesHealthCheck extends AbstractHealthCheck {

    private final Gates gates;

    StuckCopiesHealthCheck(Gates gates) {
        super("smtpdup", "stuck-copies");
        this.gates = gates;
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
        gates.all().stream().filter(gate -> gate.setbacks().size() > 0).findFirst().ifPresent(gate -> builder.message(
                gate.setbacks().size() + " copies for " + gate.address() + " cannot be put where they belong: " + gate.setbacks().cause())
                .down());
    }
}
