package io.smtpdup.spool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import org.apache.activemq.artemis.core.filter.Filter;
import org.apache.activemq.artemis.core.persistence.OperationContext;
import org.apache.activemq.artemis.core.server.Consumer;
import org.apache.activemq.artemis.core.server.HandleStatus;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One queue of the broker in this process, which gives a copy to each {@link Taker} that has time for one, and to nobody in reserve. Of
 * what is done the broker is told for all of them together. The queue has its own lock when it calls us, so we never call it with ours.
 */
final class LocalQueue implements Consumer {

    private static final Logger LOG = LoggerFactory.getLogger(LocalQueue.class);

    private final LocalQueues queues;

    private final LargeFileGuard guard;

    private final String name;

    private final int tellEvery;

    private final Runnable tellWithin;

    /** Copies that are out, also those that are done, until the broker knows. */
    private final Set<MessageReference> out = ConcurrentHashMap.newKeySet();

    /** For takers that wait, never more than those are. */
    private final Deque<MessageReference> given = new ArrayDeque<>();

    private List<MessageReference> done = new ArrayList<>();

    /** Takers that have opened it. */
    private int takers;

    /** Takers that wait for a copy. */
    private int waiting;

    /** Copies that the queue is about to give. */
    private int announced;

    /** Whether the queue had a copy when nobody waited: then it must be told that somebody does. */
    private boolean refused;

    /** Ours, for joining and parting as a whole; never taken by who has the queue's. */
    private final Object joining = new Object();

    /** Of what was told last without waiting; null for nothing. */
    private volatile OperationContext told;

    /** Null while nobody has opened it, and when the broker has ended that. */
    private Queue queue;

    LocalQueue(LocalQueues queues, LargeFileGuard guard, String name, int tellEvery, Runnable tellWithin) {
        this.queues = queues;
        this.guard = guard;
        this.name = name;
        this.tellEvery = tellEvery;
        this.tellWithin = tellWithin;
    }

    /** For one taker. */
    Outlet outlet() {
        return new LocalOutlet(this, queues);
    }

    /** One more taker wants copies. Returns the queue that it has them from, which may end that by itself: see {@link #isJoined}. */
    Queue join() throws Exception {
        synchronized (joining) {
            Queue found = queues.locate(name, false);
            if (!isJoined(found)) {
                tellSoon(); // a queue gives nothing to one who comes back with copies that are out
                synchronized (this) {
                    announced = 0;
                }
                found.addConsumer(this);
                synchronized (this) {
                    queue = found;
                }
                found.deliverAsync();
            }
            synchronized (this) {
                takers++;
            }
            return found;
        }
    }

    void part(Queue from) {
        synchronized (joining) {
            boolean last;
            synchronized (this) {
                takers--;
                last = takers == 0 && queue == from;
                if (last) {
                    queue = null;
                }
            }
            if (last) {
                from.removeConsumer(this);
            }
        }
    }

    synchronized boolean isJoined(Queue to) {
        return queue == to;
    }

    @Override
    public HandleStatus handle(MessageReference copy) {
        if (isBusy()) {
            return HandleStatus.BUSY;
        }
        if (!guard.canAccept(null, copy)) {
            return HandleStatus.NO_MATCH;
        }
        synchronized (this) {
            announced++;
        }
        copy.handled();
        copy.incrementDeliveryCount();
        out.add(copy);
        return HandleStatus.HANDLED;
    }

    private synchronized boolean isBusy() {
        boolean busy = waiting <= given.size() + announced;
        refused |= busy;
        return busy;
    }

    @Override
    public void proceedDeliver(MessageReference copy) {
        synchronized (this) {
            announced--;
            if (given.size() < waiting) {
                given.add(copy);
                notify();
                return;
            }
        }
        copy.decrementDeliveryCount(); // the taker has gone in the meantime
        try {
            queues.executor().execute(() -> giveBackQuietly(copy));
        } catch (Exception e) {
            LOG.debug("a copy is out until the next start", e);
        }
    }

    private void giveBackQuietly(MessageReference copy) {
        try {
            giveBack(copy, queues.transaction());
        } catch (Exception e) {
            LOG.debug("a copy is out until the next start", e);
        }
    }

    /** Waits for a copy; null when none has come. */
    MessageReference take(Queue from, long millis) throws InterruptedException {
        boolean hasMore;
        synchronized (this) {
            waiting++;
            hasMore = refused;
            refused = false;
        }
        if (hasMore) {
            from.deliverAsync();
        }
        synchronized (this) {
            try {
                long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
                long left = millis;
                while (given.isEmpty() && left > 0 && queue == from) {
                    wait(left);
                    left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                }
            } catch (InterruptedException e) {
                if (given.isEmpty()) {
                    throw e;
                }
            } finally {
                waiting--;
            }
            return given.poll();
        }
    }

    /** A copy is done, and nothing was sent: the broker is told of several at a time. */
    void done(MessageReference copy) throws Exception {
        int size = remember(copy);
        if (size >= tellEvery) {
            tellSoon();
        } else if (size == 1) {
            tellWithin.run();
        }
    }

    void tellSoon() throws Exception {
        if (hasDone()) {
            told = queues.stored(() -> acknowledgeWith(queues.transaction()));
        }
    }

    void tell() throws Exception {
        OperationContext before = told;
        queues.store(() -> acknowledgeWith(queues.transaction()));
        if (before != null) {
            queues.await(before);
        }
    }

    private synchronized boolean hasDone() {
        return !done.isEmpty();
    }

    /** Ends a transaction with all that is done. */
    void acknowledgeWith(Transaction transaction) throws Exception {
        List<MessageReference> all;
        synchronized (this) {
            all = done;
            done = new ArrayList<>();
        }
        for (MessageReference copy : all) {
            out.remove(copy);
            copy.getQueue().acknowledge(transaction, copy);
        }
        transaction.commit();
    }

    /** Returns of how many copies the broker is to be told. */
    synchronized int remember(MessageReference copy) {
        done.add(copy);
        return done.size();
    }

    void giveBack(MessageReference copy, Transaction transaction) throws Exception {
        out.remove(copy);
        queues.store(() -> {
            copy.getQueue().cancel(transaction, copy);
            transaction.rollback();
        });
    }

    @Override
    public void failed(Throwable failure) {
        LOG.debug("the queue {} has parted with us", name, failure);
        disconnect();
    }

    @Override
    public synchronized void disconnect() {
        queue = null;
        notifyAll();
    }

    @Override
    public Filter getFilter() {
        return null;
    }

    @Override
    public List<MessageReference> getDeliveringMessages() {
        return List.copyOf(out);
    }

    @Override
    public String debug() {
        return toManagementString();
    }

    @Override
    public String toManagementString() {
        return "deliveries of " + name;
    }

    /** Of no meaning: no message is kept from a consumer by its number. */
    @Override
    public long sequentialID() {
        return 0;
    }
}
