package io.smtpdup.recipients;

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

/**
 * A list of addresses, one a line, in UTF-8: with or without angle brackets, blank lines and lines that begin with {@code #} between
 * them, whatever ends the lines. The domain of an address that would not need SMTPUTF8 otherwise becomes ASCII, as mails name it.
 *
 * @param addresses each mailbox once, in their order
 * @param problems of lines that are no address, the first {@value #TOLD} of them
 * @param wrong how many such lines there are
 * @param repeated how many lines named a mailbox again
 */
public record AddressFile(List<String> addresses, List<Problem> problems, int wrong, int repeated) {

    /** So many problems are worth a line each. */
    static final int TOLD = 20;

    private static final char UNREADABLE = '\uFFFD';

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /** @param line the first is 1 */
    public record Problem(int line, String why) {

        @Override
        public String toString() {
            return "line " + line + ": " + why;
        }
    }

    /** Reads octets that should be UTF-8. */
    public static AddressFile read(byte[] octets) {
        return read(new String(octets, StandardCharsets.UTF_8));
    }

    /** Reads a text. */
    public static AddressFile read(String text) {
        Map<String, String> addresses = new LinkedHashMap<>();
        List<Problem> problems = new ArrayList<>();
        int wrong = 0;
        int named = 0;
        List<String> lines = (text.isEmpty() || text.charAt(0) != BYTE_ORDER_MARK ? text : text.substring(1)).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
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
                    problems.add(new Problem(i + 1, Objects.requireNonNullElse(e.getMessage(), "not an address")));
                }
            }
        }
        return new AddressFile(List.copyOf(addresses.values()), List.copyOf(problems), wrong, named - addresses.size());
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
