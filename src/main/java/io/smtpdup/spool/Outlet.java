package io.smtpdup.spool;

import org.apache.activemq.artemis.api.core.ICoreMessage;

/**
 * How a queue's copies get to one {@link Taker}, one at a time, and what the broker is told of each. Used by one thread, and by
 * others where it is said. An exception means that it is of no use until it is opened again, and that the broker has back what it
 * was not told of.
 */
interface Outlet {

    /** A copy that is out, until it is {@link #done} or {@link #back}. */
    record Taken(ICoreMessage message, int deliveries) {
    }

    void open() throws Exception;

    boolean isOpen();

    /** The next copy; null when there is none for so long. */
    Taken next(long millis) throws Exception;

    /** Puts a copy into a queue, which is made when it is not there, in one transaction with the end of the copy that is out. */
    void send(String queue, StoredMail mail) throws Exception;

    /** The copy is done: the broker is told now when anything was sent, or else soon, of several at a time. */
    void done() throws Exception;

    /** The copy goes back to the head of the queue, and nothing was sent. */
    void back() throws Exception;

    /** Tells the broker of the copies that are done, and waits for nothing. Any thread may do this. */
    void tellSoon() throws Exception;

    /** As {@link #tellSoon}, and waits until the broker has heard of all that it was ever told of. */
    void tell() throws Exception;

    /** Without a word about the copies that are done. */
    void close();
}
