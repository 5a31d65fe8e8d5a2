package io.smtpdup.config;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

import org.apache.commons.text.similarity.DamerauLevenshteinDistance;
import org.apache.commons.text.similarity.EditDistance;

/** Guesses the word somebody meant: a key, a command, an option. */
public final class Suggestion {

    private static final int MAX_EDITS = 3;

    /** The letters to insert, delete, replace, or exchange with their neighbour, to make one text of the other. */
    private static final EditDistance<Integer> DISTANCE = new DamerauLevenshteinDistance();

    private Suggestion() {
    }

    /** {@code : did you mean smtp.listen?} when a key is close to the text, else nothing. */
    static String forKey(String unknown) {
        return closest(unknown, keys(), Math.max(MAX_EDITS, unknown.length() / 3))
                .map(key -> ": did you mean " + key + "?")
                .orElse("");
    }

    /**
     * The key that was meant by what may just as well be a key of the operator's own: when they differ in no more than a letter
     * or two, when it is the key's variable, or one of the keys without which there are no copies, without its prefix.
     */
    static Optional<String> almost(String unknown) {
        Optional<String> meant = closest(unknown, keys(), 2);
        return meant.isPresent() ? meant : Arrays.stream(Key.values()).filter(key -> isAnother(unknown, key)).map(Key::text).findFirst();
    }

    private static boolean isAnother(String unknown, Key key) {
        String name = key.text().substring(key.text().indexOf('.') + 1);
        return unknown.equalsIgnoreCase(key.variable()) || name.startsWith("destination_") && unknown.equalsIgnoreCase(name);
    }

    /** The variable that was meant by one that has not our prefix. */
    static Optional<String> almostVariable(String unknown) {
        return Arrays.stream(Key.values()).map(Key::variable)
                .filter(variable -> Math.abs(variable.length() - unknown.length()) <= 2
                        && DISTANCE.apply(unknown.toUpperCase(Locale.ROOT), variable) <= 2)
                .findFirst();
    }

    private static Stream<String> keys() {
        return Arrays.stream(Key.values()).map(Key::text);
    }

    /** The word that was meant, when it is a slip of the pen away; a word of its own is none. */
    public static Optional<String> closest(String unknown, Stream<String> words) {
        return closest(unknown, words, Math.min(MAX_EDITS, Math.max(1, unknown.length() / 3)));
    }

    private static Optional<String> closest(String unknown, Stream<String> words, int edits) {
        String lower = unknown.toLowerCase(Locale.ROOT);
        return words.min(Comparator.comparingInt(word -> DISTANCE.apply(lower, word)))
                .filter(word -> DISTANCE.apply(lower, word) <= edits);
    }
}
