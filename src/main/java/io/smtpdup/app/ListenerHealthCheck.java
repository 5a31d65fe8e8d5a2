package io.smtpdup.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import io.smtpdup.server.SmtpServerConsumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Connects to each of our own listeners and waits for its greeting. Only this tells that a listener hears: the thread
 * that accepts may have died while everything else looks alive.
 */
final class ListenerHealthCheck extends AbstractHealthCheck {

    private static final int TIMEOUT_MILLIS = 3000;

    /** What a proxy says that connects for itself. */
    private static final byte[] PROXY_FOR_NOBODY = "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII);

    ListenerHealthCheck(CamelContext context) {
        super("smtpdup", "smtp-listener");
        setCamelContext(context);
    }

    /** A deaf listener does not get better by itself: the process must be restarted. */
    @Override
    public boolean isLiveness() {
        return true;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        builder.up();
        for (Route route : getCamelContext().getRoutes()) {
            if (route.getConsumer() instanceof SmtpServerConsumer listener) {
                String problem = problem(listener);
                if (problem != null) {
                    builder.message("route " + route.getRouteId() + ": " + problem).down();
                }
            }
        }
    }

    /** What is wrong with a listener; null when it greets. */
    private static String problem(SmtpServerConsumer listener) {
        if (!listener.isStarted()) {
            return "is stopped";
        }
        String host = listener.getEndpoint().getConfiguration().getHost();
        try (Socket socket = new Socket()) {
            InetAddress address = host.isEmpty() ? InetAddress.getLoopbackAddress() : InetAddress.getByName(host);
            InetAddress target = address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
            socket.connect(new InetSocketAddress(target, listener.getLocalPort()), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            if (listener.getEndpoint().getConfiguration().isProxyProtocol()) {
                socket.getOutputStream().write(PROXY_FOR_NOBODY);
            }
            // Any greeting will do: 421 at the connection limit and 554 to a client not in the list are signs of life.
            return socket.getInputStream().read() < 0 ? "closes without a greeting" : null;
        } catch (IOException e) {
            return "does not answer: " + e.getMessage();
        }
    }
}
