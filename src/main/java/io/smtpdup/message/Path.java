package io.smtpdup.message;

import java.nio.charset.StandardCharsets;

/**
 * Reads the Reverse-path or Forward-path at the start of a command's argument (RFC 5321 section 4.1.2, RFC 6531 section
 * 3.3), and tells where it ends.
 *
 * <p>It is strict where an octet could mean something else to the next server (control characters, blanks, angle
 * brackets, lists) and lenient where real addresses break the grammar without harm: {@code a..b@}, {@code a_b} in a
 * domain, a local part without a domain, a missing pair of angle brackets. A source route is read and left out, as RFC
 * 5321 appendix C asks.
 *
 * @param address the address without angle brackets; empty for the null path
 * @param end where in the text the path ended
 */
public record Path(String address, int end) {

    /** RFC 5321 4.5.3.1.3 says 256; real bounce addresses are longer, and a command line has room for the parameters behind. */
    private static final int LONGEST = 900;

    /** Thrown for text that is no path; the message is fit for a reply. */
    public static final class MalformedPathException extends Exception {

        private static final long serialVersionUID = 1L;

        MalformedPathException(String message) {
            super(message);
        }
    }

    /** True when the address cannot travel without SMTPUTF8. */
    public boolean isInternational() {
        return !isAscii(address);
    }

    /** Whether an address, or any other text, can travel without SMTPUTF8. */
    public static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 127) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads a path.
     *
     * @param text the command's argument after {@code FROM:} or {@code TO:}, blanks in front already removed
     * @throws MalformedPathException when the text does not begin with a path
     */
    public static Path parse(String text) throws MalformedPathException {
        Scanner scanner = new Scanner(text);
        Path path = text.startsWith("<") ? scanner.bracketed() : scanner.bare();
        if (path.address.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            throw new MalformedPathException("address too long");
        }
        return path;
    }

    /** A cursor over the text; each method reads one piece of the grammar. */
    private static final class Scanner {

        private final String text;

        private int at;

        Scanner(String text) {
            this.text = text;
        }

        Path bracketed() throws MalformedPathException {
            at = 1;
            if (peek() == '>') {
                return new Path("", 2);
            }
            if (peek() == '@') {
                sourceRoute();
            }
            String address = mailbox();
            if (peek() != '>') {
                throw malformed();
            }
            return new Path(address, at + 1);
        }

        Path bare() throws MalformedPathException {
            String address = mailbox();
            if (at < text.length() && peek() != ' ') {
                throw malformed();
            }
            return new Path(address, at);
        }

        private void sourceRoute() throws MalformedPathException {
            do {
                if (peek() != '@') {
                    throw malformed();
                }
                at++;
                domain();
            } while (peek() == ',' && ++at > 0);
            if (peek() != ':') {
                throw malformed();
            }
            at++;
        }

        private String mailbox() throws MalformedPathException {
            int start = at;
            if (peek() == '"') {
                quotedString();
            } else {
                dotString();
            }
            if (peek() == '@') {
                at++;
                if (peek() == '[') {
                    addressLiteral();
                } else {
                    domain();
                }
            }
            return text.substring(start, at);
        }

        private void dotString() throws MalformedPathException {
            int start = at;
            while (isAtext(peek()) || peek() == '.') {
                at++;
            }
            if (at == start) {
                throw malformed();
            }
        }

        private void quotedString() throws MalformedPathException {
            at++;
            while (peek() != '"') {
                if (peek() == '\\') {
                    at++;
                    if (peek() < ' ' || peek() > '~') {
                        throw malformed();
                    }
                } else if (!isPrintable(peek())) {
                    throw malformed();
                }
                at++;
            }
            at++;
        }

        private void domain() throws MalformedPathException {
            int label = at;
            while (isLetDig(peek()) || peek() == '-' || peek() == '_' || peek() == '.') {
                if (peek() == '.') {
                    if (at == label) {
                        throw malformed();
                    }
                    label = at + 1;
                }
                at++;
            }
            if (at == label) {
                throw malformed();
            }
        }

        private void addressLiteral() throws MalformedPathException {
            int start = at++;
            while (peek() > ' ' && peek() <= '~' && peek() != '[' && peek() != '\\' && peek() != ']' && peek() != '<'
                    && peek() != '>') {
                at++;
            }
            if (peek() != ']' || at == start + 1) {
                throw malformed();
            }
            at++;
        }

        /** The character at the cursor; NUL at the end, which no piece of the grammar accepts. */
        private char peek() {
            return at < text.length() ? text.charAt(at) : 0;
        }

        private static boolean isAtext(char c) {
            return isLetDig(c) || "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0;
        }

        private static boolean isLetDig(char c) {
            return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || isUtf8NonAscii(c);
        }

        private static boolean isPrintable(char c) {
            return c >= ' ' && c <= '~' || isUtf8NonAscii(c);
        }

        /** Any character above ASCII but the C1 controls and the noncharacters at the end of the plane. */
        private static boolean isUtf8NonAscii(char c) {
            return c > 0x9f && c < 0xfffe;
        }

        private static MalformedPathException malformed() {
            return new MalformedPathException("malformed address");
        }
    }
}
