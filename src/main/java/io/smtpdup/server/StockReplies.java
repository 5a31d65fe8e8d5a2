package io.smtpdup.server;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The replies that SubEtha's session writes without asking us, and which lack the enhanced status code we announce (RFC
 * 2034 section 4). There is no other hook than the stream they pass.
 */
final class StockReplies {

    private static final String[][] ENHANCED = {
        {"500 Error: ", "500 5.5.2 "},
        {"501 Syntax error", "501 5.5.2 Syntax error"},
        {"501 Input line", "501 5.5.2 Input line"},
        {"421 Timeout", "421 4.4.2 Timeout"},
        {"421 Too many", "421 4.3.2 Too many"},
    };

    private StockReplies() {
    }

    static byte[] withEnhancedCode(byte[] octets, int offset, int length) {
        byte[] reply = Arrays.copyOfRange(octets, offset, offset + length);
        if (length < 4 || reply[0] != '5' && reply[0] != '4') {
            return reply;
        }
        String text = new String(reply, StandardCharsets.ISO_8859_1);
        for (String[] pair : ENHANCED) {
            if (text.startsWith(pair[0])) {
                return (pair[1] + text.substring(pair[0].length())).getBytes(StandardCharsets.ISO_8859_1);
            }
        }
        return reply;
    }
}
