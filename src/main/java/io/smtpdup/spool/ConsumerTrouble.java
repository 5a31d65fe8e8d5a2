package io.smtpdup.spool;

import java.time.Duration;

import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log why the broker gives us no copies, for example because its user may not consume. Spring tells the same each
 * second for each queue, and also when the broker is away, which is known then: its logger is off.
 */
final class ConsumerTrouble implements ExceptionListener {

    private static final Logger LOG = LoggerFactory.getLogger(ConsumerTrouble.class);

    private static final long SILENCE_NANOS = Duration.ofMinutes(1).toNanos();

    private final BrokerState state;

    private long toldAt = System.nanoTime() - SILENCE_NANOS;

    ConsumerTrouble(BrokerState state) {
        this.state = state;
    }

    @Override
    public synchronized void onException(JMSException failure) {
        LOG.debug("a consumer has lost its connection", failure);
        if (state.problem().isEmpty() && System.nanoTime() - toldAt >= SILENCE_NANOS) {
            toldAt = System.nanoTime();
            LOG.warn("the spool's broker gives out no copies: {}", BrokerFailure.reason(failure));
        }
    }
}
