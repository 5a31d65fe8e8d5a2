package io.smtpdup.backup;

import java.util.List;
import java.util.function.Predicate;

import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.spool.CopyConstants;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.StreamCache;
import org.apache.camel.support.ExchangeHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A step of the routes where operators hang routes of their own: the hook {@code on-copy} gives every mail that comes by to
 * each route that begins with {@code direct:on-copy.} and a name, one after the other. They get a copy of the exchange, so
 * that nothing they do or fail to do changes the mail's way.
 */
public final class Hook implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(Hook.class);

    private static final String ON_COPY = "on-copy";

    private static final String ON_DEAD_LETTER = "on-dead-letter";

    /** Of all of them. */
    public static final List<String> NAMES = List.of(ON_COPY, ON_DEAD_LETTER);

    private final String name;

    private final Predicate<Message> concern;

    /** Null until the first mail. */
    private volatile Guests guests;

    private record Guests(List<String> uris, ProducerTemplate producer) {

        static Guests of(CamelContext context, String begin) {
            List<String> uris = context.getRoutes().stream().map(route -> route.getEndpoint().getEndpointUri())
                    .filter(uri -> uri.startsWith(begin)).sorted().toList();
            return new Guests(uris, uris.isEmpty() ? null : context.createProducerTemplate());
        }
    }

    private Hook(String name, Predicate<Message> concern) {
        this.name = name;
        this.concern = concern;
    }

    /** Where every mail comes by that goes to the backups. */
    public static Hook onCopy() {
        return new Hook(ON_COPY, mail -> true);
    }

    /** Where copies come by that have got their place; those that have not been given up are none of its business. */
    public static Hook onDeadLetter() {
        return new Hook(ON_DEAD_LETTER, copy -> copy.getHeader(CopyConstants.DEAD_AT) != null);
    }

    /** Of the step in the routes, and of its bean. */
    public String name() {
        return name;
    }

    @Override
    public void process(Exchange exchange) {
        if (!concern.test(exchange.getMessage())) {
            return;
        }
        Guests all = guests;
        if (all == null) {
            all = Guests.of(exchange.getContext(), "direct://" + name + ".");
            guests = all;
        }
        for (String uri : all.uris) {
            Exchange copy = ExchangeHelper.createCorrelatedCopy(exchange, false);
            rewind(copy);
            Exchange done = all.producer.send(uri, copy);
            rewind(exchange);
            if (done.getException() != null) {
                LOG.error("mail {}: the route that begins with {} failed: {}", copy.getMessage().getHeader(SmtpServerConstants.ID),
                        uri.replace("://", ":").replaceFirst("\\?.*", ""), done.getException().toString());
                LOG.debug("stack trace", done.getException());
            }
        }
    }

    private static void rewind(Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof StreamCache octets) {
            octets.reset();
        }
    }
}
