package io.smtpdup.app;

import java.io.IOException;
import java.util.Map;

import io.smtpdup.server.SmtpServerConsumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Connects to each of our own listeners and waits for its greeting. Only this tells that a listener hears: the thread
 * that accepts may have died while everything else looks alive.
 */
final class ListenerHealthCheck extends AbstractHealthCheck {

    private static final int TIMEOUT_MILLIS = 3000;

    ListenerHealthCheck(CamelContext context) {
        super("smtpdup", "smtp-listener");
        setCamelContext(context);
    }

    /** A deaf listener does not get better by itself: the process must be restarted. */
    @Override
    public boolean isLiveness() {
        return true;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.up();
        for (Route route : getCamelContext().getRoutes()) {
            if (route.getConsumer() instanceof SmtpServerConsumer listener) {
                String problem = problem(listener);
                if (problem != null) {
                    builder.message("route " + route.getRouteId() + ": " + problem).down();
                }
            }
        }
    }

    /** What is wrong with a listener; null when it greets. */
    private static String problem(SmtpServerConsumer listener) {
        if (!listener.isStarted()) {
            return "is stopped";
        }
        try {
            listener.probe(TIMEOUT_MILLIS);
            return null;
        } catch (IOException e) {
            return "does not answer: " + e.getMessage();
        }
    }
}
