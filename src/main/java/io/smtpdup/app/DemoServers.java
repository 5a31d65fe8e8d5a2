package io.smtpdup.app;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.smtpdup.message.Reply;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.server.SmtpServerConsumer;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * The mail servers of the demo: three of our own smtp-server endpoints on ports of the system's choice, which print or
 * count what arrives and keep nothing.
 */
final class DemoServers implements AutoCloseable {

    static final List<String> NAMES = List.of("primary", "backup-1", "backup-2");

    private static final long POLL_MILLIS = 50;

    private final DefaultCamelContext context = new DefaultCamelContext();

    /** Null when nothing is to be seen. */
    private final PrintStream out;

    private final Map<String, AtomicInteger> arrived = new LinkedHashMap<>();

    /** Servers that say nothing. */
    DemoServers() throws Exception {
        this(null);
    }

    DemoServers(PrintStream out) throws Exception {
        this.out = out;
        NAMES.forEach(name -> arrived.put(name, new AtomicInteger()));
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                for (String name : NAMES) {
                    from("smtp-server:127.0.0.1:0?mailLog=false&domain=" + name + ".demo").routeId(name)
                            .process(exchange -> take(name, exchange));
                }
            }
        });
        context.start();
    }

    /** Where a server listens, as host:port. */
    String address(String name) {
        return "127.0.0.1:" + ((SmtpServerConsumer) context.getRoute(name).getConsumer()).getLocalPort();
    }

    /**
     * Waits until each of them has so many mails.
     *
     * @throws IllegalStateException when they have not in time
     */
    void await(int mails, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (arrived.values().stream().anyMatch(count -> count.get() < mails)) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("of " + mails + " mails there have arrived " + arrived);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private void take(String name, Exchange exchange) {
        int number = arrived.get(name).incrementAndGet();
        if (out != null) {
            show(name, number, exchange.getMessage());
        }
        exchange.getMessage().setHeader(SmtpServerConstants.REPLY,
                Reply.of(250, "2.0.0", "Ok: queued as " + name.toUpperCase(Locale.ROOT) + "-" + number));
    }

    private void show(String name, int number, Message message) {
        String text = new String(message.getBody(byte[].class), StandardCharsets.UTF_8);
        out.printf("%n--- %s: mail %d, from <%s> to %s, %s octets%n%s%n", name, number,
                message.getHeader(SmtpServerConstants.REVERSE_PATH), message.getHeader(SmtpServerConstants.RECIPIENTS),
                message.getHeader(SmtpServerConstants.SIZE),
                text.length() > 2000 ? text.substring(0, 2000) + "\n[...]" : text.stripTrailing());
    }

    @Override
    public void close() {
        context.stop();
    }
}
