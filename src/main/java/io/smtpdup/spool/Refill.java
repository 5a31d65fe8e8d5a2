package io.smtpdup.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the copies of the {@link Overflow} into their queues, the oldest first, while the broker can be used. A copy leaves
 * the overflow when its queue has it, so that a kill in between makes two of it.
 */
final class Refill {

    private static final Logger LOG = LoggerFactory.getLogger(Refill.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** After a refusal by a broker that can be used, or by the disk. */
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final Overflow overflow;

    private final BrokerState state;

    private final BrokerAccess access;

    private final BrokerAccess withoutWaiting;

    private final Duration patience;

    private final DamageWatcher watcher;

    /** Queues that did not take all of their copies, of which the log knows. */
    private final Set<String> refused = new HashSet<>();

    private final Set<Path> arrived = new HashSet<>();

    /** Whether the log knows that nothing goes on. */
    private boolean troubled;

    private volatile Thread thread;

    /** @param access for large copies; the caller closes it */
    Refill(Overflow overflow, BrokerState state, Broker broker, BrokerAccess access, DamageWatcher watcher) {
        this.overflow = overflow;
        this.state = state;
        this.access = access;
        withoutWaiting = broker.access().withoutWaiting();
        patience = broker.patience();
        this.watcher = watcher;
    }

    void start() {
        thread = new Thread(this::run, "spool-refill");
        thread.setDaemon(true);
        thread.start();
    }

    void stop() {
        Thread running = thread;
        thread = null;
        if (running != null) {
            running.interrupt();
        }
        withoutWaiting.close();
    }

    private void run() {
        while (thread == Thread.currentThread()) {
            Duration pause = INTERVAL;
            try {
                if (overflow.count() > 0 && isUsable()) {
                    refill();
                    pause = refused.isEmpty() ? INTERVAL : PAUSE;
                    troubled = false;
                }
            } catch (Exception e) {
                pause = e instanceof IOException ? PAUSE : INTERVAL; // of the broker its state tells when there is sense in another try
                if (!troubled && isUsable()) {
                    LOG.warn("{} copies stay in the overflow: {}", overflow.count(), BrokerFailure.reason(e));
                    troubled = true;
                }
                LOG.debug("stack trace", e);
            }
            try {
                Thread.sleep(pause.toMillis());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private boolean isUsable() {
        return thread != null && state.problem().isEmpty();
    }

    /** A queue that takes no copies holds up no other: an address that is full, or one to which we may not send. */
    private void refill() throws Exception {
        int count = 0;
        try (BrokerSession session = withoutWaiting.open(false)) {
            for (Map.Entry<String, List<Path>> queue : byQueue().entrySet()) {
                QueueRefill refill = new QueueRefill(overflow, session, access, patience, watcher, arrived);
                try {
                    note(queue.getKey(), refill.refill(queue.getValue(), this::isUsable));
                } finally {
                    count += refill.done();
                }
            }
        } finally {
            if (count > 0) {
                LOG.info("{} copies from the overflow are in their queues, {} are left", count, overflow.count());
            }
        }
    }

    private void note(String queue, String refusal) {
        if (refusal == null) {
            refused.remove(queue);
        } else if (refused.add(queue)) {
            LOG.warn("copies for {} stay in the overflow, their queue does not take them: {}", queue, refusal);
        }
    }

    private Map<String, List<Path>> byQueue() throws IOException {
        Map<String, List<Path>> queues = new LinkedHashMap<>();
        for (Path copy : overflow.all()) {
            queues.computeIfAbsent(overflow.queue(copy), unused -> new ArrayList<>()).add(copy);
        }
        refused.retainAll(queues.keySet());
        return queues;
    }
}
