package io.smtpdup.server;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

import io.smtpdup.message.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The replies that another server owes a client, in the order in which the client must hear them. */
final class OwedReplies {

    private static final Logger LOG = LoggerFactory.getLogger(OwedReplies.class);

    /** So many may be owed at a time, MAIL and a hundred RCPT; a client may pipeline thousands of them. */
    private static final int MOST = 101;

    private static final Reply FAILED = Reply.of(421, "4.3.0", "Internal error, closing connection");

    private final Queue<Supplier<Reply>> replies = new ArrayDeque<>();

    void add(Supplier<Reply> reply) {
        replies.add(reply);
    }

    boolean isEmpty() {
        return replies.isEmpty();
    }

    boolean isFull() {
        return replies.size() >= MOST;
    }

    /** Waits for the next one. A failure of ours is one too: left out, the client would take the reply behind it for this one. */
    Reply next() {
        try {
            return replies.remove().get();
        } catch (RuntimeException e) {
            LOG.error("the reply of another server failed: {}", e.toString());
            LOG.debug("stack trace", e);
            return FAILED;
        }
    }
}
