package io.smtpdup.spool;

import java.util.List;
import java.util.Optional;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.PollingConsumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultAsyncProducer;
import org.apache.camel.support.DefaultEndpoint;

/** Keep mails in durable queues until what is behind a queue has taken them. */
@UriEndpoint(firstVersion = "0.1.0", scheme = "spool", title = "Spool", syntax = "spool:queue",
             category = { Category.MAIL, Category.MESSAGING }, headersClass = CopyConstants.class)
public class SpoolEndpoint extends DefaultEndpoint {

    /**
     * The property of an exchange that a {@code recipientList} has: how many of its branches are for queues, and all of them at
     * once, so that their copies may wait for each other. Without it each copy goes by itself.
     */
    public static final String TOGETHER = "smtpdup.together";

    /** The property of an exchange whose mail has no part that the queue gets. */
    public static final String LEFT_OUT = "smtpdup.left.out";

    @UriPath(description = "The name of the queue, which is made when it is not there.")
    @Metadata(required = true)
    private final String queue;

    @UriParam(label = "consumer", defaultValue = "1",
              description = "How many copies are taken out of the queue at a time, each by a thread of its own.")
    private int concurrentConsumers = 1;

    @UriParam(label = "consumer", defaultValue = "8",
              description = "How many copies that are done a consumer tells the broker of at a time. So many copies of each consumer"
                      + " may come again after the program or the broker was killed. 1 for each at once.")
    private int acknowledgeEvery = 8;

    @UriParam(label = "consumer", defaultValue = "20", javaType = "java.time.Duration",
              description = "After how many milliseconds the broker is told of fewer copies too.")
    private long acknowledgeWithin = 20;

    @UriParam(label = "producer,advanced",
              description = "Which part of the mails that are new to the spool goes into the queue. Without it all of them do.")
    private CopyFilter filter;

    SpoolEndpoint(String uri, SpoolComponent component, String queue) {
        super(uri, component);
        this.queue = queue;
    }

    @Override
    public Producer createProducer() {
        return new DefaultAsyncProducer(this) {

            @Override
            protected void doStart() throws Exception {
                super.doStart();
                spool().keep(queue);
            }

            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                Delivery delivery = Delivery.of(exchange);
                if (delivery == null) {
                    EnvelopeHeaders.read(exchange.getMessage())
                            .ifPresent(mail -> CopiedTo.of(exchange).add(queue, mail.recipients()));
                    return filter == null ? put(exchange, callback) : putPart(exchange, callback);
                }
                try {
                    delivery.send(queue, exchange.getMessage());
                } catch (Exception e) {
                    exchange.setException(e);
                }
                callback.done(true);
                return true;
            }
        };
    }

    private boolean put(Exchange exchange, AsyncCallback callback) {
        spool().outbox().put(exchange, queue, callback);
        return false;
    }

    /** Others may want to see all recipients behind this step. */
    private boolean putPart(Exchange exchange, AsyncCallback callback) {
        Message mail = exchange.getMessage();
        Optional<Envelope> all = EnvelopeHeaders.read(mail);
        List<String> part = filter.of(mail, all.map(Envelope::recipients).orElse(List.of()));
        if (part.isEmpty()) {
            exchange.setProperty(LEFT_OUT, true);
            spool().outbox().leaveOut(exchange, queue);
            callback.done(true);
            return true;
        }
        CopiedTo.of(exchange).pass(queue, part);
        all.ifPresent(envelope -> EnvelopeHeaders.write(envelope.withRecipients(part), mail));
        return put(exchange, done -> {
            all.ifPresent(envelope -> EnvelopeHeaders.write(envelope, mail));
            callback.done(done);
        });
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        SpoolConsumer consumer = new SpoolConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public PollingConsumer createPollingConsumer() {
        throw new UnsupportedOperationException("a route begins with spool:" + queue + ", and nobody else takes copies out of it");
    }

    Spool spool() {
        return ((SpoolComponent) getComponent()).getSpool();
    }

    public String getQueue() {
        return queue;
    }

    public CopyFilter getFilter() {
        return filter;
    }

    public void setFilter(CopyFilter filter) {
        this.filter = filter;
    }

    public int getConcurrentConsumers() {
        return concurrentConsumers;
    }

    public void setConcurrentConsumers(int concurrentConsumers) {
        this.concurrentConsumers = Math.max(1, concurrentConsumers);
    }

    public int getAcknowledgeEvery() {
        return acknowledgeEvery;
    }

    public void setAcknowledgeEvery(int acknowledgeEvery) {
        this.acknowledgeEvery = acknowledgeEvery;
    }

    public long getAcknowledgeWithin() {
        return acknowledgeWithin;
    }

    public void setAcknowledgeWithin(long acknowledgeWithin) {
        this.acknowledgeWithin = acknowledgeWithin;
    }
}
