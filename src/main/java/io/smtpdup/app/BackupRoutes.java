package io.smtpdup.app;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.smtpdup.backup.EarlierRoutes;
import io.smtpdup.config.Destination;
import io.smtpdup.config.Settings;
import io.smtpdup.delivery.DeliveryEndpoint;
import io.smtpdup.spool.QueueNames;
import org.apache.camel.CamelContext;
import org.apache.camel.EndpointAware;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.spi.RouteStartupOrder;

/**
 * Makes one route of the operator's template {@code backup} for each backup; a list of unknown length is the one thing
 * YAML cannot say.
 */
final class BackupRoutes {

    private static final String TEMPLATE = "backup";

    /** A route is called as its queue is. */
    private static final String PREFIX = QueueNames.WAITING;

    /**
     * What a copy that is being sent gets to end well when the relay stops, however long its server's reply may take
     * otherwise. One that is cut after its final dot may arrive twice.
     */
    private static final Duration GRACE = Duration.ofSeconds(12);

    /** Until a copy whose connection was cut is back in its queue. */
    private static final Duration RETURN = Duration.ofSeconds(5);

    private final Settings settings;

    private final ComponentOptions options;

    BackupRoutes(Settings settings, ComponentOptions options) {
        this.settings = settings;
        this.options = options;
    }

    void addTo(CamelContext context) {
        settings.backups().forEach(backup -> add(context, backup.name(), backup));
    }

    /**
     * Makes one route; it starts when the context has.
     *
     * @param name of the queue, without what all of them begin with; usually that of the server
     * @param server that gets the queue's copies; the registry has its {@link Credentials} as {@code login.<name>}
     */
    void add(CamelContext context, String name, Destination server) {
        options.add(name, server);
        TemplatedRouteBuilder.builder(context, TEMPLATE)
                .routeId(PREFIX + name)
                .prefixId(name + ".")
                .parameter("name", name)
                .parameter("address", server.address())
                .parameters(EarlierRoutes.parameters(settings, server))
                .add();
    }

    /**
     * Takes no more copies from the queues, and returns when none is on its way any more. What is on its way gets
     * {@link #GRACE}; then its connection is cut, and it is back in its queue.
     */
    static void stop(CamelContext context) throws Exception {
        List<RouteStartupOrder> mine = context.getCamelContextExtension().getRouteStartupOrder().stream()
                .filter(route -> route.getRoute().getRouteId().startsWith(PREFIX)
                        || route.getRoute().getRouteId().startsWith(QueueNames.QUESTIONS))
                .toList();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        try {
            timer.schedule(() -> mine.forEach(route -> cut(route.getRoute())), GRACE.toMillis(), TimeUnit.MILLISECONDS);
            context.getShutdownStrategy().suspend(context, mine, GRACE.plus(RETURN).toSeconds(), TimeUnit.SECONDS);
        } finally {
            timer.shutdownNow();
        }
    }

    private static void cut(Route route) {
        for (Processor step : route.filter("*")) {
            if (step instanceof EndpointAware aware && aware.getEndpoint() instanceof DeliveryEndpoint server) {
                server.cut();
            }
        }
    }
}
