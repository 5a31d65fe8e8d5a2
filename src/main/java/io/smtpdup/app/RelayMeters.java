package io.smtpdup.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/**
 * The metrics of the process, which stay over a reload. What shows the state of objects that a reload replaces is taken out at {@link
 * #turn} and shown anew of the new ones; a counter goes on from where it was.
 */
final class RelayMeters extends PrometheusMeterRegistry {

    private final Map<Meter.Id, DoubleAdder> carried = new ConcurrentHashMap<>();

    private Set<Meter.Id> permanent = Set.of();

    RelayMeters() {
        super(PrometheusConfig.DEFAULT);
    }

    @Override
    protected <T> FunctionCounter newFunctionCounter(Meter.Id id, T counted, ToDoubleFunction<T> count) {
        DoubleAdder before = carried.computeIfAbsent(id, unused -> new DoubleAdder());
        return super.newFunctionCounter(id, counted, one -> before.sum() + count.applyAsDouble(one));
    }

    /** What there is now is of the process and stays as it is. */
    void keepAll() {
        permanent = getMeters().stream().map(Meter::getId).collect(Collectors.toSet());
    }

    /** What {@link #turn} has taken out: what is counted there from now on can be added with {@link #add}. */
    record Left(FunctionCounter counter, double own, DoubleAdder total) {

        /** Counts what was counted since it was taken out. Once, at the end. */
        void add() {
            synchronized (total) {
                double late = counter.count() - total.sum() - own;
                if (late > 0) { // NaN when nobody has the object any more
                    total.add(late);
                }
            }
        }
    }

    /** Takes out what belongs to the objects that are replaced. Theirs are to be registered next. */
    List<Left> turn() {
        List<Left> left = new ArrayList<>();
        for (Meter meter : getMeters()) {
            if (permanent.contains(meter.getId()) || !(meter instanceof FunctionCounter || meter instanceof Gauge)) {
                continue;
            }
            remove(meter);
            if (meter instanceof FunctionCounter counter) {
                DoubleAdder total = carried.computeIfAbsent(meter.getId(), unused -> new DoubleAdder());
                synchronized (total) {
                    double own = counter.count() - total.sum();
                    if (!Double.isNaN(own)) {
                        total.add(own);
                        left.add(new Left(counter, own, total));
                    }
                }
            }
        }
        return left;
    }
}
