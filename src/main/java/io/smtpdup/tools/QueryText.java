package io.smtpdup.tools;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import io.smtpdup.message.PlainText;

/**
 * Reads a query as it was sent. Whatever could mean another value than the one that was meant is refused, and nothing is
 * replaced: an address that is not UTF-8 must not become somebody else's.
 */
final class QueryText {

    private static final Pattern BROKEN_PERCENT = Pattern.compile("%(?![0-9a-fA-F]{2})");

    /** Decoders put it in the place of what they cannot read. */
    static final char UNREADABLE = '\uFFFD';

    private QueryText() {
    }

    /**
     * The values of each parameter, in the order in which they stand.
     *
     * @param query without the question mark; null for none
     * @throws RequestException when it is no query in UTF-8, or a value is empty or has a control character
     */
    static Map<String, List<String>> read(String query) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        if (query != null && !query.isEmpty()) {
            for (String part : query.split("&", -1)) {
                int equals = part.indexOf('=');
                String name = equals < 0 ? part : part.substring(0, equals);
                String value = equals < 0 ? "" : decode(part.substring(equals + 1), name);
                values.computeIfAbsent(name, unused -> new ArrayList<>()).add(requireText(value, "the parameter " + plain(name)));
            }
        }
        return values;
    }

    private static String decode(String text, String name) {
        if (BROKEN_PERCENT.matcher(text).find() || text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw RequestException.wrong("the parameter " + plain(name) + " is not percent-encoded");
        }
        byte[] octets = new byte[text.length()];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                octets[length++] = (byte) Integer.parseInt(text.substring(i + 1, i + 3), 16);
                i += 2;
            } else {
                octets[length++] = (byte) (c == '+' ? ' ' : c);
            }
        }
        return utf8(octets, length, "the parameter " + plain(name));
    }

    /**
     * Text of octets, none of which is replaced.
     *
     * @param what a refusal calls it
     * @throws RequestException when they are not UTF-8: also for a form that is longer than it must be, or half of a pair
     */
    static String utf8(byte[] octets, int length, String what) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets, 0, length)).toString();
        } catch (CharacterCodingException e) {
            throw RequestException.wrong(what + " is not UTF-8");
        }
    }

    /** A value that says something, and nothing that cannot be seen. */
    private static String requireText(String value, String what) {
        if (!PlainText.isVisible(value)) {
            throw RequestException.wrong(what + " is empty");
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw RequestException.wrong(what + " has a control character");
        }
        if (value.indexOf(UNREADABLE) >= 0) {
            throw RequestException.wrong(what + " has a character that replaces one that could not be read (U+FFFD)");
        }
        return value;
    }

    /** A name as an answer may repeat it. */
    static String plain(String name) {
        return name.replaceAll("[^!-~]", "?");
    }
}
