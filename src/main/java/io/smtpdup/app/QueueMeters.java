package io.smtpdup.app;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.backup.Backups;
import io.smtpdup.config.Destination;
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
        for (Destination backup : backups) {
            String queue = Backups.queue(backup);
            gauge(meters, backup, "smtpdup.queue.length", of(queue, QueueState::messages));
            gauge(meters, backup, "smtpdup.queue.deferred", of(queue, QueueState::scheduled));
            gauge(meters, backup, "smtpdup.queue.oldest.seconds", unused -> age(queue));
            gauge(meters, backup, "smtpdup.dead.length", of(Backups.deadLetters(backup), QueueState::messages));
            gauge(meters, backup, "smtpdup.damaged.length", of(Backups.damaged(backup), QueueState::messages));
            for (String counter : List.of("smtpdup.copies.queued", "smtpdup.copies.lost", "smtpdup.copies.dead",
                    "smtpdup.copies.damaged")) {
                meters.counter(counter, "destination", backup.address());
            }
        }
    }

    private void gauge(MeterRegistry meters, Destination backup, String name, ToDoubleFunction<Spool> value) {
        Gauge.builder(name, spool, value).tag("destination", backup.address()).strongReference(true).register(meters);
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
