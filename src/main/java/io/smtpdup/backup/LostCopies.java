package io.smtpdup.backup;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.ops.CopyCounter;
import io.smtpdup.ops.Emergency;
import io.smtpdup.ops.MailLog;
import io.smtpdup.spool.BrokerFailure;
import io.smtpdup.spool.CopiedTo;
import io.smtpdup.spool.QueueNames;
import io.smtpdup.spool.SpoolEndpoint;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.apache.camel.support.LRUCacheFactory;

/**
 * The bean {@code lostCopies}: where a copy ends that its backup will not get, never without a word in the log. An error
 * handler calls it as a bean. The recipient list calls it as its aggregation strategy, because a queue that is full throws
 * its failure past the error handler.
 */
public final class LostCopies implements AggregationStrategy {

    /** An endpoint's URI, and in it the name of its queue, or what else is behind the scheme. */
    private static final Pattern ENDPOINT = Pattern.compile("^(?:[a-z]+:(?://)?)?([^?]+)");

    private final Backups backups;

    private final Verdicts verdicts;

    /** The counters of copies that were queued, by the endpoint they went to: as many as the context keeps endpoints. */
    private final Map<String, Counter> queued = LRUCacheFactory.newLRUCache(1000);

    public LostCopies(Backups backups, Verdicts verdicts) {
        this.backups = backups;
        this.verdicts = verdicts;
    }

    /** Logs and counts the copy in the exchange, with the failure that ended it. */
    @Handler
    public void lost(Exchange exchange) {
        lost(exchange, Exchange.FAILURE_ENDPOINT, exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
    }

    /** Looks whether a queue took its copy; one that did not is dealt with here, so that it stops nothing else. */
    @Override
    public Exchange aggregate(Exchange before, Exchange copy) {
        Exception failure = copy.getException();
        if (failure != null) {
            lost(copy, Exchange.TO_ENDPOINT, failure);
            copy.setException(null);
        } else if (copy.getProperty(Exchange.EXCEPTION_CAUGHT) == null // or the error handler was here
                && copy.getProperty(SpoolEndpoint.LEFT_OUT) == null) {
            countQueued(copy);
        }
        return before == null ? copy : before;
    }

    private void lost(Exchange exchange, String endpointProperty, Exception cause) {
        Emergency.consider(cause); // the client has not heard 250 yet, and will come again
        String queue = queue(exchange, endpointProperty);
        String backup = backups.address(queue);
        if (backups.waiting().contains(queue)) {
            verdicts.lost(exchange.getMessage(), CopiedTo.of(exchange).passed(queue, recipients(exchange)), QueueNames.backup(queue));
        } else {
            lostBeforeAnyQueue(exchange);
        }
        MailLog.lost(
                exchange.getMessage().getHeader(SmtpServerConstants.ID, String.class),
                backup,
                cause == null ? null : BrokerFailure.reason(cause));
        Counter counter = counter(exchange, CopyCounter.LOST, backup);
        if (counter != null) {
            counter.increment();
        }
    }

    /** No backup that has not got its copy by now will get one. */
    private void lostBeforeAnyQueue(Exchange exchange) {
        CopiedTo copied = CopiedTo.of(exchange);
        List<String> recipients = recipients(exchange);
        backups.waiting().stream().filter(queue -> !copied.without(queue, recipients).isEmpty()).forEach(queue -> {
            copied.add(queue, recipients);
            verdicts.lost(exchange.getMessage(), recipients, QueueNames.backup(queue));
        });
    }

    private static List<String> recipients(Exchange exchange) {
        return EnvelopeHeaders.read(exchange.getMessage()).map(Envelope::recipients).orElse(List.of());
    }

    /** Null when it is none. */
    private static String queue(Exchange exchange, String endpointProperty) {
        Matcher endpoint = ENDPOINT.matcher(exchange.getProperty(endpointProperty, "", String.class));
        return endpoint.find() ? endpoint.group(1) : null;
    }

    private void countQueued(Exchange copy) {
        String endpoint = copy.getProperty(Exchange.TO_ENDPOINT, "", String.class);
        Counter counter = queued.get(endpoint);
        if (counter == null) {
            counter = counter(copy, CopyCounter.QUEUED, backups.address(queue(copy, Exchange.TO_ENDPOINT)));
            if (counter == null) {
                return;
            }
            queued.put(endpoint, counter);
        }
        counter.increment();
    }

    /** Null where nobody measures. */
    private static Counter counter(Exchange exchange, CopyCounter counter, String backup) {
        MeterRegistry meters = exchange.getContext().getRegistry().findSingleByType(MeterRegistry.class);
        return meters == null ? null : counter.of(backup, meters);
    }
}
