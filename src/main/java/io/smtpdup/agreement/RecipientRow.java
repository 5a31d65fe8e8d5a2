package io.smtpdup.agreement;

/**
 * What a table has of one recipient: days are bits, the lowest is the last day on which it was seen.
 *
 * @param high of its key
 * @param low of its key
 * @param lastDay the last day on which it was seen, since 1970
 * @param seen the days on which it was compared
 * @param bad those of them on which the servers disagreed
 * @param listed whether its address is in the list of addresses
 */
record RecipientRow(long high, int low, int lastDay, long seen, long bad, boolean listed) {

    /** The same with a day more. */
    RecipientRow with(int day, boolean disagreed) {
        int later = day - lastDay;
        if (later <= 0) {
            long bit = later <= -Long.SIZE ? 0 : 1L << -later;
            return new RecipientRow(high, low, lastDay, seen | bit, disagreed ? bad | bit : bad, listed);
        }
        return new RecipientRow(high, low, day, shifted(seen, later) | 1, shifted(bad, later) | (disagreed ? 1 : 0), listed);
    }

    RecipientRow agreedAfterAll(int day) {
        int earlier = lastDay - day;
        return new RecipientRow(high, low, lastDay, seen, earlier < 0 || earlier >= Long.SIZE ? bad : bad & ~(1L << earlier), listed);
    }

    RecipientRow listed(boolean isListed) {
        return new RecipientRow(high, low, lastDay, seen, bad, isListed);
    }

    private static long shifted(long bits, int by) {
        return by >= Long.SIZE ? 0 : bits << by;
    }

    /** Those of the days from one on. */
    long seenSince(int day) {
        return seen & mask(day);
    }

    long badSince(int day) {
        return bad & mask(day);
    }

    private long mask(int day) {
        int kept = lastDay - day + 1;
        return kept <= 0 ? 0 : kept >= Long.SIZE ? -1 : (1L << kept) - 1;
    }
}
