package io.smtpdup.app;

import java.time.Duration;

import io.smtpdup.server.SmtpServerConsumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Route;
import org.apache.camel.component.direct.DirectConsumer;
import org.apache.camel.component.seda.SedaConsumer;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a context's routes while another context goes on: nothing new comes in, and what is within gets to its end. */
final class RouteEnding {

    /** Between two looks. */
    static final Duration POLL = Duration.ofMillis(50);

    private static final Logger LOG = LoggerFactory.getLogger(RouteEnding.class);

    private RouteEnding() {
    }

    /** Takes no more copies from the queues, nor anything else from outside. Clients and what routes pass to each other are left out. */
    static void begin(CamelContext context) {
        for (Route route : context.getRoutes()) {
            Consumer consumer = route.getConsumer();
            if (consumer instanceof SmtpServerConsumer || consumer instanceof DirectConsumer || consumer instanceof SedaConsumer) {
                continue;
            }
            try {
                ServiceHelper.suspendService(consumer);
            } catch (RuntimeException e) {
                LOG.warn("the route {} of before the reload does not end: {}", route.getRouteId(), e.toString());
            }
        }
    }
}
