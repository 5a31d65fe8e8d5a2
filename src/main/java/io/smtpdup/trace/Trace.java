package io.smtpdup.trace;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import io.smtpdup.ops.LoggedEvent;
import io.smtpdup.ops.MailEvent;
import org.jspecify.annotations.Nullable;

/** What is known of one mail: its events, in the order in which they happened. Of a great many the middle is left out. Immutable. */
public final class Trace {

    /** A copy that is put off for five days has forty, and there may be several backups. */
    static final int MOST = 100;

    /** Of a mail that the primary has not taken, or of which nobody knows that yet. */
    private static final Set<MailEvent> BEFORE = EnumSet.of(
            MailEvent.REFUSED, MailEvent.RECIPIENT_REJECTED, MailEvent.REJECTED, MailEvent.VANISHED, MailEvent.UNHEARD, MailEvent.ECHO);

    private final String id;

    private final LoggedEvent[] events;

    private final int omitted;

    private final int octets;

    private Trace(String id, LoggedEvent[] events, int omitted, int octets) {
        this.id = id;
        this.events = events;
        this.omitted = omitted;
        this.octets = octets;
    }

    /** How the mail fared with its client. */
    public enum State {

        /** The primary has it. */
        ACCEPTED,

        /** The client has heard a refusal to the content. */
        REJECTED,

        /** It was refused before its content, or is not at its end yet. */
        REFUSED,

        /** The client went away within the content. */
        VANISHED
    }

    /** Of a mail of which nothing is known but that. */
    static Trace of(String id, LoggedEvent first) {
        return new Trace(id, new LoggedEvent[] {first}, 0, 100 + first.octets(null));
    }

    /**
     * A mail whose events somebody else knows of.
     *
     * @param events at least one
     */
    public static Trace of(String id, List<LoggedEvent> events) {
        List<LoggedEvent> inOrder = events.stream().sorted(Comparator.comparing(LoggedEvent::at)).toList();
        Trace trace = of(id, inOrder.get(0));
        for (LoggedEvent event : inOrder.subList(1, inOrder.size())) {
            trace = trace.plus(event);
        }
        return trace;
    }

    /** The same with one more event, the latest. */
    Trace plus(LoggedEvent event) {
        LoggedEvent same = event.sharing(envelope());
        int more = octets + same.octets(envelope());
        if (events.length < MOST) {
            LoggedEvent[] all = Arrays.copyOf(events, events.length + 1);
            all[events.length] = same;
            return new Trace(id, all, omitted, more);
        }
        int out = MOST / 2;
        while (out < MOST - 1 && isEndOfClient(events[out])) {
            out++;
        }
        LoggedEvent[] all = events.clone();
        System.arraycopy(all, out + 1, all, out, MOST - 1 - out);
        all[MOST - 1] = same;
        return new Trace(id, all, omitted + 1, more - events[out].octets(envelope()));
    }

    /** What the whole story hangs on, and which comes late where a transaction had very many recipients that were refused. */
    private static boolean isEndOfClient(LoggedEvent event) {
        return event.event() == MailEvent.ACCEPTED || event.event() == MailEvent.REJECTED;
    }

    public String id() {
        return id;
    }

    /** At least one. */
    public List<LoggedEvent> events() {
        return Collections.unmodifiableList(Arrays.asList(events));
    }

    /** How many are left out between the first and the last half of {@link #events}. */
    public int omitted() {
        return omitted;
    }

    /** The memory it takes, about. */
    int octets() {
        return octets;
    }

    /** When the first event happened that is known. */
    public Instant at() {
        return events[0].at();
    }

    public State state() {
        return has(MailEvent.ACCEPTED) ? State.ACCEPTED
                : has(MailEvent.REJECTED) ? State.REJECTED
                : has(MailEvent.VANISHED) ? State.VANISHED
                : Arrays.stream(events).allMatch(Trace::isBeforeAcceptance) ? State.REFUSED : State.ACCEPTED;
    }

    /** What happens to a mail that the primary has taken says that of itself, also when nobody remembers when it was taken. */
    static boolean isBeforeAcceptance(LoggedEvent event) {
        return BEFORE.contains(event.event()) || event.text("role").equals("primary") && event.event() != MailEvent.DELIVERED;
    }

    /** The event that tells most of the envelope. */
    public LoggedEvent envelope() {
        LoggedEvent best = events[0];
        for (LoggedEvent event : events) {
            if (isEndOfClient(event)) {
                return event;
            }
            best = !best.has("to") && event.has("to") ? event : best;
        }
        return best;
    }

    /** What the client heard in the end; empty when that is not known. */
    public String reply() {
        return last(MailEvent.ACCEPTED).or(() -> last(MailEvent.REJECTED)).or(() -> last(MailEvent.REFUSED))
                .or(() -> last(MailEvent.RECIPIENT_REJECTED)).map(event -> event.text("reply")).orElse("");
    }

    /** Under what name the primary has queued it, when its reply says so. */
    public Optional<String> queueId() {
        return state() == State.ACCEPTED ? QueueId.in(reply()) : Optional.empty();
    }

    /** Those to whom it went; empty when that is not known. */
    public List<String> recipients() {
        return envelope().all("to");
    }

    /** The value of a field in the first event that has it; null when none has. */
    public @Nullable String first(String field) {
        for (LoggedEvent event : events) {
            if (event.has(field)) {
                return event.text(field);
            }
        }
        return null;
    }

    private boolean has(MailEvent kind) {
        return last(kind).isPresent();
    }

    private Optional<LoggedEvent> last(MailEvent kind) {
        for (int i = events.length - 1; i >= 0; i--) {
            if (events[i].event() == kind) {
                return Optional.of(events[i]);
            }
        }
        return Optional.empty();
    }
}
