package io.smtpdup.agreement;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ObjIntConsumer;

import org.jspecify.annotations.Nullable;

/** Comparisons on their way to the thread that writes them down: who brings one never waits. Safe for use by several threads. */
final class Inbox {

    /** Recipients that may wait; those beyond are counted only. */
    static final int MOST = 20_000;

    /** More backups than that are a mistake. */
    private static final int MOST_BACKUPS = 64;

    private final Queue<List<Comparison>> waiting = new ConcurrentLinkedQueue<>();

    private final AtomicInteger count = new AtomicInteger();

    private final Map<String, AtomicInteger> unrecorded = new ConcurrentHashMap<>();

    /** Takes some, or counts them when there is no room. */
    void add(List<Comparison> comparisons) {
        if (count.addAndGet(comparisons.size()) > MOST) {
            count.addAndGet(-comparisons.size());
            addUnrecorded(comparisons.get(0).backup(), comparisons.size());
        } else {
            waiting.add(comparisons);
        }
    }

    @Nullable List<Comparison> poll() {
        return waiting.poll();
    }

    /** So many are written down, and there is room for others. */
    void done(int comparisons) {
        count.addAndGet(-comparisons);
    }

    void addUnrecorded(String backup, int comparisons) {
        AtomicInteger known = unrecorded.get(backup);
        if (known == null && unrecorded.size() < MOST_BACKUPS) {
            known = unrecorded.computeIfAbsent(backup, name -> new AtomicInteger());
        }
        if (known != null) {
            known.addAndGet(comparisons);
        }
    }

    /** Tells how many could not be recorded since it was asked before. */
    void takeUnrecorded(ObjIntConsumer<String> action) {
        unrecorded.forEach((backup, comparisons) -> {
            int untold = comparisons.getAndSet(0);
            if (untold > 0) {
                action.accept(backup, untold);
            }
        });
    }
}
