package io.smtpdup.delivery;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Angus Mail's strings have one character for each octet on the wire. Ours are text: UTF-8 on the way out; on the way in
 * UTF-8 when it is that, ISO-8859-1 otherwise, so that no octet of a reply gets lost.
 */
final class Wire {

    private Wire() {
    }

    static String toOctets(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    static String toText(String octets) {
        if (octets.chars().anyMatch(c -> c > 255)) {
            return octets; // the system property mail.mime.allowutf8 made Angus decode it
        }
        try {
            return StandardCharsets.UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(octets.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            return octets;
        }
    }

    /** Angus's word for the end of the stream, or a reply whose last line is still missing. */
    static boolean isCutShort(String response) {
        String lastLine = response.stripTrailing().lines().reduce("", (before, line) -> line);
        return "[EOF]".equals(response) || lastLine.length() > 3 && lastLine.charAt(3) == '-';
    }
}
