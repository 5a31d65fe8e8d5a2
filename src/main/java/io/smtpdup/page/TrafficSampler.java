package io.smtpdup.page;

import java.time.Clock;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.page.Traffic.What;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the relay's counters every few seconds, for {@link Traffic}; a mail pays nothing for it. */
public final class TrafficSampler implements AutoCloseable {

    private static final long EVERY_SECONDS = 5;

    private static final Logger LOG = LoggerFactory.getLogger(TrafficSampler.class);

    private final MeterRegistry meters;

    private final Traffic traffic;

    private final Clock clock;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "page-traffic");
        thread.setDaemon(true);
        return thread;
    });

    /** @param clock of the page */
    public TrafficSampler(MeterRegistry meters, Traffic traffic, Clock clock) {
        this.meters = meters;
        this.traffic = traffic;
        this.clock = clock;
    }

    /** From now on. */
    public void start() {
        timer.scheduleWithFixedDelay(this::look, 0, EVERY_SECONDS, TimeUnit.SECONDS);
    }

    /** Now. */
    void look() {
        try {
            traffic.sample(clock.instant(), totals());
        } catch (RuntimeException e) { // which would end the timer
            LOG.debug("the page's plots have a gap", e);
        }
    }

    private Map<String, Map<What, Long>> totals() {
        Map<String, Map<What, Long>> totals = new HashMap<>();
        for (Counter counter : meters.find("smtpdup.delivery").counters()) {
            String outcome = String.valueOf(counter.getId().getTag("outcome"));
            add(totals, counter, switch (outcome) {
                case "delivered" -> What.DELIVERED;
                case "failed" -> What.FAILED;
                default -> What.DEFERRED;
            });
        }
        meters.find("smtpdup.copies.dead").counters().forEach(counter -> add(totals, counter, What.DEAD));
        return totals;
    }

    private static void add(Map<String, Map<What, Long>> totals, Counter counter, What what) {
        totals.computeIfAbsent(String.valueOf(counter.getId().getTag("destination")), unused -> new EnumMap<>(What.class))
                .merge(what, (long) counter.count(), Long::sum);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
