package io.smtpdup.message;

import java.util.regex.Pattern;

/** What peers and operators have said, for those who print it, and those who ask whether it says anything. */
public final class PlainText {

    /** Controls, some of which terminals obey, all line ends, marks that turn the writing around, and halves of characters. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+");

    private PlainText() {
    }

    /** One line, harmless to a log and to a terminal. */
    public static String of(String text) {
        return isPrintableAscii(text) ? text : UNPRINTABLE.matcher(text).replaceAll(" ");
    }

    /** Nearly everything is. */
    private static boolean isPrintableAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    /** Whether there is something to be seen in it, and not only blanks of any kind, controls, and marks of direction or width. */
    public static boolean isVisible(String text) {
        return text.codePoints().anyMatch(c -> !Character.isWhitespace(c) && !Character.isSpaceChar(c) && switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.UNASSIGNED -> false;
            default -> true;
        });
    }
}
