package io.smtpdup.backup;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.config.Destination;

/** What became of the recipients that the primary refused, for each backup that is asked about them. Safe for use by several threads. */
public final class QuestionCounts {

    /** What became of one of them. */
    enum Outcome {
        /** The backup has said what it would do. */
        ANSWERED,
        /** It takes any address of the domain, so that its answer means nothing. */
        CATCH_ALL,
        /** It gave no clear answer within the time and the number of tries there are. */
        UNANSWERED,
        /** It was asked about the same address lately. */
        REPEATED,
        /** The primary's refusal is not about the recipient, so that the backup's answer could not be compared. */
        UNFIT,
        /** There was no room for it, or the relay stopped before it was stored. */
        DROPPED
    }

    private final Map<String, Map<Outcome, LongAdder>> counts = new LinkedHashMap<>();

    private final List<Destination> backups;

    /** @param backups those that are asked */
    public QuestionCounts(List<Destination> backups) {
        this.backups = backups;
        backups.forEach(backup -> {
            Map<Outcome, LongAdder> all = new EnumMap<>(Outcome.class);
            for (Outcome outcome : Outcome.values()) {
                all.put(outcome, new LongAdder());
            }
            counts.put(backup.name(), all);
        });
    }

    void count(String backup, Outcome outcome) {
        Map<Outcome, LongAdder> known = counts.get(backup);
        if (known != null) {
            known.get(outcome).increment();
        }
    }

    /** One more of each backup. */
    void countAll(Outcome outcome) {
        counts.keySet().forEach(backup -> count(backup, outcome));
    }

    /**
     * Shows it in the metrics.
     *
     * @param waiting how many questions wait for a backup, by its name; NaN while that is not known
     */
    public void bindTo(MeterRegistry meters, ToDoubleFunction<String> waiting) {
        for (Destination backup : backups) {
            counts.get(backup.name()).forEach((outcome, count) -> FunctionCounter.builder("smtpdup.questions", count, LongAdder::sum)
                    .description("Recipients that the primary refused, by what became of the question to the backup")
                    .tag("destination", backup.address()).tag("outcome", outcome.name().toLowerCase(Locale.ROOT)).register(meters));
            Gauge.builder("smtpdup.questions.waiting", backup.name(), waiting).strongReference(true)
                    .description("Questions to the backup about recipients that the primary refused, not yet answered")
                    .tag("destination", backup.address()).register(meters);
        }
    }
}
