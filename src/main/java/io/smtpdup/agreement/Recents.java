package io.smtpdup.agreement;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

/**
 * The latest comparisons, so that one that is made again takes the place of the earlier one. Those that agree are soon behind:
 * they come again after a kill only. Those that differ are requeued days later, and have places of their own.
 */
final class Recents {

    static final int AGREED = 20_000;

    static final int OTHERS = 40_000;

    /**
     * What an earlier comparison was counted as.
     *
     * @param kind null when it agreed
     * @param hour the hour that it was counted in
     * @param day the day that its recipient's row has it on
     */
    record Earlier(Tally tally, Relation relation, Category category, @Nullable Kind kind, int hour, int day) {
    }

    private final Map<Long, Earlier> agreed = new Latest(AGREED);

    private final Map<Long, Earlier> others = new Latest(OTHERS);

    @Nullable Earlier get(long key) {
        Earlier found = others.get(key);
        return found != null ? found : agreed.get(key);
    }

    void put(long key, Earlier earlier) {
        boolean agrees = earlier.relation == Relation.AGREED;
        (agrees ? others : agreed).remove(key);
        (agrees ? agreed : others).put(key, earlier);
    }

    /** Forgets those of one backup. */
    void forget(Tally tally) {
        agreed.values().removeIf(earlier -> earlier.tally == tally);
        others.values().removeIf(earlier -> earlier.tally == tally);
    }

    int size() {
        return agreed.size() + others.size();
    }

    /** The oldest first. */
    void forEach(BiConsumer<Long, Earlier> action) {
        agreed.forEach(action);
        others.forEach(action);
    }

    void clear() {
        agreed.clear();
        others.clear();
    }

    private static final class Latest extends LinkedHashMap<Long, Earlier> {

        private static final long serialVersionUID = 1L;

        private final int most;

        Latest(int most) {
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Earlier> eldest) {
            return size() > most;
        }
    }
}
