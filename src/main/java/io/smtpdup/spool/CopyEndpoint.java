package io.smtpdup.spool;

import java.io.InterruptedIOException;

import io.smtpdup.server.EnvelopeHeaders;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.component.jms.JmsConfiguration;
import org.apache.camel.component.jms.JmsProducer;
import org.apache.camel.component.jms.JmsQueueEndpoint;
import org.apache.camel.component.jms.QueueBrowseStrategy;

/**
 * A queue of camel-jms, into which copies are sent within the {@link SendBudget}. A copy that is new, and that the queue does
 * not take, goes into the {@link Overflow}; one that comes out of a queue stays there.
 */
final class CopyEndpoint extends JmsQueueEndpoint {

    private final SendBudget budget;

    private final Keeping keeping;

    CopyEndpoint(String uri, JmsComponent component, String queue, JmsConfiguration configuration,
            QueueBrowseStrategy browsing, SendBudget budget, Keeping keeping) {
        super(uri, component, queue, configuration, browsing);
        this.budget = budget;
        this.keeping = keeping;
    }

    @Override
    public Producer createProducer() {
        return new JmsProducer(this) {

            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                if (isNewMail(exchange)) {
                    keeping.send(exchange, getDestinationName(), this::send);
                } else {
                    send(exchange);
                }
                callback.done(true);
                return true;
            }

            /** The sender waits for the broker, so that the copy is in its queue, or nowhere, when the call is over. */
            private void send(Exchange exchange) {
                try (SendBudget.Share share = budget.take(exchange.getMessage())) {
                    super.process(exchange, doneSync -> { });
                } catch (InterruptedIOException e) {
                    exchange.setException(e);
                }
            }
        };
    }

    private static boolean isNewMail(Exchange exchange) {
        return exchange.getMessage().getHeader(CopyConstants.ACCEPTED_AT) == null
                && exchange.getMessage().getHeader(CopyConstants.DAMAGE) == null
                && EnvelopeHeaders.areIn(exchange.getMessage());
    }
}
