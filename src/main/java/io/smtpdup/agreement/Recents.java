package io.smtpdup.agreement;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * The latest comparisons, so that one that is made again takes the place of the earlier one. Those that are settled, because they agree,
 * have healed or are expected, are soon behind: they come again after a kill only. The others are requeued days later, and have places
 * of their own, which no mail that went well can take.
 */
final class Recents {

    static final int SETTLED = 20_000;

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

    private final Map<Long, Earlier> others = new Latest(OTHERS);

    /** How many of them disagree on that bit. */
    private final Map<Bit, Integer> disagreements = new HashMap<>();

    @Nullable Earlier get(long key) {
        Earlier found = others.get(key);
        return found != null ? found : settled.get(key);
    }

    void put(long key, Earlier earlier) {
        remove(key);
        count(earlier, 1);
        (isSettled(earlier.relation) ? settled : others).put(key, earlier);
    }

    void remove(long key) {
        Earlier gone = settled.remove(key);
        gone = gone == null ? others.remove(key) : gone;
        if (gone != null) {
            count(gone, -1);
        }
    }

    /** Whether one of them disagrees about the same recipient on the same day. */
    boolean hasDisagreement(Tally tally, AddressKey.Row row, int day) {
        return disagreements.containsKey(new Bit(tally, row, day));
    }

    /** Forgets those of one backup. */
    void forget(Tally tally) {
        Predicate<Earlier> meant = earlier -> earlier.tally == tally;
        settled.values().removeIf(meant);
        others.values().removeIf(meant);
        disagreements.keySet().removeIf(bit -> bit.tally == tally);
    }

    int size() {
        return settled.size() + others.size();
    }

    /** The oldest first. */
    void forEach(BiConsumer<Long, Earlier> action) {
        settled.forEach(action);
        others.forEach(action);
    }

    void clear() {
        settled.clear();
        others.clear();
        disagreements.clear();
    }

    private static boolean isSettled(Relation relation) {
        return relation == Relation.AGREED || relation == Relation.HEALED || relation == Relation.EXPECTED;
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
