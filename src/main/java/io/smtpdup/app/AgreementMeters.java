package io.smtpdup.app;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.smtpdup.agreement.Agreement;
import io.smtpdup.agreement.Category;
import io.smtpdup.agreement.Relation;
import io.smtpdup.agreement.Report;
import io.smtpdup.agreement.Verdict;
import io.smtpdup.config.Destination;
import io.smtpdup.tools.AgreementTools;

/**
 * What the metrics show of the agreement. What counts now gets less when it is too old, or a copy is requeued and taken, or a mark
 * is set, so that it is a gauge; a counter is of the comparisons that were made since the start.
 */
final class AgreementMeters {

    /** A scrape asks for each of them by itself. */
    private static final long ONE_SCRAPE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private record Labels(String backup, Relation relation, Category category) {

        Tags tags() {
            return Tags.of("backup", backup, "relation", relation.text(), "category", category.text());
        }
    }

    private final Map<Labels, LongAdder> made = new ConcurrentHashMap<>();

    /** Null until it is bound. */
    private MeterRegistry meters;

    private Agreement agreement;

    private Map<Labels, Long> counts = Map.of();

    private long countedAt;

    /** One more. */
    void compared(String backup, Relation relation, Category category) {
        Labels labels = new Labels(backup, relation, category);
        LongAdder known = made.get(labels);
        (known == null ? add(labels) : known).increment();
    }

    private synchronized LongAdder add(Labels labels) {
        LongAdder known = made.get(labels);
        if (known == null) {
            known = new LongAdder();
            if (meters != null) {
                show(labels, known);
            }
            made.put(labels, known);
        }
        return known;
    }

    /** Shows what was compared so far and what will be, and what comes of it. */
    void bindTo(MeterRegistry registry, Agreement store, AgreementTools tools, List<Destination> backups) {
        List<Agreement.Count> earlier = store.counts(); // which may tell of comparisons, so not within our lock
        synchronized (this) {
            agreement = store;
            meters = registry;
            made.forEach(this::show);
        }
        earlier.forEach(count -> add(new Labels(count.backup(), count.relation(), count.category())));
        for (Destination backup : backups) {
            add(new Labels(backup.name(), Relation.AGREED, Category.NONE));
            gauge("smtpdup.agreement.bound", "Rate of disagreement that is not exceeded with 95 % confidence, for traffic like this",
                    tools, backup, one -> one.bound());
            gauge("smtpdup.agreement.coverage", "Share of the mailboxes known from the primary that were compared", tools, backup,
                    one -> one.coverage().known() == 0 ? Double.NaN : (double) one.coverage().exercised() / one.coverage().known());
            for (Verdict verdict : Verdict.values()) {
                Gauge.builder("smtpdup.agreement.verdict", tools,
                                known -> of(known, backup, one -> one.verdict().equals(verdict.text()) ? 1 : 0))
                        .description("1 for the verdict on the backup, 0 for the others").strongReference(true)
                        .tag("backup", backup.name()).tag("verdict", verdict.text()).register(registry);
            }
        }
    }

    private void gauge(String name, String description, AgreementTools tools, Destination backup, ToDoubleFunction<Report.Backup> value) {
        Gauge.builder(name, tools, known -> of(known, backup, value)).description(description).strongReference(true)
                .tag("backup", backup.name()).register(meters);
    }

    private static double of(AgreementTools tools, Destination backup, ToDoubleFunction<Report.Backup> value) {
        Optional<Report> report = tools.recent();
        return report.flatMap(known -> known.backups().stream().filter(one -> one.backup().equals(backup.name())).findFirst())
                .map(value::applyAsDouble).orElse(Double.NaN);
    }

    private void show(Labels labels, LongAdder number) {
        FunctionCounter.builder("smtpdup.agreement", number, LongAdder::sum).tags(labels.tags())
                .description("Recipients of mails that were compared since the start; one that was compared again counts again")
                .register(meters);
        Gauge.builder("smtpdup.agreement.recipients", this, own -> own.count(labels)).tags(labels.tags()).strongReference(true)
                .description("Recipients of mails that count for the verdict").register(meters);
    }

    private double count(Labels labels) {
        long now = System.nanoTime();
        synchronized (this) {
            if (countedAt != 0 && now - countedAt < ONE_SCRAPE_NANOS) {
                return counts.getOrDefault(labels, 0L);
            }
        }
        Map<Labels, Long> fresh = new HashMap<>();
        agreement.counts().forEach(one -> fresh.merge(new Labels(one.backup(), one.relation(), one.category()), one.count(), Long::sum));
        synchronized (this) {
            counts = fresh;
            countedAt = now;
        }
        return fresh.getOrDefault(labels, 0L);
    }
}
