package io.smtpdup.tools;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.message.MailId;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.ops.LoggedEvent;
import io.smtpdup.ops.MailEvent;
import io.smtpdup.spool.Selection;
import io.smtpdup.spool.SpoolException;
import io.smtpdup.trace.Trace;
import io.smtpdup.trace.TraceJson;
import io.smtpdup.trace.TraceQuery;
import io.smtpdup.trace.TracedMail;
import io.smtpdup.trace.Traces;
import io.smtpdup.trace.Whereabouts;
import org.jspecify.annotations.Nullable;

/**
 * Tells what became of a mail: from memory, which has the latest mails, and from the queues, which have every copy that waits, is dead
 * or was set aside, however old it is.
 */
public final class TraceTools {

    /** More would be many megabytes of JSON. */
    static final int MOST = 1000;

    /** Of so many mails the copies are looked for. */
    private static final int LOOKED_FOR = 100;

    private final @Nullable Traces traces;

    private final Steering steering;

    /** @param traces null where no mails are remembered */
    public TraceTools(@Nullable Traces traces, Steering steering) {
        this.traces = traces;
        this.steering = steering;
    }

    /**
     * Mails that were found.
     *
     * @param mails the latest first; times by the {@link SteadyClock}
     * @param more how many are meant besides, of those in memory
     * @param notes what could not be looked through
     */
    public record Found(List<TracedMail> mails, long more, Set<String> notes) {

        /** As JSON. */
        String json() {
            return new TraceJson(SteadyClock.system()::toWall).answer(mails, more, notes).toPrettyString() + "\n";
        }
    }

    /** The latest mails, from memory alone and without a look at the queues. */
    public Found latest(int limit) {
        List<Trace> all = remembered(TraceQuery.ALL);
        return new Found(all.stream().limit(limit).map(mail -> TracedMail.of(mail, TracedMail.MEMORY)).toList(),
                Math.max(0, all.size() - limit), notes());
    }

    /** The mails that are meant, and where their copies are. */
    public Found find(TraceQuery query, int limit) {
        if (query.isAll()) {
            return latest(limit);
        }
        List<Trace> all = remembered(query);
        Map<String, TracedMail> found = new LinkedHashMap<>();
        all.stream().limit(limit).forEach(mail -> found.put(mail.id(), TracedMail.of(mail, TracedMail.MEMORY)));
        Set<String> notes = notes();
        Map<String, List<CopyView>> copies = copies(query, found, limit, notes);
        Map<String, String> names = names(notes);
        found.replaceAll((id, mail) -> mail.withCopies(places(names, mail.copies(), copies.getOrDefault(id, List.of()))));
        copies.forEach((id, of) -> {
            if (!found.containsKey(id) && found.size() < limit) {
                found.put(id, ofCopies(names, id, of));
            }
        });
        List<TracedMail> mails = found.values().stream().sorted(Comparator.comparing(TracedMail::at).reversed()).toList();
        return new Found(mails, Math.max(0, all.size() - limit), notes);
    }

    private List<Trace> remembered(TraceQuery query) {
        return traces == null ? List.of() : traces.all().stream().filter(query::matches).toList();
    }

    private Set<String> notes() {
        Set<String> notes = new LinkedHashSet<>();
        if (traces == null) {
            notes.add("management.traces is 0: only copies in the queues are known");
        }
        return notes;
    }

    /** By the id of their mail. */
    private Map<String, List<CopyView>> copies(TraceQuery query, Map<String, TracedMail> found, int limit, Set<String> notes) {
        List<CopyView> copies = new ArrayList<>();
        String id = query.name() == null ? "" : query.name().toUpperCase(Locale.ROOT);
        if (!found.isEmpty()) {
            copies.addAll(look(new Selection(found.keySet().stream().limit(LOOKED_FOR).collect(Collectors.toSet()), null, null), MOST, notes));
        } else if (MailId.isId(id)) {
            copies.addAll(look(new Selection(Set.of(id), null, null), MOST, notes));
        }
        if (query.recipient() != null && query.name() == null) {
            copies.addAll(look(new Selection(Set.of(), query.recipient(), null), limit, notes).stream()
                    .filter(copy -> query.isSender(copy.from()) && copy.acceptedAt() != null && query.isWithin(copy.acceptedAt())).toList());
        } else if (query.name() != null && found.isEmpty() && copies.isEmpty()) {
            copies.addAll(look(new Selection(Set.of(), query.recipient(), null, query.name()), MOST, notes).stream()
                    .filter(copy -> query.isNamedIn(copy.primaryReply())).toList());
        }
        return copies.stream().distinct().collect(Collectors.groupingBy(CopyView::id, LinkedHashMap::new, Collectors.toList()));
    }

    private List<CopyView> look(Selection selection, int limit, Set<String> notes) {
        List<CopyView> copies = new ArrayList<>();
        Stream.<Look>of(steering::copies, steering::deadLetters).forEach(place -> {
            try {
                Listing listing = place.at(List.of(), selection, limit);
                copies.addAll(listing.copies());
                if (listing.more() > 0) {
                    notes.add("only the first " + limit + " copies in the queues were looked through");
                }
            } catch (RequestException e) {
                notes.add(e.getMessage());
            } catch (SpoolException e) {
                notes.add(unseen(e)); // what is remembered needs no broker
            }
        });
        return copies;
    }

    /** What the log calls backups and left queues, by name. */
    private Map<String, String> names(Set<String> notes) {
        try {
            return steering.destinations();
        } catch (SpoolException e) {
            notes.add(unseen(e));
            return Map.of();
        }
    }

    private static String unseen(SpoolException trouble) {
        return "the queues cannot be looked through, so that copies are shown as their last event says: " + trouble.getMessage();
    }

    /** A place where copies are. */
    @FunctionalInterface
    private interface Look {

        Listing at(List<String> backups, Selection selection, int limit);
    }

    /** Where copies were found counts; for the other destinations, what their last event says. */
    private static List<Whereabouts> places(Map<String, String> names, List<Whereabouts> last, List<CopyView> copies) {
        List<Whereabouts> places = new ArrayList<>();
        for (Whereabouts told : last) {
            String backup = names.entrySet().stream().filter(one -> one.getValue().equals(told.destination())).map(Map.Entry::getKey)
                    .findFirst().orElse(null);
            if (copies.stream().noneMatch(copy -> copy.backup().equals(backup))) {
                places.add(new Whereabouts(told.destination(), backup, told.state(), false, told.recipients(), told.attempts(), told.at(),
                        told.reply(), null, null));
            }
        }
        copies.forEach(copy -> places.add(new Whereabouts(names.getOrDefault(copy.backup(), copy.backup()), copy.backup(), copy.state(),
                true, copy.recipients(), copy.attempts(), copy.deadAt() == null ? copy.lastAttemptAt() : copy.deadAt(), copy.lastReply(),
                copy.nextAttemptAt(), copy.key())));
        return places;
    }

    /** What the copies themselves tell of a mail that nobody remembers: when it was accepted, and how each try ended last. */
    private static TracedMail ofCopies(Map<String, String> names, String id, List<CopyView> copies) {
        CopyView first = copies.get(0);
        Map<String, Object> fields = new HashMap<>();
        fields.put("client", first.client());
        fields.put("from", first.from());
        fields.put("to", first.recipients());
        fields.put("nrcpt", first.recipientCount());
        fields.put("size", first.size());
        fields.put("reply", copies.stream().map(CopyView::primaryReply).filter(reply -> reply != null).findFirst().orElse(null));
        List<LoggedEvent> events = new ArrayList<>();
        events.add(LoggedEvent.of(first.acceptedAt() == null ? Instant.EPOCH : first.acceptedAt(), MailEvent.ACCEPTED, fields));
        for (CopyView copy : copies) {
            Instant at = copy.deadAt() == null ? copy.lastAttemptAt() : copy.deadAt();
            if (at != null) {
                Map<String, Object> told = new HashMap<>(fields);
                told.put("to", copy.recipients());
                told.put("nrcpt", copy.recipientCount());
                told.put("destination", copy.backup());
                told.put("attempts", copy.attempts());
                told.put("reply", copy.lastReply());
                events.add(LoggedEvent.of(at, copy.deadAt() == null ? MailEvent.DEFERRED : MailEvent.DEAD_LETTERED, told));
            }
        }
        return TracedMail.of(Trace.of(id, events), TracedMail.SPOOL).withCopies(places(names, List.of(), copies));
    }
}
