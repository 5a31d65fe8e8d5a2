package io.smtpdup.app;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.config.Destination;
import io.smtpdup.ops.CopyCounter;
import io.smtpdup.spool.QueueNames;
import io.smtpdup.spool.QueueState;
import io.smtpdup.spool.Spool;

/**
 * What the metrics show of each backup's queues. A number that is not known, because the broker is away, is NaN: a zero
 * would say that all is delivered.
 */
final class QueueMeters {

    private final Spool spool;

    private final Clock clock;

    QueueMeters(Spool spool, Clock clock) {
        this.spool = spool;
        this.clock = clock;
    }

    /** Also makes the counters, which a monitor shall see before there is something to count. */
    void bindTo(MeterRegistry meters, List<Destination> backups) {
        Gauge.builder("smtpdup.spool.overflow", spool, Spool::overflow).strongReference(true)
                .description("Copies on this relay's disk, not yet taken by their queues").register(meters);
        for (Destination backup : backups) {
            bindTo(meters, backup.name(), backup.address());
            for (CopyCounter counter : CopyCounter.values()) {
                counter.of(backup.address(), meters);
            }
        }
    }

    /**
     * Shows what is in the queues of one name.
     *
     * @param name of the queues, without what all of them begin with
     * @param destination what the metrics call the server
     */
    void bindTo(MeterRegistry meters, String name, String destination) {
        String queue = QueueNames.WAITING + name;
        gauge(meters, destination, "smtpdup.queue.length", "Waiting copies, including deferred ones and those being delivered",
                of(queue, QueueState::messages));
        gauge(meters, destination, "smtpdup.queue.deferred", "Deferred copies", of(queue, QueueState::scheduled));
        gauge(meters, destination, "smtpdup.queue.oldest.seconds", "Age of the oldest copy that waits; 0 when there is none",
                unused -> age(queue));
        gauge(meters, destination, "smtpdup.dead.length", "Dead letters waiting for an operator",
                of(QueueNames.DEAD + name, QueueState::messages));
        gauge(meters, destination, "smtpdup.damaged.length", "Damaged copies waiting for an operator",
                of(QueueNames.DAMAGED + name, QueueState::messages));
    }

    private void gauge(
            MeterRegistry meters, String destination, String name, String description, ToDoubleFunction<Spool> value) {
        Gauge.builder(name, spool, value).description(description).tag("destination", destination).strongReference(true).register(meters);
    }

    private static ToDoubleFunction<Spool> of(String queue, ToDoubleFunction<QueueState> number) {
        return spool -> spool.queue(queue).map(state -> number.applyAsDouble(state)).orElse(Double.NaN);
    }

    private double age(String queue) {
        if (spool.queue(queue).isEmpty()) {
            return Double.NaN;
        }
        return spool.oldest(queue)
                .map(accepted -> Math.max(0, Duration.between(accepted, clock.instant()).toMillis() / 1000.0))
                .orElse(0.0);
    }
}
