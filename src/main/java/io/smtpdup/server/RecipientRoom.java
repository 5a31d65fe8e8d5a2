package io.smtpdup.server;

import java.util.concurrent.atomic.AtomicLong;

import io.smtpdup.message.Recipient;

/**
 * What the recipients of all mails in work may take of the heap, from RCPT until the client has heard what became of its mail.
 * A client that finds it used up is told to bring the others later, before anybody is asked about them. Safe for use by several
 * threads.
 */
final class RecipientRoom {

    private static final int PART_OF_HEAP = 8;

    /** Octets that a recipient takes besides its address: in the transaction, the envelope, the dialogues, the copies. */
    private static final int RECIPIENT = 512;

    /** How often its address lies there. */
    private static final int TIMES_IN_MEMORY = 6;

    private final AtomicLong free;

    /** @param octets of the heap that may be in use */
    RecipientRoom(long octets) {
        free = new AtomicLong(octets);
    }

    /** For this process. */
    static RecipientRoom ofHeap() {
        return new RecipientRoom(Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
    }

    /** What one mail has taken; used by one thread. */
    final class Share {

        private long taken;

        /** Takes room for a recipient, if there is any. */
        boolean take(Recipient recipient) {
            long mine = cost(recipient);
            if (free.getAndUpdate(left -> left >= mine ? left - mine : left) < mine) {
                return false;
            }
            taken += mine;
            return true;
        }

        /** Gives back all of it. */
        void end() {
            free.addAndGet(taken);
            taken = 0;
        }
    }

    Share share() {
        return new Share();
    }

    private static long cost(Recipient recipient) {
        String orcpt = recipient.orcpt();
        return RECIPIENT + (long) TIMES_IN_MEMORY * (recipient.address().length() + (orcpt == null ? 0 : orcpt.length()));
    }
}
