package io.smtpdup.app;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.smtpdup.message.Reply;
import io.smtpdup.server.SmtpServerConstants;
import io.smtpdup.server.SmtpServerConsumer;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * The mail servers of the demo: three of our own smtp-server endpoints on ports of the system's choice, which print what
 * arrives and keep nothing.
 */
final class DemoServers implements AutoCloseable {

    static final List<String> NAMES = List.of("primary", "backup-1", "backup-2");

    private final DefaultCamelContext context = new DefaultCamelContext();

    private final PrintStream out;

    DemoServers(PrintStream out) throws Exception {
        this.out = out;
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                for (String name : NAMES) {
                    AtomicInteger count = new AtomicInteger();
                    from("smtp-server:127.0.0.1:0?mailLog=false&domain=" + name + ".demo").routeId(name)
                            .process(exchange -> show(name, count.incrementAndGet(), exchange));
                }
            }
        });
        context.start();
    }

    /** Where a server listens, as host:port. */
    String address(String name) {
        return "127.0.0.1:" + ((SmtpServerConsumer) context.getRoute(name).getConsumer()).getLocalPort();
    }

    private void show(String name, int number, Exchange exchange) throws IOException {
        var message = exchange.getMessage();
        String text = new String(message.getBody(byte[].class), StandardCharsets.UTF_8);
        out.printf("%n--- %s: mail %d, from <%s> to %s, %s octets%n%s%n", name, number,
                message.getHeader(SmtpServerConstants.REVERSE_PATH), message.getHeader(SmtpServerConstants.RECIPIENTS),
                message.getHeader(SmtpServerConstants.SIZE),
                text.length() > 2000 ? text.substring(0, 2000) + "\n[...]" : text.stripTrailing());
        message.setHeader(SmtpServerConstants.REPLY,
                Reply.of(250, "2.0.0", "Ok: queued as " + name.toUpperCase() + "-" + number));
    }

    @Override
    public void close() {
        context.stop();
    }
}
