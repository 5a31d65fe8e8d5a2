package io.smtpdup.spool;

import java.io.IOException;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * What holds while the route has a copy that came out of a queue: all that the route puts into queues is there when the copy
 * is gone from its own, and none of it when the copy goes back. An exchange that is made of the copy's belongs to it too.
 */
public final class Delivery {

    private static final String PROPERTY = "smtpdup.spool.delivery";

    private final BrokerSession session;

    private final SendBudget budget;

    private final Before before;

    private boolean open = true;

    private boolean sent;

    /** @param before runs before the first copy is sent */
    Delivery(BrokerSession session, SendBudget budget, Before before) {
        this.session = session;
        this.budget = budget;
        this.before = before;
    }

    @FunctionalInterface
    interface Before {

        void run() throws ActiveMQException;
    }

    void bind(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** The one that an exchange belongs to; null when it has none, or when that is over. */
    static Delivery of(Exchange exchange) {
        Delivery delivery = exchange.getProperty(PROPERTY, Delivery.class);
        return delivery != null && delivery.isOpen() ? delivery : null;
    }

    /** Has another exchange belong where this one does. */
    public static void join(Exchange exchange, Exchange other) {
        other.setProperty(PROPERTY, exchange.getProperty(PROPERTY));
    }

    private synchronized boolean isOpen() {
        return open;
    }

    synchronized void send(String queue, Message mail) throws ActiveMQException, IOException {
        if (!open) {
            throw new IOException("the copy that this one comes from is done already");
        }
        if (!sent) {
            before.run();
            sent = true;
        }
        try (SendBudget.Share share = budget.take(mail)) {
            session.send(queue, StoredMail.of(mail).message(session.session()));
        }
    }

    /** Returns whether anything was sent. */
    synchronized boolean end() {
        open = false;
        return sent;
    }
}
