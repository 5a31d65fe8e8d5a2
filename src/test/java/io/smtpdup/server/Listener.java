package io.smtpdup.server;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/** An smtp-server endpoint on a port of the system's choice, with a route that keeps what arrives. */
final class Listener implements AutoCloseable {

    /** What the route saw of one mail; read out at once, because the body ends with its exchange. */
    record Arrived(Map<String, Object> headers, byte[] octets) {

        String reversePath() {
            return (String) headers.get(SmtpServerConstants.REVERSE_PATH);
        }

        @SuppressWarnings("unchecked")
        List<String> recipients() {
            return (List<String>) headers.get(SmtpServerConstants.RECIPIENTS);
        }
    }

    private final DefaultCamelContext context = new DefaultCamelContext();

    private final List<Arrived> arrived = new CopyOnWriteArrayList<>();

    private volatile Processor then = exchange -> {
    };

    private Listener() {
    }

    /** A listener with the given options, as they stand in an endpoint URI: {@code maxSize=1000&hopLimit=2}. */
    static Listener with(String options) {
        Listener listener = new Listener();
        try {
            listener.context.getStreamCachingStrategy().setSpoolEnabled(true);
            listener.context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    errorHandler(noErrorHandler());
                    from("smtp-server:127.0.0.1:0?" + options).routeId("front").process(listener::keep);
                }
            });
            listener.context.start();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return listener;
    }

    static Listener plain() {
        return with("");
    }

    /** What the route does with a mail after it was kept. */
    Listener then(Processor processor) {
        then = processor;
        return this;
    }

    int port() {
        return ((SmtpServerConsumer) context.getRoute("front").getConsumer()).getLocalPort();
    }

    List<Arrived> arrived() {
        return arrived;
    }

    DefaultCamelContext context() {
        return context;
    }

    private void keep(Exchange exchange) throws Exception {
        arrived.add(new Arrived(Map.copyOf(exchange.getMessage().getHeaders()), exchange.getMessage().getBody(byte[].class)));
        then.process(exchange);
    }

    @Override
    public void close() {
        context.stop();
    }
}
