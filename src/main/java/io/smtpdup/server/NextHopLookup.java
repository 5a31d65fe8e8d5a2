package io.smtpdup.server;

import java.util.stream.Stream;

import io.smtpdup.message.NextHop;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Route;
import org.apache.camel.util.StringHelper;

/** Finds whom the option {@code recipientCheck} means. */
final class NextHopLookup {

    private NextHopLookup() {
    }

    /**
     * The bean of that name, the endpoint with that URI, or, for a URI without parameters, the step of the route that sends
     * to the same server: its parameters say how to talk to it.
     *
     * @throws IllegalArgumentException when there is no such endpoint, or it cannot be asked
     */
    static NextHop find(String named, CamelContext context, Route route) {
        NextHop bean = context.getRegistry().lookupByNameAndType(named, NextHop.class);
        if (bean != null) {
            return bean;
        }
        Endpoint meant = context.getEndpoint(named);
        Endpoint step = named.contains("?") ? meant : steps(route)
                .filter(endpoint -> server(endpoint).equals(server(meant))).findFirst().orElse(meant);
        if (step instanceof NextHop hop) {
            return hop;
        }
        throw new IllegalArgumentException("recipientCheck: not an smtp endpoint: " + named);
    }

    private static Stream<Endpoint> steps(Route route) {
        return route.filter("*").stream()
                .filter(EndpointAware.class::isInstance).map(step -> ((EndpointAware) step).getEndpoint())
                .filter(NextHop.class::isInstance);
    }

    /** Scheme, host and port. */
    private static String server(Endpoint endpoint) {
        return StringHelper.before(endpoint.getEndpointUri() + "?", "?");
    }
}
