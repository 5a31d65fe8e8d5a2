package io.smtpdup.agreement;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/** What is counted of one backup. */
final class Tally {

    /** More kinds of differences nobody reads; those beyond are one kind for each relation and category. */
    static final int MOST_KINDS = 1_000;

    private static final long HOUR = 3_600_000;

    final String backup;

    /** The first and the last comparison of a mail that was ever counted here, in milliseconds since 1970; zero before the first. */
    private long first;

    private long last;

    final Times primary;

    final Times answered;

    /** In seconds, how long healed ones took. */
    final Times healing;

    private final @Nullable Hours[] hours = new @Nullable Hours[Relation.values().length * Category.values().length];

    private final Map<Signature, Kind> kinds = new LinkedHashMap<>();

    Tally(String backup) {
        this(backup, new Times(), new Times(), new Times());
    }

    private Tally(String backup, Times primary, Times answered, Times healing) {
        this.backup = backup;
        this.primary = primary;
        this.answered = answered;
        this.healing = healing;
    }

    /** Counts one. Returns its kind; null when it agrees. */
    @Nullable Kind add(Entry entry) {
        hours(entry.relation(), entry.signature().category()).add(entry.hour(), 1);
        if (isOfMail(entry.relation(), entry.signature().category())) {
            first = first == 0 ? entry.at() : Math.min(first, entry.at());
            last = Math.max(last, entry.at());
        }
        if (entry.relation() == Relation.AGREED) {
            return null;
        }
        Kind kind = kind(entry.signature());
        kind.add(entry);
        return kind;
    }

    /**
     * Counts how long one took, once for each mail and recipient: what was counted is not taken back.
     *
     * @param earlier what the comparison that it replaces was; null when there is none
     */
    void addTimes(Entry entry, @Nullable Relation earlier) {
        if (earlier == null) {
            primary.add(entry.day(), entry.primaryTook());
        }
        if (earlier == null || !earlier.isCompared()) {
            answered.add(entry.day(), entry.backupTook());
        }
        if (earlier != Relation.HEALED) {
            healing.add(entry.day(), entry.healedAfter());
        }
    }

    /** Counts what could not be recorded: how many is all that is known. */
    void addUnrecorded(int count, long at) {
        int hour = (int) Math.floorDiv(at, 3_600_000L);
        hours(Relation.INCOMPARABLE, Category.SYSTEM).add(hour, count);
        kind(new Signature(Relation.INCOMPARABLE, Category.SYSTEM, null, "", Fate.UNRECORDED.text())).add(hour, count, at);
    }

    void takeBack(Relation relation, Category category, int hour) {
        hours(relation, category).add(hour, -1);
    }

    long count(Relation relation, Category category, int sinceHour) {
        Hours found = hours[index(relation, category)];
        return found == null ? 0 : found.since(sinceHour);
    }

    long count(Relation relation, int sinceHour) {
        long count = 0;
        for (Category category : Category.values()) {
            count += count(relation, category, sinceHour);
        }
        return count;
    }

    /** Hears a count that is not zero. */
    interface Sink {

        void accept(Relation relation, Category category, long count);
    }

    void forEach(int sinceHour, Sink sink) {
        for (Relation relation : Relation.values()) {
            for (Category category : Category.values()) {
                long count = count(relation, category, sinceHour);
                if (count > 0) {
                    sink.accept(relation, category, count);
                }
            }
        }
    }

    /**
     * When the comparison of mail began, of what counts from one hour to another: no earlier than the first one that still counts. The minute
     * of one whose predecessors are too old to count is not known any more; then it is the end of its hour.
     *
     * @return milliseconds since 1970; zero when nothing was compared in that time
     */
    long since(int sinceHour, int untilHour) {
        int hour = Integer.MAX_VALUE;
        for (Hours compared : compared()) {
            hour = Math.min(hour, compared.firstFrom(sinceHour));
        }
        if (hour > untilHour) {
            return 0;
        }
        return isIn(first, hour) ? first : Math.min((hour + 1) * HOUR - 1, until(sinceHour, untilHour));
    }

    /** When the last comparison was made, in the same way: no later than it was. */
    long until(int sinceHour, int untilHour) {
        int hour = Integer.MIN_VALUE;
        for (Hours compared : compared()) {
            hour = Math.max(hour, compared.lastUntil(untilHour));
        }
        if (hour < sinceHour) {
            return 0;
        }
        return isIn(last, hour) ? last : hour * HOUR;
    }

    /** Whether mail was compared in one hour. */
    boolean hasComparedIn(int hour) {
        for (Hours compared : compared()) {
            if (compared.in(hour) > 0) {
                return true;
            }
        }
        return false;
    }

    private List<Hours> compared() {
        List<Hours> compared = new ArrayList<>();
        for (Relation relation : Relation.values()) {
            for (Category category : Category.values()) {
                Hours found = hours[index(relation, category)];
                if (found != null && isOfMail(relation, category)) {
                    compared.add(found);
                }
            }
        }
        return compared;
    }

    /** What the primary refused and a backup was asked about is no mail: who guesses addresses would fill days and weeks with that. */
    private static boolean isOfMail(Relation relation, Category category) {
        return switch (relation) {
            case AGREED -> category == Category.NONE;
            case HEALED, REFUSED, EXPIRED, EXPECTED -> true;
            case LEAKED, DIFFERENT, INCOMPARABLE, OPEN -> false;
        };
    }

    private static boolean isIn(long at, int hour) {
        return Math.floorDiv(at, HOUR) == hour;
    }

    Collection<Kind> kinds() {
        return kinds.values();
    }

    boolean knows(Signature signature) {
        return kinds.containsKey(signature);
    }

    void prune(int beforeHour) {
        for (Hours found : hours) {
            if (found != null) {
                found.prune(beforeHour);
            }
        }
        kinds.values().forEach(kind -> kind.prune(beforeHour));
        kinds.values().removeIf(kind -> kind.hours.since(beforeHour) == 0);
        int day = Math.floorDiv(beforeHour, 24);
        primary.prune(day);
        answered.prune(day);
        healing.prune(day);
    }

    /** Whether nothing is counted here any more. */
    boolean isEmpty() {
        for (Hours found : hours) {
            if (found != null && found.since(0) > 0) {
                return false;
            }
        }
        return true;
    }

    private Kind kind(Signature signature) {
        Kind known = kinds.get(signature);
        if (known != null) {
            return known;
        }
        Signature kept = kinds.size() < MOST_KINDS ? signature : signature.beyond();
        return kinds.computeIfAbsent(kept, Kind::new);
    }

    private Hours hours(Relation relation, Category category) {
        int index = index(relation, category);
        Hours found = hours[index];
        if (found == null) {
            found = new Hours();
            hours[index] = found;
        }
        return found;
    }

    private static int index(Relation relation, Category category) {
        return relation.ordinal() * Category.values().length + category.ordinal();
    }

    void writeTo(DataOutput out) throws IOException {
        out.writeUTF(backup);
        primary.writeTo(out);
        answered.writeTo(out);
        healing.writeTo(out);
        out.writeLong(first);
        out.writeLong(last);
        for (Hours found : hours) {
            out.writeBoolean(found != null);
            if (found != null) {
                found.writeTo(out);
            }
        }
        out.writeInt(kinds.size());
        for (Kind kind : kinds.values()) {
            kind.writeTo(out);
        }
    }

    static Tally readFrom(DataInput in) throws IOException {
        Tally tally = new Tally(in.readUTF(), Times.readFrom(in), Times.readFrom(in), Times.readFrom(in));
        tally.first = in.readLong();
        tally.last = in.readLong();
        for (int i = 0; i < tally.hours.length; i++) {
            tally.hours[i] = in.readBoolean() ? Hours.readFrom(in) : null;
        }
        for (int left = in.readInt(); left > 0; left--) {
            Kind kind = Kind.readFrom(in);
            tally.kinds.put(kind.signature, kind);
        }
        return tally;
    }

    /** The kinds in their order, for what refers to them by number. */
    List<Kind> numbered() {
        return new ArrayList<>(kinds.values());
    }
}
