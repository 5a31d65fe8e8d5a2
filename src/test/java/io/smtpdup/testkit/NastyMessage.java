package io.smtpdup.testkit;

import java.nio.charset.StandardCharsets;

/**
 * One message of the {@link NastyMessages}: it is empty or ends with CRLF, and has no CR or LF but in CRLF.
 *
 * @param name what is nasty about it, its kind first: {@code dots/...}
 * @param octets the message before dot-stuffing
 */
public record NastyMessage(String name, byte[] octets) {

    static final String ORDINARY_HEADER = """
            From: Alice <alice@example.test>\r
            To: Bob <bob@example.test>\r
            Subject: nothing out of the ordinary\r
            Date: Mon, 05 Jan 2026 10:00:00 +0100\r
            Message-ID: <ordinary@example.test>\r
            """;

    public NastyMessage {
        String text = new String(octets, StandardCharsets.ISO_8859_1);
        String rest = text.replace("\r\n", "");
        if (!text.isEmpty() && !text.endsWith("\r\n") || rest.contains("\r") || rest.contains("\n")) {
            throw new IllegalArgumentException(name + " has other line ends than CRLF");
        }
    }

    /** An octet for each character, none of which is above U+00FF. */
    static NastyMessage of(String name, String text) {
        return new NastyMessage(name, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** These lines, each with CRLF, and nothing else. */
    static NastyMessage ofLines(String name, String... lines) {
        return of(name, lines.length == 0 ? "" : String.join("\r\n", lines) + "\r\n");
    }

    /** An ordinary header and a body of these lines. */
    static NastyMessage ofBody(String name, String... lines) {
        return of(name, ORDINARY_HEADER + "\r\n" + (lines.length == 0 ? "" : String.join("\r\n", lines) + "\r\n"));
    }

    /** An ordinary header with this field, or fields, as its last, and an ordinary body. */
    static NastyMessage ofField(String name, String field) {
        return of(name, ORDINARY_HEADER + field + "\r\n\r\nHello.\r\n");
    }

    /** This text in UTF-8, seen as one character for each octet. */
    static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** True when it needs 8BITMIME or a server that does not care. */
    public boolean has8BitOctets() {
        for (byte octet : octets) {
            if (octet < 0) {
                return true;
            }
        }
        return false;
    }

    public boolean hasNul() {
        for (byte octet : octets) {
            if (octet == 0) {
                return true;
            }
        }
        return false;
    }

    /** The octets of the longest line, CRLF not counted: RFC 5321 grants 998. */
    public int longestLine() {
        int longest = 0;
        int begin = 0;
        for (int i = 0; i < octets.length; i++) {
            if (octets[i] == '\n') {
                longest = Math.max(longest, i - 1 - begin);
                begin = i + 1;
            }
        }
        return longest;
    }

    /** The name: it is what a parameterized test shows. */
    @Override
    public String toString() {
        return name;
    }
}
