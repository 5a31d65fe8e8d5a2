package io.smtpdup.backup;

import io.smtpdup.delivery.DeliveryException;
import io.smtpdup.delivery.Outcome;
import io.smtpdup.message.Reply;
import org.apache.camel.Exchange;

/** One copy's way through its backup's gate, from entering to leaving. */
record Passage(Gate gate, Held held, Gate.Policy policy) {

    private static final String PROPERTY = "smtpdup.passage";

    void bind(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** The passage of the copy in this exchange; null when its route has no gate. */
    static Passage of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Passage.class);
    }

    /** What ended the copy's try; null when it was delivered. */
    static Exception failure(Exchange exchange) {
        return exchange.getException() != null
                ? exchange.getException() : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    }

    /** Tells the gate what was learned about the server. */
    void end(Exchange exchange) {
        Exception failure = failure(exchange);
        if (!held.isTrying()) {
            gate.leave(held);
        } else if (failure == null) {
            gate.leaveAnswered(held);
        } else if (failure instanceof DeliveryException delivery) {
            if (isAway(delivery)) {
                gate.leaveAway(held, policy, delivery.getMessage());
            } else {
                gate.leaveAnswered(held);
            }
        } else {
            gate.leave(held);
        }
    }

    static boolean isAway(DeliveryException failure) {
        return failure.outcome() == Outcome.DEFERRED && failure.isDestinationAway();
    }

    /** Never tried this time: it got too old while its backup was away. */
    DeliveryException tooOld() {
        String error = gate.snapshot().lastError();
        return new DeliveryException(Outcome.DEFERRED, Reply.of(451, "4.4.7", "Delivery time expired"), true,
                "it waited too long for its backup" + (error == null ? "" : ": " + error), null);
    }
}
