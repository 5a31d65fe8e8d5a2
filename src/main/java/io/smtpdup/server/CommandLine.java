package io.smtpdup.server;

import java.util.Locale;
import java.util.Set;

/**
 * One command line as a client sent it, without its CRLF.
 *
 * @param text the line; when it has a flaw, only good for its verb
 * @param flaw why nothing behind the verb can be relied on
 */
record CommandLine(String text, Flaw flaw) {

    /** What HTTP begins a request with (RFC 9110 section 9, RFC 5789). */
    private static final Set<String> HTTP =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

    /** What may be wrong with a line, whatever it says. */
    enum Flaw {
        NONE("", false),
        /** Every octet of it was read, and most of them dropped. */
        TOO_LONG("Line too long", false),
        NOT_UTF8("Neither ASCII nor UTF-8", false),
        NUL("A NUL in a command", false),
        /** Whoever takes it for the end of a line sees other commands than we do: so the line is closed. */
        BARE_NEWLINE("Bare CR or LF in a command, lines must end with CR LF, closing connection", true),
        ENDLESS("Line without an end, closing connection", true);

        private final String words;
        private final boolean last;

        Flaw(String words, boolean last) {
            this.words = words;
            this.last = last;
        }

        /** What the client is told. */
        String words() {
            return words;
        }

        /** Whether the connection ends with it, because nobody can tell where the next command begins. */
        boolean isLast() {
            return last;
        }
    }

    /**
     * Whether a browser says it. A web page can have one on a trusted host post a mail's commands as the body of a form, so
     * nothing that follows such a line is looked at.
     */
    boolean isHttp() {
        return HTTP.contains(verb());
    }

    /** The first word in upper case; empty when the line begins with a blank, or is empty. */
    String verb() {
        return text.substring(0, verbLength()).toUpperCase(Locale.ROOT);
    }

    /** What follows the verb, blanks around it removed. */
    String argument() {
        return blanksRemoved(text.substring(verbLength()));
    }

    private int verbLength() {
        int length = 0;
        while (length < text.length() && !isBlank(text.charAt(length))) {
            length++;
        }
        return length;
    }

    /** Only blanks and tabs: any other white space in an argument is part of it, and an error. */
    static String blanksRemoved(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isBlank(text.charAt(start))) {
            start++;
        }
        while (end > start && isBlank(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
