package io.smtpdup.spool;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import io.smtpdup.message.ReplyingException;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the copies of one queue, several at a time. Those that are with the route when it stops or is suspended come to their
 * end; then the broker knows of all that are done.
 */
public final class SpoolConsumer extends DefaultConsumer implements Suspendable {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolConsumer.class);

    /** For copies whose route is through, and the broker's answer. */
    private static final long LAST_MILLIS = 10_000;

    private static final long SILENCE_NANOS = Duration.ofMinutes(1).toNanos();

    private final SpoolEndpoint endpoint;

    private final Spool spool;

    private final AtomicBoolean willTell = new AtomicBoolean();

    private volatile List<Taker> takers = List.of();

    private long toldAt = System.nanoTime() - SILENCE_NANOS;

    SpoolConsumer(SpoolEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        spool = endpoint.spool();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        spool.keep(queue());
        Supplier<Outlet> outlets = spool.outlets(endpoint, this::tellWithin);
        takers = IntStream.rangeClosed(1, endpoint.getConcurrentConsumers())
                .mapToObj(i -> new Taker(this, outlets.get(), "spool:" + queue() + "-" + i)).toList();
        takers.forEach(Taker::start);
    }

    /** Takes no more copies, and does not wait for those that are with the route. */
    @Override
    protected void doSuspend() {
        takers.forEach(Taker::stop);
    }

    @Override
    protected void doResume() throws Exception {
        doStart();
    }

    @Override
    protected void doStop() throws Exception {
        doSuspend();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LAST_MILLIS);
        for (Taker taker : takers) {
            taker.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
        }
        takers = List.of();
        super.doStop();
    }

    String queue() {
        return endpoint.getQueue();
    }

    SendBudget budget() {
        return spool.budget();
    }

    boolean awaitBroker(long millis) throws InterruptedException {
        return spool.state().await(millis);
    }

    /** Has the broker told of the copies that are done, soon and all together. */
    private void tellWithin() {
        if (willTell.compareAndSet(false, true)) {
            try {
                spool.timer().schedule(() -> {
                    willTell.set(false);
                    takers.forEach(this::tell);
                }, endpoint.getAcknowledgeWithin(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                willTell.set(false); // the takers tell when they end
            }
        }
    }

    private void tell(Taker taker) {
        try {
            taker.tellSoon();
        } catch (Exception e) {
            LOG.debug("the connection broke, and delivered copies will arrive again", e);
        }
    }

    /**
     * A taker has lost its session, or got none: tells the log, for example when our user may not take copies. That the broker
     * is away is known then.
     */
    synchronized void lost(Throwable failure) {
        LOG.debug("no copies from {}", queue(), failure);
        if (spool.state().problem().isEmpty() && System.nanoTime() - toldAt >= SILENCE_NANOS) {
            toldAt = System.nanoTime();
            LOG.warn("cannot read copies from the spool's broker: {}", BrokerFailure.reason(failure));
        }
    }

    /**
     * Whether a copy that goes back into its queue needs no further word. When its backup did not take it, the mail's log has
     * said so already, and who said so waits before the next. Of a failure that nobody expected the next copy may well die too.
     */
    static boolean isExpected(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && !isKnown(cause)) {
            cause = cause.getCause();
        }
        if (isKnown(cause)) {
            LOG.debug("back into its queue", failure);
            return true;
        }
        LOG.error("a copy goes back into its queue: {}", failure.toString());
        LOG.debug("stack trace", failure);
        return false;
    }

    /** The backup is away, or the relay stops while the copy waits for its turn. */
    private static boolean isKnown(Throwable cause) {
        return cause instanceof ReplyingException || cause instanceof RejectedExecutionException;
    }
}
