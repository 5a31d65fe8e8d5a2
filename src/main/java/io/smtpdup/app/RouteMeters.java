package io.smtpdup.app;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.NonManagedService;
import org.apache.camel.Route;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.RoutePolicySupport;

/**
 * What the metrics show of each route, under the names that Camel's own counters have. Those make names, samples and
 * events for every step of every mail; these add to a number.
 */
final class RouteMeters implements RoutePolicyFactory {

    private final List<RouteMeter> routes = new ArrayList<>();

    /** Null until they are bound. */
    private MeterRegistry meters;

    /**
     * Counts for a context from now on, unless it counts by itself (camel.metrics.enableRoutePolicy). To be called before it
     * has routes.
     */
    void addTo(CamelContext context) {
        if (context.getRoutePolicyFactories().stream().noneMatch(known -> known.getClass().getName().contains(".micrometer."))) {
            context.addRoutePolicyFactory(this);
        }
    }

    @Override
    public synchronized RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode definition) {
        RouteMeter route = new RouteMeter(context, routeId);
        routes.add(route);
        if (meters != null) {
            route.bindTo(meters);
        }
        return route;
    }

    /** Shows the routes that there are, and those that come later. */
    synchronized void bindTo(MeterRegistry registry) {
        meters = registry;
        routes.forEach(route -> route.bindTo(registry));
    }

    /** Counts what becomes of one route's exchanges. */
    private static final class RouteMeter extends RoutePolicySupport implements NonManagedService {

        private final CamelContext context;

        private final String id;

        private final LongAdder succeeded = new LongAdder();

        private final LongAdder failed = new LongAdder();

        private final LongAdder handled = new LongAdder();

        private final LongAdder redelivered = new LongAdder();

        RouteMeter(CamelContext context, String id) {
            this.context = context;
            this.id = id;
        }

        @Override
        public void onExchangeDone(Route route, Exchange exchange) {
            if (exchange.isFailed()) {
                failed.increment();
                return;
            }
            succeeded.increment();
            if (ExchangeHelper.isFailureHandled(exchange)) {
                handled.increment();
            }
            if (exchange.isExternalRedelivered()) {
                redelivered.increment();
            }
        }

        private long total() {
            return succeeded.sum() + failed.sum();
        }

        void bindTo(MeterRegistry meters) {
            counter(meters, "camel.exchanges.total", "Total number of processed exchanges", RouteMeter::total);
            counter(meters, "camel.exchanges.succeeded", "Number of successfully completed exchanges", one -> one.succeeded.sum());
            counter(meters, "camel.exchanges.failed", "Number of failed exchanges", one -> one.failed.sum());
            counter(meters, "camel.exchanges.failures.handled", "Number of failures handled", one -> one.handled.sum());
            counter(meters, "camel.exchanges.external.redeliveries", "Number of exchanges redelivered by a queue",
                    one -> one.redelivered.sum());
            Gauge.builder("camel.exchanges.inflight", context, one -> one.getInflightRepository().size(id))
                    .tags(tags("CamelExchangeEvent")).description("Exchanges in progress in the route").register(meters);
        }

        private void counter(MeterRegistry meters, String name, String description, ToDoubleFunction<RouteMeter> number) {
            FunctionCounter.builder(name, this, number).tags(tags("CamelRoute").and("eventType", "route"))
                    .description(description).register(meters);
        }

        private Tags tags(String kind) {
            return Tags.of("camelContext", context.getName(), "kind", kind, "routeId", id);
        }
    }
}
