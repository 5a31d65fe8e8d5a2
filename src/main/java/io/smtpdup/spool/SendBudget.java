package io.smtpdup.spool;

import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.Semaphore;

import io.smtpdup.server.SmtpServerConstants;
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

    /**
     * Waits until there is room for a mail's copy.
     *
     * @throws InterruptedIOException when the wait was interrupted
     */
    Share take(Message mail) throws InterruptedIOException {
        int mine = (int) Math.min(kilobytes, cost(mail) / KILOBYTE);
        try {
            free.acquire(mine);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while other copies were written");
        }
        return () -> free.release(mine);
    }

    private static long cost(Message mail) {
        List<?> recipients = mail.getHeader(SmtpServerConstants.RECIPIENTS, List.of(), List.class);
        long size = size(mail);
        return (long) RECIPIENT * recipients.size() + (size < Spool.STREAMED_FROM
                ? SMALLEST + TIMES_IN_MEMORY * size
                : STREAMED + size / PART_OF_STREAMED);
    }

    private static long size(Message mail) {
        Object body = mail.getBody();
        return body instanceof StreamCache content ? content.length() : body instanceof byte[] octets ? octets.length
                : mail.getHeader(SmtpServerConstants.SIZE, 0L, Long.class);
    }
}
