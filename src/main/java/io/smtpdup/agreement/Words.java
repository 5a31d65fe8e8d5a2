package io.smtpdup.agreement;

import java.util.Arrays;
import java.util.List;

/** Finds phrases and patterns in replies: no regular expressions, so that no server's words take long. */
final class Words {

    private Words() {
    }

    /** The parts of a list with commas, without the blanks around them. */
    static List<String> list(String text) {
        return Arrays.stream(text.split(",")).map(String::strip).filter(part -> !part.isEmpty()).toList();
    }

    /** Whether a text in lower case has one of the phrases in it, each at the beginning of a word. */
    static boolean anyIn(String text, List<String> phrases) {
        for (String phrase : phrases) {
            if (isIn(text, phrase)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isIn(String text, String phrase) {
        for (int at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
            if (at == 0 || !Character.isLetterOrDigit(text.charAt(at - 1))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a whole text is as a pattern says in which {@code *} stands for anything; upper and lower case are the same. */
    static boolean fits(String text, String pattern) {
        int t = 0;
        int p = 0;
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (p < pattern.length() && same(pattern.charAt(p), text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    private static boolean same(char a, char b) {
        return a == b || Character.toLowerCase(a) == Character.toLowerCase(b);
    }
}
