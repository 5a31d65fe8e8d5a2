package io.smtpdup.delivery;

import java.time.Duration;
import java.util.function.LongSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one destination has shown of itself, against its own words or without any: how many recipients it takes in a
 * transaction, and whether it can really read commands that arrive together. Kept for a day, because servers are
 * repaired; a limit of recipients for an hour, because some have it only while they are busy.
 * For any thread.
 */
final class Manners {

    static final Duration MEMORY = Duration.ofDays(1);

    static final Duration LIMIT_MEMORY = Duration.ofHours(1);

    private static final Logger LOG = LoggerFactory.getLogger(Manners.class);

    private final String destination;
    private final LongSupplier nanoTime;
    private int recipients;
    private long recipientsSince;
    private boolean oneByOne;
    private long oneByOneSince;
    private int suspicions;
    private boolean known;
    private boolean slow;
    private long slowSince;

    /** @param destination host and port, as the log shows them */
    Manners(String destination) {
        this(destination, System::nanoTime);
    }

    /** @param nanoTime a monotonic clock */
    Manners(String destination, LongSupplier nanoTime) {
        this.destination = destination;
        this.nanoTime = nanoTime;
    }

    /** At most so many recipients in a transaction. */
    synchronized int recipients() {
        return recipients > 0 && isFresh(recipientsSince, LIMIT_MEMORY) ? recipients : Integer.MAX_VALUE;
    }

    /** The server took so many recipients, at least one, and said that it takes no more. */
    synchronized void takesOnly(int number) {
        if (number != recipients()) {
            LOG.info("{} takes {} recipients in a transaction; mails with more go in several", destination, number);
        }
        recipients = number;
        recipientsSince = nanoTime.getAsLong();
    }

    /** Whether commands may leave together, where the server announces PIPELINING. */
    synchronized boolean readsTogether() {
        return !(oneByOne && isFresh(oneByOneSince, MEMORY));
    }

    /** Whether it has answered a flight before, so that silence, or a closed line, is not for want of that. */
    synchronized boolean isKnownToReadTogether() {
        return known;
    }

    /** Whether the rest of what left together is worth the whole wait, because this server is slow and no more than that. */
    synchronized boolean isSlow() {
        return slow && isFresh(slowSince, MEMORY);
    }

    /** All that arrived together was answered. */
    synchronized void hasReadTogether() {
        known = true;
        suspicions = 0;
    }

    /**
     * The server answered one by one what it had not answered when it arrived together.
     *
     * @param sure false when it may have been the line that was lost: it has to happen twice in a row
     */
    synchronized void stumblesOverTogether(boolean sure) {
        known = false;
        suspicions++;
        if (!sure && suspicions < 2) {
            return;
        }
        if (readsTogether()) {
            LOG.warn("{} announces PIPELINING and does not read commands that arrive together; it gets them one by one for {} h. "
                    + "Tell its administrator", destination, MEMORY.toHours());
        }
        oneByOne = true;
        oneByOneSince = nanoTime.getAsLong();
    }

    /** The server took its time one by one as well. */
    synchronized void isOnlySlow() {
        slow = true;
        slowSince = nanoTime.getAsLong();
    }

    private boolean isFresh(long since, Duration memory) {
        return nanoTime.getAsLong() - since < memory.toNanos();
    }
}
