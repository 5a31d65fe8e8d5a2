package io.smtpdup.app;

import java.util.Map;

import io.smtpdup.spool.Spool;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Not ready while the queues take no copies: mail would still go through, but its copies would not get on. */
final class SpoolHealthCheck extends AbstractHealthCheck {

    private final Spool spool;

    SpoolHealthCheck(Spool spool) {
        super("smtpdup", "spool");
        this.spool = spool;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.up();
        builder.detail("overflow", spool.overflow());
        long damaged = spool.damaged();
        if (damaged > 0) {
            builder.message(damaged + " damaged copies are set aside, see damaged in the log").detail("damaged", damaged);
        }
        spool.problem().ifPresent(problem -> builder.message((spool.keeps()
                ? "the queues take no copies, so copies go to the overflow: " : "copies cannot be stored: ")
                + problem).down());
    }
}
