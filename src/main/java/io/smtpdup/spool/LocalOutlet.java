package io.smtpdup.spool;

import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the copies of a {@link LocalQueue} get to one taker. A copy that is out is in no transaction; one begins with the first that is
 * sent into another queue, and ends with the copy that is out.
 */
final class LocalOutlet implements Outlet {

    private static final Logger LOG = LoggerFactory.getLogger(LocalOutlet.class);

    private final LocalQueue queue;

    private final LocalQueues queues;

    private Queue joined;

    private MessageReference copy;

    /** Null while nothing was sent. */
    private Transaction transaction;

    LocalOutlet(LocalQueue queue, LocalQueues queues) {
        this.queue = queue;
        this.queues = queues;
    }

    @Override
    public void open() throws Exception {
        joined = queue.join();
    }

    @Override
    public boolean isOpen() {
        return joined != null && queue.isJoined(joined) && queues.isRunning();
    }

    @Override
    public Taken next(long millis) throws InterruptedException {
        copy = queue.take(joined, millis);
        return copy == null ? null : new Taken((ICoreMessage) copy.getMessage(), copy.getDeliveryCount());
    }

    @Override
    public void send(String target, StoredMail mail) throws Exception {
        queues.locate(target, true);
        if (transaction == null) {
            transaction = queues.transaction();
        }
        queues.stored(() -> queues.route(mail, target, transaction));
    }

    @Override
    public void done() throws Exception {
        MessageReference ended = copy;
        Transaction with = transaction;
        if (with == null) {
            copy = null;
            queue.done(ended);
        } else {
            queues.store(() -> {
                queue.remember(ended);
                copy = null;
                transaction = null;
                queue.acknowledgeWith(with);
            });
        }
    }

    @Override
    public void back() throws Exception {
        MessageReference ended = copy;
        Transaction with = transaction == null ? queues.transaction() : transaction;
        copy = null;
        transaction = null;
        queue.giveBack(ended, with);
    }

    @Override
    public void tellSoon() throws Exception {
        queue.tellSoon();
    }

    @Override
    public void tell() throws Exception {
        queue.tell();
    }

    @Override
    public void close() {
        try {
            if (copy != null) {
                back();
            }
        } catch (Exception e) {
            LOG.debug("a copy is out until the next start", e);
        }
        if (joined != null) {
            queue.part(joined);
        }
        joined = null;
    }
}
