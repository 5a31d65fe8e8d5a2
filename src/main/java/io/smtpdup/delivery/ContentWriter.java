package io.smtpdup.delivery;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/**
 * The content of one mail on its way to a server, block by block: its octets as they are, a dot before each line that begins with
 * one (RFC 5321 section 4.5.2), and the final dot in the same write as the last of them, where it fits.
 *
 * <p>It lets whole CRLF line ends through and nothing else that looks like one. Servers disagree on what a lone CR or LF means, and
 * in that disagreement a second message can be hidden (SMTP smuggling); to repair it would change what was signed.
 */
final class ContentWriter extends OutputStream {

    private static final byte[] DOT = {'\r', '\n', '.', '\r', '\n'};

    private final Wire wire;
    private final Duration limit;
    private boolean lineStart = true;
    private boolean afterCr;
    private boolean loneLineEnd;
    private IOException peerFailure;

    /** @param limit for each block that is sent */
    ContentWriter(Wire wire, Duration limit) {
        this.wire = wire;
        this.limit = limit;
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
        int end = offset + length;
        int unsent = offset;
        for (int at = offset; at < end; at++) {
            byte octet = octets[at];
            if (afterCr) {
                require(octet == '\n');
                afterCr = false;
                lineStart = true;
                continue;
            }
            if (lineStart) {
                lineStart = false;
                if (octet == '.') {
                    put(octets, unsent, at + 1 - unsent);
                    unsent = at; // the dot goes out again, with what follows
                }
            }
            while (octet != '\r' && octet != '\n' && ++at < end) {
                octet = octets[at];
            }
            if (at < end) {
                require(octet == '\r');
                afterCr = true;
            }
        }
        put(octets, unsent, end - unsent);
    }

    @Override
    public void flush() {
        // the final dot flushes
    }

    @Override
    public void close() {
        // the connection is not ours to close
    }

    /**
     * The content is complete, and what is left of it may leave, with the final dot. A message that does not end with CRLF gets one.
     *
     * @throws IOException when it has a lone CR at its end, or the connection fails: then the dot has not gone out whole
     */
    void finish() throws IOException {
        require(!afterCr);
        int from = lineStart ? 2 : 0;
        put(DOT, from, DOT.length - from);
        try {
            wire.flush(limit);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Whether the content was cut off at a CR without LF, or a LF without CR. */
    boolean hasLoneLineEnd() {
        return loneLineEnd;
    }

    /** What the connection said to a write; null when it took them all. */
    IOException peerFailure() {
        return peerFailure;
    }

    private void put(byte[] octets, int offset, int length) throws IOException {
        try {
            wire.put(octets, offset, length, limit);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private IOException failed(IOException failure) {
        peerFailure = failure;
        return failure;
    }

    private void require(boolean wholeLineEnd) throws IOException {
        if (!wholeLineEnd) {
            loneLineEnd = true;
            throw new IOException("a lone CR or LF in the message");
        }
    }
}
