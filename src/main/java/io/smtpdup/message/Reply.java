package io.smtpdup.message;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One SMTP reply: the code and the text of each of its lines, as one server said it and as one client shall hear it
 * (RFC 5321 section 4.2). An enhanced status code (RFC 3463) is the first word of the text, kept where its server put
 * it, so that passing a reply on changes nothing.
 *
 * <p>A reply made from outside words ({@link #parse}) is made safe to pass on: control characters become spaces, a line
 * is cut at {@value #MAX_LINE_LENGTH} octets, and no more than {@value #MAX_LINES} lines of it go over a wire.
 *
 * @param code 200 to 599
 * @param lines the text of each line, without code; at least one, which may be empty
 */
public record Reply(int code, List<String> lines) {

    /** The longest text of one line: RFC 5321 4.5.3.1.5 allows 512 octets with code and CRLF. */
    static final int MAX_LINE_LENGTH = 506;

    static final int MAX_LINES = 100;

    private static final Pattern ENHANCED = Pattern.compile("([245]\\.\\d{1,3}\\.\\d{1,3})(?:\\s.*)?");

    private static final Pattern CODE_ONLY = Pattern.compile("[245]\\.\\d{1,3}\\.\\d{1,3}\\s*");

    private static final Pattern LINE = Pattern.compile("(\\d{3})(?:[ -](.*))?", Pattern.DOTALL);

    public Reply {
        if (code < 200 || code > 599) {
            throw new IllegalArgumentException("not a reply code: " + code);
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("a reply has at least one line");
        }
        lines = lines.size() == 1 ? List.of(safe(lines.get(0))) : lines.stream().map(Reply::safe).toList();
    }

    /** A reply of our own: one line, with its enhanced status code. */
    public static Reply of(int code, String enhanced, String text) {
        return new Reply(code, List.of(enhanced + " " + text));
    }

    /**
     * Reads a reply as it came off the wire or as an operator wrote it into a route: lines {@code ddd-text} and a last
     * {@code ddd text}, parted by LF or CRLF.
     *
     * @throws IllegalArgumentException when there is no valid code, or when the lines differ in it
     */
    public static Reply parse(String wire) {
        Objects.requireNonNull(wire, "wire");
        int code = 0;
        List<String> lines = new ArrayList<>();
        for (String line : wire.strip().split("\r?\n")) {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches() || code != 0 && code != Integer.parseInt(matcher.group(1))) {
                throw new IllegalArgumentException("not an SMTP reply: " + safe(line));
            }
            code = Integer.parseInt(matcher.group(1));
            lines.add(matcher.group(2) == null ? "" : matcher.group(2));
        }
        return new Reply(code, lines);
    }

    /** The enhanced status code of the first line, when it has one that fits the class of the code. */
    public Optional<String> enhancedCode() {
        Matcher matcher = ENHANCED.matcher(lines.get(0));
        return matcher.matches() && matcher.group(1).charAt(0) - '0' == code / 100
                ? Optional.of(matcher.group(1))
                : Optional.empty();
    }

    /** True when the server said nothing but codes, so that there is no text to pass on. */
    public boolean isTextless() {
        for (String line : lines) {
            if (!line.isBlank() && !CODE_ONLY.matcher(line).matches()) {
                return false;
            }
        }
        return true;
    }

    /** 2xx: done. */
    public boolean isPositive() {
        return code < 300;
    }

    /** 3xx: asks for more, and is the outcome of nothing. */
    public boolean isIntermediate() {
        return code >= 300 && code < 400;
    }

    /** 4xx: may succeed when tried again. */
    public boolean isTransientNegative() {
        return code >= 400 && code < 500;
    }

    /** 5xx: will never succeed. */
    public boolean isPermanentNegative() {
        return code >= 500;
    }

    /** The reply as it goes over the wire, each line with its CRLF. */
    public String toWire() {
        StringBuilder wire = new StringBuilder();
        int count = Math.min(lines.size(), MAX_LINES);
        for (int i = 0; i < count; i++) {
            wire.append(code).append(i < count - 1 ? '-' : ' ').append(lines.get(i)).append("\r\n");
        }
        return wire.toString();
    }

    /** The reply on one line, as the log shows it. */
    @Override
    public String toString() {
        return code + " " + String.join(" | ", lines);
    }

    private static String safe(String text) {
        if (text.length() <= MAX_LINE_LENGTH && isPrintableAscii(text)) {
            return text;
        }
        StringBuilder line = new StringBuilder();
        int octets = 0;
        for (int i = 0; i < text.length(); i = text.offsetByCodePoints(i, 1)) {
            int c = text.codePointAt(i);
            octets += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (octets > MAX_LINE_LENGTH) {
                break;
            }
            line.appendCodePoint(Character.isISOControl(c) ? ' ' : c);
        }
        return line.toString();
    }

    private static boolean isPrintableAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }
}
