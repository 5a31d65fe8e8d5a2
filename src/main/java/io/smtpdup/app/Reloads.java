package io.smtpdup.app;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.tools.Reload;
import io.smtpdup.tools.ReloadResult;

/** How reloads went: in the log, counted, and the latest one remembered for who has not seen its answer. Safe for use by several threads. */
final class Reloads {

    private static final double MILLIS = 1000;

    private final Clock clock;

    private final AtomicLong done = new AtomicLong();

    private final AtomicLong refused = new AtomicLong();

    private volatile Optional<Reload.Latest> latest = Optional.empty();

    /** The start reads everything as well. */
    private volatile Instant success;

    /** @param clock on the wall */
    Reloads(Clock clock) {
        this.clock = clock;
        success = clock.instant();
    }

    /** One is over. */
    synchronized void ended(String reason, ReloadResult result) {
        ReloadLog.log(reason, result);
        Instant now = clock.instant();
        latest = Optional.of(new Reload.Latest(now, reason, result.problems(), result.reloaded() ? result.needsRestart()
                : latest.map(Reload.Latest::needsRestart).orElse(List.of())));
        if (result.reloaded()) {
            success = now;
            done.incrementAndGet();
        } else {
            refused.incrementAndGet();
        }
    }

    Optional<Reload.Latest> latest() {
        return latest;
    }

    /** Shows it in the metrics of the process. */
    void bindTo(MeterRegistry meters) {
        counter(meters, "done", done);
        counter(meters, "refused", refused);
        Gauge.builder("smtpdup.reload.last.successful", this, one -> one.latest.map(last -> last.problems().isEmpty()).orElse(true) ? 1 : 0)
                .description("0 when the latest reload was refused, so that what the files say is not in force").register(meters);
        Gauge.builder("smtpdup.reload.last.success.timestamp.seconds", this, one -> one.success.toEpochMilli() / MILLIS)
                .description("When the files were last read whose settings are in force, by a start or a reload, as seconds since 1970")
                .register(meters);
        Gauge.builder("smtpdup.reload.needs.restart", this, one -> one.latest.map(last -> last.needsRestart().size()).orElse(0))
                .description("Keys that have another value in the files, which comes into force at the next start").register(meters);
    }

    private static void counter(MeterRegistry meters, String result, AtomicLong count) {
        FunctionCounter.builder("smtpdup.reloads", count, AtomicLong::doubleValue).tag("result", result)
                .description("Reloads, by what came of them").register(meters);
    }
}
