package io.smtpdup.config;

/**
 * One value as an operator wrote it, or one element of a list.
 *
 * @param label what an error calls it: the key, with the index when it has one
 * @param text stripped, never empty, with {@code {{env:NAME}}} resolved once the sources are merged
 * @param shown what an error shows of it: no password, and nothing that came out of {@code {{env:NAME}}}
 * @param origin where it stands: a file or an environment variable
 */
record Item(String label, String text, String shown, String origin) {

    /** A value fresh from its source. */
    static Item of(String label, String text, String origin) {
        boolean secret = Key.of(label).map(Key::isSecret).orElse(false);
        return new Item(label, text.strip(), secret ? Mask.HIDDEN : Mask.line(Mask.value(text.strip())), origin);
    }

    /** The line that says what is wrong with it. */
    String problem(String what) {
        return label + ": \"" + shown + "\" (" + origin + "): " + what;
    }
}
