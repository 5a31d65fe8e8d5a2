package io.smtpdup.server;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The replies that SubEtha's session writes without asking us. They lack the enhanced status code we announce (RFC 2034
 * section 4), the greeting says ESMTP whatever we speak, and the refusal of an unknown verb is counted by nobody. There is no other hook than the stream they pass;
 * each comes in one write.
 */
final class StockReplies extends FilterOutputStream {

    private static final String UNKNOWN_VERB = "500 Error: ";

    private static final String GREETING = "220 ";

    private static final String[][] ENHANCED = {
        {UNKNOWN_VERB, "500 5.5.2 "},
        {"501 Syntax error", "501 5.5.2 Syntax error"},
        {"501 Input line", "501 5.5.2 Input line"},
        {"421 Timeout", "421 4.4.2 Timeout"},
    };

    private final ClientSession session;

    StockReplies(OutputStream out, ClientSession session) {
        super(out);
        this.session = session;
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
        String reply = new String(octets, offset, length, StandardCharsets.UTF_8);
        if (reply.startsWith(UNKNOWN_VERB) && session.countError()) {
            out.write(octets(SmtpCommand.TOO_MANY_ERRORS.toWire()));
            // The library goes on with what it has read already; SmtpCommand does not.
            close();
        } else {
            out.write(octets(enhanced(reply)));
        }
    }

    private String enhanced(String reply) {
        if (session.isLmtp() && reply.startsWith(GREETING)) {
            return reply.replaceFirst(" ESMTP ", " LMTP ");
        }
        for (String[] pair : ENHANCED) {
            if (reply.startsWith(pair[0])) {
                return pair[1] + reply.substring(pair[0].length());
            }
        }
        return reply;
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
