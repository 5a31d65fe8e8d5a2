package io.smtpdup.app;

import java.util.Map;

import io.smtpdup.spool.Spool;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Not ready while copies cannot be kept: mail would still go through, and every copy of it would be lost. */
final class SpoolHealthCheck extends AbstractHealthCheck {

    private final Spool spool;

    SpoolHealthCheck(Spool spool) {
        super("smtpdup", "spool");
        this.spool = spool;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.up();
        long damaged = spool.damaged();
        if (damaged > 0) {
            builder.message(damaged + " damaged copies are set aside, see damaged in the log").detail("damaged", damaged);
        }
        spool.problem().ifPresent(problem -> builder.message("copies cannot be kept: " + problem).down());
    }
}
