package io.smtpdup.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

import io.smtpdup.backup.Setbacks.Setback;
import io.smtpdup.delivery.DeliveryException;
import io.smtpdup.delivery.Outcome;
import io.smtpdup.message.Reply;
import io.smtpdup.message.Verdict;
import io.smtpdup.spool.CopyConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One copy's way through its backup's gate, from entering to leaving. Used by one thread. */
final class Passage {

    private static final Logger LOG = LoggerFactory.getLogger(Passage.class);

    private static final String PROPERTY = "smtpdup.passage";

    private final Gate gate;

    private final Held held;

    private final Ending ending;

    private final BooleanSupplier stopping;

    private final String key;

    private Exception verdict;

    private boolean aside;

    private boolean known;

    /** @param stopping whether the relay stops */
    Passage(Gate gate, Held held, Ending ending, Message copy, BooleanSupplier stopping) {
        this.stopping = stopping;
        this.gate = gate;
        this.held = held;
        this.ending = ending;
        key = copy.getHeader(CopyConstants.STUCK, copy.getHeader(CopyConstants.KEY, held.id(), String.class), String.class);
        copy.removeHeader(CopyConstants.STUCK); // what the copy becomes next is another one
    }

    void bind(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** The passage of the copy in this exchange; null when its route has no gate. */
    static Passage of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Passage.class);
    }

    /** Whether what happens to the copy may be our doing. */
    boolean isOurDoing() {
        return stopping.getAsBoolean();
    }

    Gate gate() {
        return gate;
    }

    Held held() {
        return held;
    }

    /** What becomes of the copy's recipients. */
    Ending ending() {
        return ending;
    }

    /** The copy's name among those that had setbacks. */
    String key() {
        return key;
    }

    /** What ended the copy's try; null when it was delivered. */
    static Exception failure(Exchange exchange) {
        return exchange.getException() != null
                ? exchange.getException() : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
    }

    /** Keeps the first thing that went wrong: what goes wrong behind it is about the route, not about the backup. */
    void note(Exception failure) {
        if (verdict == null) {
            verdict = failure;
        }
    }

    /** The copy is not given to the backup this time: what the backup said is known, or it waits some more. */
    void skipBackup() {
        known = true;
    }

    /** The copy is about to lie in its queue again, to come out later. */
    void putAside() {
        known = true;
        aside = true;
    }

    /** The broker takes the copy nowhere, so all wait a while. */
    BackToQueueException hold(Setback setback, Instant now) {
        known = true;
        gate.leaveStuck(held, Duration.between(now, setback.due()), "copies cannot be put away: " + setback.cause());
        return new BackToQueueException("stays in its queue: " + setback.cause());
    }

    /** The exchange is over, but for the end of its transaction: tells the gate what was learned about the server. */
    void end(Exchange exchange, Instant now) {
        Exception failure = failure(exchange);
        note(failure);
        boolean back = exchange.getException() != null || exchange.isRollbackOnly();
        if (back && !isMeant(exchange.getException())) {
            setBack(exchange, now);
        } else if (!back && aside) {
            gate.setbacks().putAside(key);
        } else if (!back) {
            gate.setbacks().end(key, verdict);
        }
        leave(back);
        if (back) {
            if (held.isTrying()) {
                Undelivered.putOff(exchange);
                gate.setbacks().returned().add(key, exchange.getMessage(), now);
            }
            ending.forget();
            return;
        }
        gate.setbacks().returned().forget(key);
        if (!known && (verdict == null || isTakenAllTheSame(exchange))) {
            ending.taken(exchange);
        }
        ending.tell();
    }

    /** Another step of the route has failed, perhaps one whose failure the route itself has dealt with. */
    private boolean isTakenAllTheSame(Exchange exchange) {
        Verdict latest = exchange.getProperty(Verdict.LATEST, Verdict.class);
        return !(verdict instanceof DeliveryException) && latest != null && latest.reply().isPositive();
    }

    private void leave(boolean back) {
        if (!held.isTrying() || back && verdict instanceof BackToQueueException) {
            gate.leave(held);
        } else if (known) {
            gate.leavePutAway(held, !back);
        } else if (verdict == null) {
            gate.leaveAnswered(held);
        } else if (verdict instanceof DeliveryException delivery) {
            if (isAway(delivery)) {
                gate.leaveAway(held, delivery.getMessage(), back, delivery.isWithinMail());
            } else {
                gate.leaveAnswered(held);
            }
        } else {
            gate.leave(held);
        }
    }

    /** Back into the queue because the backup is away, or because we have said so. */
    private static boolean isMeant(Exception failure) {
        return failure instanceof BackToQueueException || failure instanceof DeliveryException delivery && isAway(delivery);
    }

    /** Nobody took the copy off the exchange, or who should have failed: it must not come again at once. */
    private void setBack(Exchange exchange, Instant now) {
        Exception failure = exchange.getException();
        String cause = failure == null ? "the route has rolled it back"
                : failure == verdict ? "no step of its route takes it: " + Undelivered.text(failure) : Undelivered.text(failure);
        Setback setback = gate.setbacks().add(key, verdict, cause, gate.policy(), now);
        if (setback.times() == 1) {
            LOG.error("id={}: the copy for {} cannot be put where it belongs, and is tried again later: {}",
                    held.id(), gate.address(), cause);
            LOG.debug("stack trace", failure);
        }
        gate.trouble(cause);
        if (gate.setbacks().size() > Setbacks.MOST) {
            gate.setbacks().forget(key); // it is asked again, but not before all have waited
            hold(setback, now);
        }
        exchange.setRollbackOnly(false);
        exchange.setException(new BackToQueueException(cause)); // without its cause, which Camel would throw in its place
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
