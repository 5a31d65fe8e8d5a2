package io.smtpdup.spool;

import java.io.InterruptedIOException;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.component.jms.JmsConfiguration;
import org.apache.camel.component.jms.JmsProducer;
import org.apache.camel.component.jms.JmsQueueEndpoint;
import org.apache.camel.component.jms.QueueBrowseStrategy;

/** A queue of camel-jms, into which copies are sent within the {@link SendBudget}. */
final class CopyEndpoint extends JmsQueueEndpoint {

    private final SendBudget budget;

    CopyEndpoint(String uri, JmsComponent component, String queue, JmsConfiguration configuration,
            QueueBrowseStrategy browsing, SendBudget budget) {
        super(uri, component, queue, configuration, browsing);
        this.budget = budget;
    }

    @Override
    public Producer createProducer() {
        return new JmsProducer(this) {

            /** The sender waits for the broker, so that the copy is in its queue, or nowhere, when the call is over. */
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                try (SendBudget.Share share = budget.take(exchange.getMessage())) {
                    return super.process(exchange, callback);
                } catch (InterruptedIOException e) {
                    exchange.setException(e);
                    callback.done(true);
                    return true;
                }
            }
        };
    }
}
