package io.smtpdup.spool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;

/**
 * The copies of one mail for several queues, which go one right behind the other when all of them are ready: the journal then has
 * one flush for all, where the first would otherwise be on the disk before the second has begun. A copy that is alone goes at once.
 *
 * <p>Only a recipientList that says how many come waits for them ({@link SpoolEndpoint#TOGETHER}). A branch that never comes
 * must not hold up the others for long, so that those that wait must be asked after with {@link #overdue}.
 */
final class Together {

    private final Map<String, Group> groups = new ConcurrentHashMap<>();

    private final long patienceNanos;

    /** @param patience how long a copy waits for the others of its mail before it is overdue */
    Together(Duration patience) {
        patienceNanos = patience.toNanos();
    }

    /** A copy is ready: it is sent by this call or by one for another copy of its mail, in their order. */
    void ready(Exchange copy, Runnable sending) {
        arrive(copy, sending);
    }

    /** A copy goes another way, or nowhere: the others do not wait for it. */
    void without(Exchange copy) {
        arrive(copy, () -> { });
    }

    /** Sends those that wait already: the one that comes next may take long. */
    void hurry(Exchange copy) {
        List<Runnable> due = new ArrayList<>();
        groups.computeIfPresent(mail(copy), (mail, group) -> {
            due.addAll(group.takeReady());
            return group;
        });
        due.forEach(Runnable::run);
    }

    /** Takes what has waited too long for others of its mail; the caller sends it. */
    List<Runnable> overdue() {
        List<Runnable> due = new ArrayList<>();
        long now = System.nanoTime();
        groups.keySet().forEach(key -> groups.computeIfPresent(key, (mail, group) -> {
            if (now - group.begun < patienceNanos) {
                return group;
            }
            due.addAll(group.takeReady());
            return null;
        }));
        return due;
    }

    private void arrive(Exchange copy, Runnable sending) {
        int all = copy.getProperty(SpoolEndpoint.TOGETHER, 0, Integer.class);
        if (all < 2) {
            sending.run();
            return;
        }
        List<Runnable> due = new ArrayList<>();
        groups.compute(mail(copy), (mail, there) -> {
            Group group = there == null ? new Group() : there;
            if (!group.isWholeWith(sending, all)) {
                return group;
            }
            due.addAll(group.takeReady());
            return null;
        });
        due.forEach(Runnable::run);
    }

    private static String mail(Exchange copy) {
        return copy.getProperty(ExchangePropertyKey.CORRELATION_ID, copy.getExchangeId(), String.class);
    }

    /** Only used by who has its place in the map. */
    private static final class Group {

        private final long begun = System.nanoTime();

        private List<Runnable> ready = new ArrayList<>();

        private int arrived;

        boolean isWholeWith(Runnable sending, int all) {
            ready.add(sending);
            arrived++;
            return arrived == all;
        }

        List<Runnable> takeReady() {
            List<Runnable> taken = ready;
            ready = new ArrayList<>();
            return taken;
        }
    }
}
