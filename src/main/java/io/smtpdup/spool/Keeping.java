package io.smtpdup.spool;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import io.smtpdup.ops.MailLog;
import io.smtpdup.server.SmtpServerConstants;
import org.apache.camel.Exchange;
import org.apache.camel.support.ExchangeHelper;
import org.apache.camel.support.UnitOfWorkHelper;

/**
 * Sees to it that a new copy is on a disk when its client hears 250: in its queue, or, when the broker does not take it or
 * takes too long, in the {@link Overflow}.
 */
final class Keeping {

    private final Overflow overflow;

    private final Optional<Duration> patience;

    private final Consumer<String> onMute;

    private final ExecutorService senders = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "spool-send");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param patience how long a copy waits for the broker; empty to wait until the broker's client gives up
     * @param onMute hears, in words for an operator, that the broker took longer
     */
    Keeping(Overflow overflow, Optional<Duration> patience, Consumer<String> onMute) {
        this.overflow = overflow;
        this.patience = patience;
        this.onMute = onMute;
    }

    /**
     * Keeps the copy in the exchange, which has an exception afterwards when that failed.
     *
     * @param queue the name of its queue
     * @param sender puts an exchange's copy into its queue, or sets the exchange's exception
     */
    void send(Exchange exchange, String queue, Consumer<Exchange> sender) {
        Exception failure = patience.isPresent() ? within(patience.get(), exchange, sender) : now(exchange, sender);
        if (failure == null) {
            return;
        }
        try {
            overflow.keep(exchange.getMessage(), queue);
            MailLog.kept(exchange.getMessage().getHeader(SmtpServerConstants.ID, String.class), queue,
                    BrokerFailure.reason(failure));
        } catch (IOException | RuntimeException e) {
            String reason = BrokerFailure.reason(failure);
            String here = BrokerFailure.reason(e);
            exchange.setException(new SpoolException(reason.equals(here) ? reason : reason + "; nor is there a place here: " + here));
        }
    }

    private static Exception now(Exchange exchange, Consumer<Exchange> sender) {
        sender.accept(exchange);
        Exception failure = exchange.getException();
        exchange.setException(null);
        return failure;
    }

    /** The broker's client has its own limits, one for each call, and a copy may need several of them. */
    private Exception within(Duration limit, Exchange exchange, Consumer<Exchange> sender) {
        // Of its own: the sender may still be at it when the exchange has gone on.
        Exchange sent = ExchangeHelper.createCopy(exchange, false);
        Future<Exception> end = senders.submit(() -> {
            try {
                return now(sent, sender);
            } finally {
                UnitOfWorkHelper.doneSynchronizations(sent, sent.getExchangeExtension().handoverCompletions());
            }
        });
        try {
            return end.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            String reason = "it does not answer within " + limit.toSeconds() + " s";
            onMute.accept(reason);
            return new SpoolException(reason);
        } catch (ExecutionException e) {
            return e.getCause() instanceof Exception cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e;
        }
    }
}
