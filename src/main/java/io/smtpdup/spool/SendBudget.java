package io.smtpdup.spool;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.smtpdup.message.SmtpServerConstants;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;

/**
 * What copies that are on their way into the broker may take of the heap, all together. Who finds it used up waits, in order,
 * until others are in their queues: after the primary's 250 there is nothing else to do with a copy than to wait for a place.
 *
 * <p>A large copy is streamed, and takes little of the heap however large it is. It counts for more than that, because the
 * disk has to take what many of them write before any of their senders goes on.
 */
final class SendBudget {

    private static final int KILOBYTE = 1024;

    /** More at a time would only wait for each other at the disk. */
    private static final long MOST = 64L << 20;

    private static final int PART_OF_HEAP = 4;

    /** Session, packets and properties of the smallest copy. */
    private static final long SMALLEST = 64 * KILOBYTE;

    /** The octets of a copy that is not streamed lie in the message, in buffers that grow, in the packet and in the journal. */
    private static final int TIMES_IN_MEMORY = 8;

    /** Pieces of a streamed copy that are on their way, on both sides. */
    private static final long STREAMED = 10L * Spool.STREAMED_FROM;

    /** What a streamed copy counts beyond its pieces is so much of its size. */
    private static final int PART_OF_STREAMED = 8;

    /** A recipient in its list and the list's octets. */
    private static final int RECIPIENT = 200;

    private final int kilobytes;

    private final Semaphore free;

    /** @param octets of the heap that may be in use */
    SendBudget(long octets) {
        kilobytes = Math.toIntExact(Math.max(1, octets / KILOBYTE));
        free = new Semaphore(kilobytes, true);
    }

    /** For a heap of that many octets. */
    static SendBudget of(long heap) {
        return new SendBudget(Math.min(MOST, heap / PART_OF_HEAP));
    }

    /** What one copy takes; to be closed when its sender goes on. */
    interface Share extends AutoCloseable {

        @Override
        void close();
    }

    /** As {@link #take(Message, Duration)} without waiting; empty when others use it up, or wait for it. */
    Optional<Share> takeAtOnce(Message mail) {
        int mine = kilobytes(mail);
        return !free.hasQueuedThreads() && free.tryAcquire(mine) ? Optional.of(() -> free.release(mine)) : Optional.empty();
    }

    /** As {@link #take(Message, Duration)}, for as long as it takes. */
    Share take(Message mail) throws IOException {
        return take(mail, Duration.ofDays(1));
    }

    /**
     * Waits until there is room for a mail's copy.
     *
     * @throws IOException when there was none for that long
     * @throws InterruptedIOException when the wait was interrupted
     */
    Share take(Message mail, Duration patience) throws IOException {
        int mine = kilobytes(mail);
        try {
            if (!free.tryAcquire(mine, patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("other copies were being written for " + patience.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while other copies were written");
        }
        return () -> free.release(mine);
    }

    private int kilobytes(Message mail) {
        return (int) Math.min(kilobytes, cost(mail) / KILOBYTE);
    }

    private static long cost(Message mail) {
        long size = size(mail);
        return (long) RECIPIENT * recipients(mail) + (size < Spool.STREAMED_FROM
                ? SMALLEST + TIMES_IN_MEMORY * size
                : STREAMED + size / PART_OF_STREAMED);
    }

    static int recipients(Message mail) {
        return mail.getHeader(SmtpServerConstants.RECIPIENTS, List.of(), List.class).size();
    }

    /** Octets of a mail, as far as that is known without reading it. */
    static long size(Message mail) {
        Object body = mail.getBody();
        return body instanceof StreamCache content ? content.length() : body instanceof byte[] octets ? octets.length
                : mail.getHeader(SmtpServerConstants.SIZE, 0L, Long.class);
    }
}
