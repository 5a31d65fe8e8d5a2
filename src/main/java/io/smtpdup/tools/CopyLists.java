package io.smtpdup.tools;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.backup.Gates;
import io.smtpdup.backup.Held;
import io.smtpdup.spool.BrokerManagement;
import io.smtpdup.spool.CopyQueue;
import io.smtpdup.spool.QueuedCopy;
import io.smtpdup.spool.Selection;
import io.smtpdup.tools.KnownBackups.Known;

/**
 * Shows an operator the copies, wherever they are: at their backup's gate, in the queue, in the queue with a time, or among the
 * dead letters.
 */
final class CopyLists {

    private static final String IN_FLIGHT = "in-flight";

    private static final String WAITING = "waiting";

    private static final String DEFERRED = "deferred";

    private static final String DEAD = "dead";

    private static final String DAMAGED = "damaged";

    /** The broker tells of its deferred copies only all at once, and each takes about 8 KB of the heap then: a quarter at most. */
    private static final long DEFERRED_LISTED = Math.min(20_000, Runtime.getRuntime().maxMemory() / (32 << 10));

    private final Function<String, CopyQueue> queues;

    private final Gates gates;

    private final BrokerManagement broker;

    /** @param queues gives the queue of a name */
    CopyLists(Function<String, CopyQueue> queues, Gates gates, BrokerManagement broker) {
        this.queues = queues;
        this.gates = gates;
        this.broker = broker;
    }

    /** Copies that are not dead: by backup, first what is on its way, then what waits, the oldest first, then the deferred by time. */
    Listing copies(List<Known> backups, Selection selection, int limit) {
        Listing.Builder listing = new Listing.Builder(limit);
        for (Known backup : backups) {
            List<Held> held = held(backup).filter(copy -> selection.matches(copy.copy())).toList();
            Set<Held> trying = held.stream().filter(Held::isTrying).collect(Collectors.toSet());
            int before = listing.size();
            trying.forEach(copy -> listing.add(CopyView.of(backup.name(), IN_FLIGHT, copy.copy())));
            listing.sortSince(before);
            before = listing.size();
            held.stream().filter(copy -> !trying.contains(copy))
                    .forEach(copy -> listing.add(CopyView.of(backup.name(), WAITING, copy.copy())));
            long seen = list(backup.queue(), backup.name(), WAITING, selection, listing);
            listing.sortSince(before);
            if (seen >= 0) {
                listing.addUnseen(Math.max(0,
                        backup.copies().messages() - backup.copies().scheduled() - held.size() - seen));
            }
            if (selection.isAll() && listing.isFull()) {
                listing.addUnseen(backup.copies().scheduled());
            } else {
                deferred(backup, selection).stream()
                        .sorted(Comparator.comparing(copy -> copy.dueAt() == null ? Instant.MAX : copy.dueAt()))
                        .forEach(copy -> listing.add(CopyView.of(backup.name(), DEFERRED, copy)));
            }
        }
        return listing.build();
    }

    /** Dead letters by backup, the longest dead first, then the damaged copies. */
    Listing deadLetters(List<Known> backups, Selection selection, int limit) {
        Listing.Builder listing = new Listing.Builder(limit);
        for (Known backup : backups) {
            long seen = list(backup.deadQueue(), backup.name(), DEAD, selection, listing);
            if (seen >= 0) {
                listing.addUnseen(Math.max(0, backup.deadLetters().messages() - seen));
            }
            if (backup.damaged().messages() > 0) {
                long seenDamaged = list(backup.damagedQueue(), backup.name(), DAMAGED, selection, listing);
                if (seenDamaged >= 0) {
                    listing.addUnseen(Math.max(0, backup.damaged().messages() - seenDamaged));
                }
            }
        }
        return listing.build();
    }

    /** Returns how many it has seen when it stopped early, because the others need not be read to be counted; else -1. */
    private long list(String queue, String backup, String state, Selection selection, Listing.Builder listing) {
        if (selection.isAll() && listing.isFull()) {
            return 0;
        }
        long[] seen = new long[1];
        queues.apply(queue).browse(selection, copy -> {
            listing.add(CopyView.of(backup, state, copy));
            seen[0]++;
            return !(selection.isAll() && listing.isFull());
        });
        return selection.isAll() && listing.isFull() ? seen[0] : -1;
    }

    /** The copies at the backup's gate. */
    Stream<Held> held(Known backup) {
        return gates.gate(backup.name()).stream().flatMap(gate -> gate.snapshot().held().stream());
    }

    /** Those of the backup that wait for their time. */
    List<QueuedCopy> deferred(Known backup, Selection selection) {
        if (backup.copies().scheduled() == 0) {
            return List.of();
        }
        if (backup.copies().scheduled() > DEFERRED_LISTED) {
            throw RequestException.wrong(backup.destination() + " has " + backup.copies().scheduled()
                    + " deferred copies, which are too many to look through; what can be done to them is to retry all, or by id");
        }
        return broker.scheduled(backup.queue()).stream().map(QueuedCopy::of).filter(selection::matches).toList();
    }
}
