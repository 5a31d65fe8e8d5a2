package io.smtpdup.delivery;

import java.util.Locale;

import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.CamelContext;

/**
 * Counts what becomes of the mails to one destination: {@code smtpdup_delivery_total} with the labels destination and
 * outcome, in the meter registry of the Camel context. Without a registry nothing is counted.
 */
final class DeliveryCounter {

    private final CamelContext camel;
    private final String destination;
    private volatile MeterRegistry meters;

    DeliveryCounter(CamelContext camel, String destination) {
        this.camel = camel;
        this.destination = destination;
    }

    void count(Outcome outcome) {
        if (meters == null) {
            meters = camel.getRegistry().findSingleByType(MeterRegistry.class); // may be bound after the routes started
        }
        if (meters != null) {
            meters.counter("smtpdup.delivery", "destination", destination, "outcome",
                    outcome.name().toLowerCase(Locale.ROOT)).increment();
        }
    }
}
