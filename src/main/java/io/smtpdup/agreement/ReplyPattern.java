package io.smtpdup.agreement;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One line of the table of replies: which replies it is about, and what they mean.
 *
 * @param category what they mean
 * @param vendor whose they are; {@code *} for anybody's
 * @param stages what they are said to
 * @param codes such as {@code 550} or {@code 5xx}, or {@code *}
 * @param enhanced such as {@code 5.7.1}, {@code x.7.x}, {@code 5.7.606-649}, {@code -} for none, or {@code *}
 * @param phrases in lower case; empty when the words do not matter
 */
record ReplyPattern(Category category, String vendor, Set<Stage> stages, List<String> codes, List<String> enhanced,
        List<String> phrases) {

    /** Whether it is about a reply. @param words the reply's text with its addresses masked, in lower case */
    boolean fits(Answer answer, String vendor, String words) {
        return (this.vendor.equals("*") || this.vendor.equals(vendor))
                && stages.contains(answer.stage())
                && fitsCode(answer.code())
                && fitsEnhanced(answer.enhanced())
                && (phrases.isEmpty() || Words.anyIn(words, phrases));
    }

    private boolean fitsCode(int code) {
        for (String allowed : codes) {
            if (allowed.equals("*") || allowed.endsWith("xx") && allowed.charAt(0) - '0' == code / 100
                    || allowed.equals(Integer.toString(code))) {
                return true;
            }
        }
        return false;
    }

    private boolean fitsEnhanced(String code) {
        for (String allowed : enhanced) {
            if (allowed.equals("*") || (code.isEmpty() ? allowed.equals("-") : fitsNumbers(code, allowed))) {
                return true;
            }
        }
        return false;
    }

    private static boolean fitsNumbers(String code, String allowed) {
        String[] numbers = code.split("\\.");
        String[] parts = allowed.split("\\.");
        for (int i = 0; i < 3 && parts.length == 3; i++) {
            int range = parts[i].indexOf('-');
            if (range > 0) {
                int number = Integer.parseInt(numbers[i]);
                if (number < Integer.parseInt(parts[i].substring(0, range)) || number > Integer.parseInt(parts[i].substring(range + 1))) {
                    return false;
                }
            } else if (!parts[i].equals("x") && !parts[i].equals(numbers[i])) {
                return false;
            }
        }
        return parts.length == 3;
    }

    /** @throws IllegalArgumentException when a column is not what it may be; the message says which and what it may be */
    static ReplyPattern parse(String[] columns) {
        Category category = Category.of(columns[0]).orElseThrow(() -> new IllegalArgumentException("'" + columns[0]
                + "' is no category: must be one of address, mailbox, size, content, sender-auth, relay-trust, tls, protocol, greylist,"
                + " throttle, system"));
        if (columns.length != 6) {
            throw new IllegalArgumentException("has " + columns.length
                    + " columns: must be category | vendor | stage | code | enhanced code | words");
        }
        return new ReplyPattern(category, columns[1].toLowerCase(Locale.ROOT), stages(columns[2]),
                checked(columns[3], "\\*|[45]\\d\\d|[45]xx", "a code such as 550, 5xx or *"),
                checked(columns[4], "\\*|-|[45x](?:\\.(?:x|\\d{1,3}(?:-\\d{1,3})?)){2}",
                        "an enhanced code such as 5.7.1, x.7.x, - or *"),
                columns[5].equals("*") ? List.of() : Words.list(columns[5].toLowerCase(Locale.ROOT)));
    }

    private static Set<Stage> stages(String column) {
        if (column.equals("*")) {
            return EnumSet.allOf(Stage.class);
        }
        Set<Stage> stages = EnumSet.noneOf(Stage.class);
        for (String name : Words.list(column)) {
            Stage found = null;
            for (Stage stage : Stage.values()) {
                found = stage.text().equals(name) ? stage : found;
            }
            if (found == null) {
                throw new IllegalArgumentException("'" + name + "' is no stage: must be mail, rcpt, data, dot or *");
            }
            stages.add(found);
        }
        return stages;
    }

    private static List<String> checked(String column, String form, String allowed) {
        List<String> parts = Words.list(column);
        for (String part : parts) {
            if (!part.matches(form)) {
                throw new IllegalArgumentException("'" + part + "': must be " + allowed);
            }
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("an empty column: must be " + allowed);
        }
        return parts;
    }
}
