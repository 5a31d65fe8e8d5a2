package io.smtpdup.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.config.Settings;
import io.smtpdup.server.SmtpServerEndpoint;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.component.seda.SedaEndpoint;

/** What Camel takes without a word, and an operator would notice only when mail or metrics are missing. */
final class StartChecks {

    private StartChecks() {
    }

    /**
     * Looks whether the management server will get its port; Camel starts without one when it does not.
     *
     * @throws StartException when it is taken, or no address of this machine
     */
    static void requireManagementPort(Settings settings) {
        String place = settings.managementHost() + ":" + settings.managementPort();
        try (ServerSocket probe = new ServerSocket(
                settings.managementPort(), 1, InetAddress.getByName(settings.managementHost()))) {
            probe.getLocalPort();
        } catch (IOException e) {
            throw new StartException("management.port: cannot listen on " + place + ": " + e.getMessage());
        }
    }

    /**
     * Looks whether the routes hang together: a client can reach one of them, and each queue or direct endpoint that one
     * sends to is where another begins.
     *
     * @throws StartException when a mail or a copy would end in the void
     */
    static void requireWholeRoutes(CamelContext context, List<String> queues) {
        List<Endpoint> beginnings = context.getRoutes().stream().map(route -> route.getEndpoint()).toList();
        if (beginnings.stream().noneMatch(SmtpServerEndpoint.class::isInstance)) {
            throw new StartException("no route begins with smtp-server, so that no client could connect");
        }
        Set<String> begun = beginnings.stream().map(StartChecks::name).collect(Collectors.toSet());
        Stream<Endpoint> inner = Stream.concat(
                context.getEndpoints().stream().filter(e -> e instanceof DirectEndpoint || e instanceof SedaEndpoint),
                queues.stream().map(context::getEndpoint));
        inner.map(StartChecks::name).filter(name -> !begun.contains(name)).sorted().findFirst().ifPresent(name -> {
            throw new StartException("no route begins with " + name + ", where another route sends its mails");
        });
    }

    private static String name(Endpoint endpoint) {
        return RouteChecks.name(endpoint.getEndpointUri());
    }
}
