package io.smtpdup.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;

import io.smtpdup.message.SteadyClock;
import io.smtpdup.spool.BrokerManagement;
import io.smtpdup.spool.QueueNames;
import io.smtpdup.spool.QueueState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that deferred copies come out of their queues in time although somebody sets the machine's clock, by which the
 * broker goes. After a start a time that is further away than the longest pause is now. Used by one thread.
 */
public final class DueTimes {

    private static final Logger LOG = LoggerFactory.getLogger(DueTimes.class);

    /** Between two looks, once the clock was set: a broker walks through all deferred copies of a queue. */
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final BrokerManagement broker;

    private final Undelivered undelivered;

    private final SteadyClock clock;

    private Instant nextLook = Instant.MIN;

    private boolean begun;

    private boolean told;

    public DueTimes(BrokerManagement broker, Undelivered undelivered, SteadyClock clock) {
        this.broker = broker;
        this.undelivered = undelivered;
        this.clock = clock;
    }

    /** To be called about once a second with what the queues hold. */
    public void follow(Collection<QueueState> queues) {
        Instant now = clock.instant();
        if (begun && !clock.hasStepped() || now.isBefore(nextLook)) {
            return;
        }
        tell();
        begun = true;
        nextLook = now.plus(INTERVAL);
        queues.stream().filter(queue -> isAwaited(queue.name()) && queue.scheduled() > 0)
                .forEach(queue -> broker.deliverDue(queue.name(), now, now.plus(Backoff.longest(undelivered.longestPause())).plus(INTERVAL)));
    }

    private static boolean isAwaited(String queue) {
        return queue.startsWith(QueueNames.WAITING) || queue.startsWith(QueueNames.QUESTIONS);
    }

    private void tell() {
        if (clock.hasStepped() && !told) {
            told = true;
            LOG.warn("the clock of this machine was set by {} s; copies wait and grow old by the time that passes, as if it had"
                    + " not", clock.step().toSeconds());
        }
    }
}
