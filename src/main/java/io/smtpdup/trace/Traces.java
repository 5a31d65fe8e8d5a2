package io.smtpdup.trace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import io.smtpdup.ops.LoggedEvent;

/**
 * The latest mails, each with its events, in memory only. Bounded in number and in octets: the oldest go first, and those that the
 * primary has not taken before all others once they are more than a quarter, so that nobody who is refused again and again pushes out
 * the mail of others. Safe for use by several threads; a mail that is followed costs about a microsecond for each event.
 */
public final class Traces implements Consumer<LoggedEvent> {

    /** What a mail with two backups takes. */
    private static final int OCTETS = 1600;

    /** What all of them may take of the heap: of 256 MB, 8. */
    private static final int PART = 32;

    private final int most;

    private final long octets;

    private final Shelf taken = new Shelf();

    private final Shelf others = new Shelf();

    /** @param most so many mails, or as many as fit into a thirty-second of the heap */
    public Traces(int most) {
        this(most, Math.min((long) most * OCTETS, Runtime.getRuntime().maxMemory() / PART));
    }

    /**
     * @param most so many mails
     * @param octets of memory, about, for all of them
     */
    Traces(int most, long octets) {
        this.most = most;
        this.octets = octets;
    }

    /** Takes note of an event; one without a mail's id is none of a mail's life. */
    @Override
    public void accept(LoggedEvent event) {
        String id = event.text("id");
        if (id.isEmpty()) {
            return;
        }
        synchronized (this) {
            Trace before = taken.traces.get(id);
            Shelf shelf = before != null || !Trace.isBeforeAcceptance(event) ? taken : others;
            if (before == null) {
                before = shelf == others ? others.traces.get(id) : others.remove(id);
            }
            shelf.put(before == null ? Trace.of(id, event) : before.plus(event));
            while (taken.traces.size() + others.traces.size() > most || taken.octets + others.octets > octets) {
                boolean crowded = others.traces.size() > most / 4 || others.octets > octets / 4 || taken.traces.isEmpty();
                (crowded ? others : taken).removeOldest();
            }
        }
    }

    /** The mail with that id of ours; empty when it is not remembered. */
    public synchronized Optional<Trace> get(String id) {
        return Optional.ofNullable(taken.traces.getOrDefault(id, others.traces.get(id)));
    }

    /** All that are remembered, the latest first. */
    public List<Trace> all() {
        List<Trace> all;
        synchronized (this) {
            all = new ArrayList<>(taken.traces.size() + others.traces.size());
            all.addAll(taken.traces.values());
            all.addAll(others.traces.values());
        }
        all.sort(Comparator.comparing(Trace::at).reversed());
        return all;
    }

    /** The memory they take, about. */
    synchronized long octets() {
        return taken.octets + others.octets;
    }

    /** Mails in the order in which they came. */
    private static final class Shelf {

        private final Map<String, Trace> traces = new LinkedHashMap<>();

        private long octets;

        void put(Trace trace) {
            Trace before = traces.put(trace.id(), trace);
            octets += trace.octets() - (before == null ? 0 : before.octets());
        }

        Trace remove(String id) {
            Trace before = traces.remove(id);
            octets -= before == null ? 0 : before.octets();
            return before;
        }

        void removeOldest() {
            Iterator<Trace> oldest = traces.values().iterator();
            octets -= oldest.next().octets();
            oldest.remove();
        }
    }
}
