package io.smtpdup.config;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;

/** Guesses the key somebody meant. */
final class Suggestion {

    private static final int MAX_EDITS = 3;

    private Suggestion() {
    }

    /** {@code : did you mean smtp.listen?} when a key is close to the text, else nothing. */
    static String forKey(String unknown) {
        String lower = unknown.toLowerCase(Locale.ROOT);
        return Arrays.stream(Key.values())
                .map(Key::text)
                .min(Comparator.comparingInt(key -> distance(lower, key)))
                .filter(key -> distance(lower, key) <= MAX_EDITS)
                .map(key -> ": did you mean " + key + "?")
                .orElse("");
    }

    /** The letters to insert, delete or replace to make one text of the other (Levenshtein). */
    static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        Arrays.setAll(previous, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
