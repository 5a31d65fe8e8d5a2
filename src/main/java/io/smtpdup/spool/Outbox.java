package io.smtpdup.spool;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.net.Deadline;
import io.smtpdup.ops.Emergency;
import io.smtpdup.ops.MailLog;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.UnitOfWorkHelper;

/**
 * Sees to it that a new copy is on a disk when its client hears 250: in its queue, or, when the broker does not take it or
 * takes too long, in the {@link Overflow}. A small copy goes by the {@link Inlet} and is done when the broker says so; a large
 * one has a thread, which reads it while the broker writes it.
 */
final class Outbox {

    private static final Duration LOOK = Duration.ofMillis(250);

    /** A large copy is written no faster than the disk takes it. */
    private static final Duration WRITING = Duration.ofDays(1);

    /** Copies with more recipients are large, whatever their size. */
    private static final int MANY_RECIPIENTS = 500;

    private final Broker broker;

    private final BrokerState state;

    private final Inlet inlet;

    private final Predicate<String> isThere;

    private final Room room;

    private final SendBudget budget;

    private final Overflow overflow;

    private final Consumer<String> onMute;

    private final Duration patience;

    private final Together together = new Together(LOOK);

    private final Set<Sent> waiting = ConcurrentHashMap.newKeySet();

    private final Deadline sweep = new Deadline(this::sweep);

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "spool-send");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param isThere whether the broker has a queue: it drops what is sent to another
     * @param onMute hears, in words for an operator, that the broker took longer than its {@link Broker#patience}; must not wait
     */
    Outbox(Broker broker, BrokerState state, Inlet inlet, Predicate<String> isThere, Room room, SendBudget budget,
            Overflow overflow, Consumer<String> onMute) {
        this.broker = broker;
        this.state = state;
        this.inlet = inlet;
        this.isThere = isThere;
        this.room = room;
        this.budget = budget;
        this.overflow = overflow;
        this.onMute = onMute;
        patience = broker.patience();
        sweep.within(LOOK);
    }

    /**
     * Puts the copy in the exchange into a queue. The callback is called when it is there, or in the overflow, or the exchange has
     * an exception because it is nowhere; of one copy of several, by the thread on which all others wait.
     */
    void put(Exchange exchange, String queue, AsyncCallback callback) {
        Sent sent = new Sent(exchange, queue, patience, (ended, failure) -> {
            waiting.remove(ended);
            if (failure == null && isBranch(exchange, queue)) {
                callback.done(false);
            } else if (failure == null) {
                inAThread(() -> callback.done(false));
            } else {
                inAThread(() -> failed(ended, failure, callback));
            }
        });
        if (Sent.isTelling()) {
            inAThread(() -> begin(sent));
        } else {
            begin(sent);
        }
    }

    /** A mail gets no copy in a queue, and those for others need not wait for it. */
    void leaveOut(Exchange exchange, String queue) {
        if (isBranch(exchange, queue)) {
            together.without(exchange);
        }
    }

    private void begin(Sent sent) {
        if (!attempt(sent, this::put)) {
            leaveOut(sent.exchange(), sent.queue());
        }
    }

    /** Returns false when there is nothing more to come of it. */
    private boolean attempt(Sent sent, Attempt step) {
        try {
            step.with(sent);
            return true;
        } catch (Exception e) {
            sent.end(e);
        } catch (Error e) {
            Emergency.consider(e);
            sent.end(new IllegalStateException(e));
        }
        return false;
    }

    @FunctionalInterface
    private interface Attempt {

        void with(Sent sent) throws Exception;
    }

    /** One of a recipientList, which counts it and no more; behind any other there may be steps that take long, or put copies themselves. */
    private static boolean isBranch(Exchange exchange, String queue) {
        return ("spool://" + queue).equals(exchange.getProperty(ExchangePropertyKey.RECIPIENT_LIST_ENDPOINT));
    }

    /** The client waits for it, so that it is done here when there is no other thread to be had. */
    private void inAThread(Runnable work) {
        try {
            threads.execute(work);
        } catch (RuntimeException | Error e) {
            Emergency.consider(e);
            work.run();
        }
    }

    private void put(Sent sent) throws Exception {
        org.apache.camel.Message mail = sent.exchange().getMessage();
        state.requireUsable();
        if (isNew(mail)) {
            // A copy that comes out of a queue may always go into another: that is what the reserve is for.
            room.require(mail.getHeader(SmtpServerConstants.SIZE, 0L, Long.class));
        }
        Optional<SendBudget.Share> free = budget.takeAtOnce(mail);
        if (free.isPresent()) {
            sent.holds(free.get());
        } else {
            together.hurry(sent.exchange()); // what it waits for may be what waits for it
            // The broker inside hangs when its disk does, and then there is no other place.
            sent.holds(broker.isLocal() ? budget.take(mail) : budget.take(mail, patience));
            state.requireUsable();
        }
        sent.within(patience); // the wait for other copies is not the broker's
        if (!isThere.test(sent.queue())) {
            throw new IOException("the queue is not there yet");
        }
        if (SendBudget.size(mail) >= Spool.STREAMED_FROM || SendBudget.recipients(mail) > MANY_RECIPIENTS) {
            if (broker.isLocal()) {
                sent.within(WRITING);
            }
            waiting.add(sent);
            // Of its own: the sender may still be at it when the exchange has gone on.
            Exchange own = ExchangeHelper.createCopy(sent.exchange(), false);
            threads.execute(() -> putLarge(own, sent));
            leaveOut(sent.exchange(), sent.queue());
        } else {
            StoredMail stored = StoredMail.of(mail);
            waiting.add(sent);
            if (isBranch(sent.exchange(), sent.queue())) {
                together.ready(sent.exchange(), () -> send(stored, sent));
            } else {
                send(stored, sent);
            }
        }
    }

    /** Unless it is somewhere else already, because it has waited too long. */
    private void send(StoredMail stored, Sent sent) {
        if (!sent.hasEnded()) {
            attempt(sent, copy -> inlet.send(stored, copy));
        }
    }

    private void putLarge(Exchange own, Sent sent) {
        try {
            inlet.sendLarge(StoredMail.of(own.getMessage()), sent);
            if (broker.isLocal()) {
                sent.within(patience); // for the journal's word
            }
        } catch (Exception | Error e) {
            Emergency.consider(e);
            sent.end(e instanceof Exception failure ? failure : new IllegalStateException(e));
        } finally {
            UnitOfWorkHelper.doneSynchronizations(own, own.getExchangeExtension().handoverCompletions());
        }
    }

    private static boolean isNew(org.apache.camel.Message mail) {
        return mail.getHeader(CopyConstants.ACCEPTED_AT) == null && mail.getHeader(CopyConstants.DAMAGE) == null;
    }

    private void failed(Sent sent, Exception failure, AsyncCallback callback) {
        Exchange exchange = sent.exchange();
        String reason = BrokerFailure.reason(failure);
        try {
            if (!isNew(exchange.getMessage())) {
                throw failure;
            }
            overflow.keep(exchange.getMessage(), sent.queue());
            MailLog.kept(exchange.getMessage().getHeader(SmtpServerConstants.ID, String.class), sent.queue(), reason);
        } catch (Exception e) {
            String here = BrokerFailure.reason(e);
            exchange.setException(new SpoolException(reason.equals(here) ? reason : reason + "; nor is there a place here: " + here));
        } catch (Error e) {
            exchange.setException(e);
        }
        callback.done(false);
    }

    /** The broker's client has no limit for what is sent without waiting, and a large copy needs several of its calls. */
    private void sweep() {
        try {
            together.overdue().forEach(this::inAThread);
            long now = System.nanoTime();
            if (waiting.stream().anyMatch(sent -> sent.isLate(now))) {
                String reason = "it does not answer within " + patience.toSeconds() + " s";
                fail(reason);
                onMute.accept(reason);
            }
        } finally {
            sweep.within(LOOK);
        }
    }

    /** The connection is gone, and nobody will say what became of what was sent on it. */
    void fail(String reason) {
        fail(reason, sent -> true);
    }

    /** As {@link #fail(String)}, of some of them. */
    void fail(String reason, Predicate<Sent> which) {
        waiting.stream().filter(which).forEach(sent -> sent.end(new SpoolException(reason)));
    }

    void close() {
        sweep.close();
        fail("the spool is closed");
    }
}
