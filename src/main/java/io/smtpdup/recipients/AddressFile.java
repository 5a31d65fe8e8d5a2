package io.smtpdup.recipients;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.smtpdup.message.Path;
import io.smtpdup.message.PlainText;
import io.smtpdup.message.Recipient;
import org.jspecify.annotations.Nullable;

/**
 * A list of addresses, one a line, in UTF-8: with or without angle brackets, blank lines and lines that begin with {@code #} between
 * them, whatever ends the lines. The domain of an address that would not need SMTPUTF8 otherwise becomes ASCII, as mails name it.
 *
 * @param addresses each mailbox once, in their order
 * @param problems of lines that are no address, the first {@value #TOLD} of them
 * @param wrong how many such lines there are, as far as it was read
 * @param repeated how many lines named a mailbox again
 */
public record AddressFile(List<String> addresses, List<Problem> problems, int wrong, int repeated) {

    /** So many problems are worth a line each. */
    static final int TOLD = 20;

    /** With so many wrong lines it is another kind of file. */
    static final int MOST_WRONG = 1000;

    /** No address is longer. */
    private static final int LONGEST = 2000;

    private static final char UNREADABLE = '\uFFFD';

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /** @param line the first is 1 */
    public record Problem(int line, String why) {

        @Override
        public String toString() {
            return "line " + line + ": " + why;
        }
    }

    /**
     * Reads octets that should be UTF-8, no further than it takes to know that there are too many addresses, or {@value #MOST_WRONG}
     * wrong lines.
     */
    public static AddressFile read(InputStream octets) throws IOException {
        BufferedReader text = new BufferedReader(new InputStreamReader(octets, StandardCharsets.UTF_8));
        Map<String, String> addresses = new LinkedHashMap<>();
        List<Problem> problems = new ArrayList<>();
        int wrong = 0;
        int named = 0;
        int number = 0;
        String next;
        while (wrong < MOST_WRONG && addresses.size() <= RecipientChecks.MOST && (next = line(text)) != null) {
            number++;
            String line = (number == 1 && next.indexOf(BYTE_ORDER_MARK) == 0 ? next.substring(1) : next).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                String address = address(line);
                addresses.putIfAbsent(new Recipient(address).mailbox(), address);
                named++;
            } catch (IllegalArgumentException e) {
                wrong++;
                if (problems.size() < TOLD) {
                    problems.add(new Problem(number, Objects.requireNonNullElse(e.getMessage(), "not an address")));
                }
            }
        }
        return new AddressFile(List.copyOf(addresses.values()), List.copyOf(problems), wrong, named - addresses.size());
    }

    /** The next line, cut where it is too long for an address; null at the end. */
    private static @Nullable String line(BufferedReader text) throws IOException {
        StringBuilder line = new StringBuilder();
        int one = text.read();
        if (one < 0) {
            return null;
        }
        for (; one >= 0 && one != '\n' && one != '\r'; one = text.read()) {
            if (line.length() <= LONGEST) {
                line.append((char) one);
            }
        }
        if (one == '\r') {
            text.mark(1);
            if (text.read() != '\n') {
                text.reset();
            }
        }
        return line.toString();
    }

    /** Whether there are more addresses than a check takes, or so many wrong lines that the rest was not read. */
    public boolean isTooLong() {
        return addresses.size() > RecipientChecks.MOST || wrong == MOST_WRONG;
    }

    /**
     * Reads one address.
     *
     * @throws IllegalArgumentException when it is none; the message is one line
     */
    public static String address(String text) {
        if (text.indexOf(UNREADABLE) >= 0) {
            throw new IllegalArgumentException("not UTF-8");
        }
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("longer than an address may be: " + PlainText.of(text.substring(0, 100)) + "...");
        }
        String shown = PlainText.of(text.length() > 100 ? text.substring(0, 100) + "..." : text);
        try {
            Path path = Path.parse(text);
            if (path.end() != text.length() || path.address().isEmpty()) {
                throw new IllegalArgumentException("not an address: " + shown);
            }
            int at = path.address().lastIndexOf('@');
            if (at < 0 || at == path.address().length() - 1) {
                throw new IllegalArgumentException("no domain: " + shown);
            }
            return withAsciiDomain(path.address(), at);
        } catch (Path.MalformedPathException e) {
            throw new IllegalArgumentException("not an address: " + shown, e);
        }
    }

    private static String withAsciiDomain(String address, int at) {
        if (Path.isAscii(address) || !Path.isAscii(address.substring(0, at))) {
            return address;
        }
        try {
            return address.substring(0, at + 1) + IDN.toASCII(address.substring(at + 1));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a domain: " + PlainText.of(address.substring(at + 1)), e);
        }
    }
}
