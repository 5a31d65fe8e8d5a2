package io.smtpdup.app;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Names servers that have left copies which nobody delivers. Always up: mail flows, and an operator has time. */
final class LeftQueuesHealthCheck extends AbstractHealthCheck {

    private final Supplier<List<String>> left;

    /** @param left a line for each server */
    LeftQueuesHealthCheck(Supplier<List<String>> left) {
        super("smtpdup", "left-queues");
        this.left = left;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        List<String> lines = left.get();
        builder.up();
        if (!lines.isEmpty()) {
            builder.message("not in relay.destination_backups: " + String.join("; ", lines)).detail("left", String.join("; ", lines));
        }
    }
}
