package io.smtpdup.spool;

import java.io.IOException;

import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * What holds while the route has a copy that came out of a queue: all that the route puts into queues is there when the copy
 * is gone from its own, and none of it when the copy goes back. An exchange that is made of the copy's belongs to it too.
 */
public final class Delivery {

    private static final String PROPERTY = "smtpdup.spool.delivery";

    private final Outlet outlet;

    private final SendBudget budget;

    private boolean open = true;

    Delivery(Outlet outlet, SendBudget budget) {
        this.outlet = outlet;
        this.budget = budget;
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

    synchronized void send(String queue, Message mail) throws Exception {
        if (!open) {
            throw new IOException("the copy that this one comes from is done already");
        }
        try (SendBudget.Share share = budget.take(mail)) {
            outlet.send(queue, StoredMail.of(mail));
        }
    }

    synchronized void end() {
        open = false;
    }
}
