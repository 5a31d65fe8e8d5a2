package io.smtpdup.agreement;

import java.util.Locale;
import java.util.Set;

/**
 * Makes one text of the replies that differ only in whom and what they name: addresses, hosts, IPs, ids and numbers become
 * words in braces. One pass over the text, without regular expressions.
 */
final class Masking {

    /** What ends an address, besides blanks. */
    private static final String BREAKS = "<>()[]\"";

    /** What ends any other word too; in an address it may be a part: {@code SRS0=x=y=b.example=alice@fwd.example}. */
    private static final String INNER_BREAKS = "{}',;|=";

    private static final String EDGES = ".:!?*#-_/\\`";

    private static final int LONGEST = 200;

    /** Local parts that are words of replies as well. */
    private static final Set<String> PLAIN_WORDS = Set.of("user", "users", "mail", "mailbox", "account", "address", "recipient",
            "sender", "unknown", "spam", "virus", "local", "host", "domain", "server", "message", "service", "access", "relay",
            "client", "policy", "error", "system", "email", "no", "not", "is", "the", "ok", "be");

    private Masking() {
    }

    static String mask(String text) {
        return mask(text, "");
    }

    /** @param mailbox the address that the reply is about, whose local part is masked where it stands alone; or empty */
    static String mask(String text, String mailbox) {
        String local = mailbox.substring(0, Math.max(0, mailbox.lastIndexOf('@'))).toLowerCase(Locale.ROOT);
        StringBuilder masked = new StringBuilder(Math.min(text.length(), LONGEST));
        for (int at = 0; at < text.length() && masked.length() < LONGEST; ) {
            int end = end(text, at, BREAKS);
            if (end == at) {
                masked.append(text.charAt(at++));
            } else {
                piece(text.substring(at, end), local, masked);
                at = end;
            }
        }
        return masked.length() > LONGEST ? masked.substring(0, LONGEST) : masked.toString();
    }

    /** Where a word ends that begins somewhere; there, when none does. */
    private static int end(String text, int start, String breaks) {
        int end = start;
        while (end < text.length() && text.charAt(end) > ' ' && breaks.indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return end;
    }

    /** Appends what may be one address; else it is words with other marks between them. */
    private static void piece(String piece, String local, StringBuilder masked) {
        int start = skip(piece, EDGES + INNER_BREAKS);
        int end = skipBack(piece, start, EDGES + INNER_BREAKS);
        String core = piece.substring(start, end);
        if (core.indexOf('@') >= 0 || isLocal(core, local)) {
            masked.append(piece, 0, Math.min(start, LONGEST)).append(core.contains("://") ? "{url}" : "{address}")
                    .append(piece, end, piece.length());
            return;
        }
        for (int at = 0; at < piece.length() && masked.length() < LONGEST; ) {
            int next = end(piece, at, INNER_BREAKS);
            if (next == at) {
                masked.append(piece.charAt(at++));
            } else {
                word(piece.substring(at, next), local, masked);
                at = next;
            }
        }
    }

    private static int skip(String text, String marks) {
        int start = 0;
        while (start < text.length() && marks.indexOf(text.charAt(start)) >= 0) {
            start++;
        }
        return start;
    }

    private static int skipBack(String text, int start, String marks) {
        int end = text.length();
        while (end > start && marks.indexOf(text.charAt(end - 1)) >= 0) {
            end--;
        }
        return end;
    }

    private static boolean isLocal(String core, String local) {
        return core.length() > 1 && core.equalsIgnoreCase(local) && !PLAIN_WORDS.contains(local);
    }

    /** Appends a word without blanks, its punctuation around the mask. */
    private static void word(String word, String local, StringBuilder masked) {
        int start = skip(word, EDGES);
        int end = skipBack(word, start, EDGES);
        String core = word.substring(start, end);
        masked.append(word, 0, start).append(maskOf(core, local)).append(word, end, word.length());
    }

    private static String maskOf(String core, String local) {
        if (core.isEmpty()) {
            return core;
        }
        if (core.contains("://")) {
            return "{url}";
        }
        if (isLocal(core, local)) {
            return "{address}";
        }
        if (isIp(core)) {
            return "{ip}";
        }
        if (core.indexOf(':') > 0) {
            StringBuilder parts = new StringBuilder();
            for (String part : core.split(":", -1)) {
                parts.append(parts.isEmpty() ? "" : ":").append(maskOf(part, local));
            }
            return parts.toString();
        }
        int digits = count(core, '0', '9');
        if (digits == core.length()) {
            return "{n}";
        }
        if (isHost(core)) {
            return "{host}";
        }
        return digits > 0 && !isCode(core) ? "{id}" : core;
    }

    private static int count(String text, char from, char to) {
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            count += c >= from && c <= to ? 1 : 0;
        }
        return count;
    }

    /** Four numbers, or hexadecimal digits with at least two colons. */
    private static boolean isIp(String text) {
        boolean six = count(text, ':', ':') >= 2 || text.regionMatches(true, 0, "ipv6:", 0, 5);
        String rest = text.regionMatches(true, 0, "ipv6:", 0, 5) ? text.substring(5) : text;
        for (int i = 0; i < rest.length(); i++) {
            char c = rest.charAt(i);
            boolean digit = c >= '0' && c <= '9' || c == '.';
            boolean hex = c == ':' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
            if (!digit && !(six && hex)) {
                return false;
            }
        }
        return six ? rest.length() > 2 : count(rest, '.', '.') == 3;
    }

    /** An enhanced status code is the same in each reply; so is a word such as SMTPUTF8 or IPv6. */
    private static boolean isCode(String text) {
        if (text.length() >= 5 && text.charAt(1) == '.' && text.charAt(0) >= '2' && text.charAt(0) <= '5') {
            return count(text, '0', '9') + 2 == text.length() && count(text, '.', '.') == 2;
        }
        return Set.of("SMTPUTF8", "8BITMIME", "UTF-8", "UTF8", "8BIT", "8-BIT", "7BIT", "IPV6", "IPV4", "TLSV1", "SPF1", "X509")
                .contains(text.toUpperCase(Locale.ROOT));
    }

    /**
     * Labels with dots between them, the last one without digits: {@code mx.example.com}, but not {@code e.g}, nor what Exchange says
     * where something went wrong: {@code STOREDRV.Deliver}.
     */
    private static boolean isHost(String text) {
        int dot = text.lastIndexOf('.');
        if (dot < 1 || text.length() - dot < 3) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            boolean other = i < dot && (c >= '0' && c <= '9' || c == '-' || c == '_') || c == '.';
            if (!letter && !other) {
                return false;
            }
        }
        return !text.contains("..") && !isPlaceInExchange(text, dot);
    }

    /** The first label has four or more capitals and nothing else, the last is not all of one case. */
    private static boolean isPlaceInExchange(String text, int lastDot) {
        int capitals = text.indexOf('.');
        String last = text.substring(lastDot + 1);
        return capitals >= 4 && count(text.substring(0, capitals), 'A', 'Z') == capitals
                && count(last, 'A', 'Z') > 0 && count(last, 'a', 'z') > 0;
    }
}
