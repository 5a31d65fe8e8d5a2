package io.smtpdup.agreement;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * The latest comparisons, so that one that is made again takes the place of the earlier one. Those that are settled, because they agree,
 * have healed or are expected, are soon behind: they come again after a kill only. So are those that the routes left out, which may be
 * most of all. The others are requeued days later, and have places of their own, which no mail that went well can take.
 */
final class Recents {

    static final int SETTLED = 20_000;

    static final int LEFT_OUT = 10_000;

    static final int OTHERS = 40_000;

    /**
     * What an earlier comparison was counted as.
     *
     * @param kind null when it agreed
     * @param hour the hour that it was counted in
     * @param day the day that its recipient's row has it on
     * @param row its recipient's row that has a disagreement on that day; null when it has none
     */
    record Earlier(Tally tally, Relation relation, Category category, @Nullable Kind kind, int hour, int day,
            AddressKey.@Nullable Row row) {
    }

    /** A bit in a row of a table: there is one for all mails of a recipient on a day. */
    private record Bit(Tally tally, AddressKey.Row row, int day) {
    }

    private final Map<Long, Earlier> settled = new Latest(SETTLED);

    private final Map<Long, Earlier> leftOut = new Latest(LEFT_OUT);

    private final Map<Long, Earlier> others = new Latest(OTHERS);

    private final List<Map<Long, Earlier>> all = List.of(settled, leftOut, others);

    /** How many of them disagree on that bit. */
    private final Map<Bit, Integer> disagreements = new HashMap<>();

    @Nullable Earlier get(long key) {
        for (Map<Long, Earlier> some : all) {
            Earlier found = some.get(key);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    void put(long key, Earlier earlier) {
        remove(key);
        count(earlier, 1);
        placeOf(earlier).put(key, earlier);
    }

    void remove(long key) {
        for (Map<Long, Earlier> some : all) {
            Earlier gone = some.remove(key);
            if (gone != null) {
                count(gone, -1);
            }
        }
    }

    /** Whether one of them disagrees about the same recipient on the same day. */
    boolean hasDisagreement(Tally tally, AddressKey.Row row, int day) {
        return disagreements.containsKey(new Bit(tally, row, day));
    }

    /** Forgets those of one backup. */
    void forget(Tally tally) {
        Predicate<Earlier> meant = earlier -> earlier.tally == tally;
        all.forEach(some -> some.values().removeIf(meant));
        disagreements.keySet().removeIf(bit -> bit.tally == tally);
    }

    int size() {
        return all.stream().mapToInt(Map::size).sum();
    }

    /** The oldest first. */
    void forEach(BiConsumer<Long, Earlier> action) {
        all.forEach(some -> some.forEach(action));
    }

    void clear() {
        all.forEach(Map::clear);
        disagreements.clear();
    }

    private Map<Long, Earlier> placeOf(Earlier earlier) {
        return switch (earlier.relation) {
            case AGREED, HEALED, EXPECTED -> settled;
            case INCOMPARABLE -> isLeftOut(earlier.kind) ? leftOut : others;
            default -> others;
        };
    }

    /** One whose kind is too old to be known is no longer requeued either. */
    private static boolean isLeftOut(@Nullable Kind kind) {
        return kind == null || kind.signature.backup().equals(Fate.LEFT_OUT.text());
    }

    private void count(Earlier earlier, int one) {
        if (earlier.row != null) {
            disagreements.merge(new Bit(earlier.tally, earlier.row, earlier.day), one, (a, b) -> a + b == 0 ? null : a + b);
        }
    }

    private final class Latest extends LinkedHashMap<Long, Earlier> {

        private static final long serialVersionUID = 1L;

        private final int most;

        Latest(int most) {
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Earlier> eldest) {
            if (size() <= most) {
                return false;
            }
            count(eldest.getValue(), -1);
            return true;
        }
    }
}
