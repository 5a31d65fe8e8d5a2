package io.smtpdup.server;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The replies that SubEtha's session writes without asking us: a greeting that says ESMTP whatever we speak, and the 421 of a
 * client that took too long, without the enhanced status code we announce (RFC 2034 section 4). There is no other hook than
 * the stream they pass; each comes in one write.
 */
final class StockReplies extends FilterOutputStream {

    private static final String GREETING = "220 ";

    private static final String TIMEOUT = "421 ";

    private final ClientSession session;

    StockReplies(OutputStream out, ClientSession session) {
        super(out);
        this.session = session;
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
        String reply = new String(octets, offset, length, StandardCharsets.UTF_8);
        out.write(enhanced(reply).getBytes(StandardCharsets.UTF_8));
    }

    private String enhanced(String reply) {
        if (session.isLmtp() && reply.startsWith(GREETING)) {
            return reply.replaceFirst(" ESMTP ", " LMTP ");
        }
        return reply.startsWith(TIMEOUT + "Timeout") ? TIMEOUT + "4.4.2 " + reply.substring(TIMEOUT.length()) : reply;
    }
}
