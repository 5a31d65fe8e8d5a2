package io.smtpdup.delivery;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;

/**
 * The content of one mail on its way to a server, block by block: its octets as they are, a dot before each line that begins with
 * one (RFC 5321 section 4.5.2), and the final dot in the same write as the last of them, where it fits.
 *
 * <p>It lets whole CRLF line ends through and nothing else that looks like one. Servers disagree on what a lone CR or LF means, and
 * in that disagreement a second message can be hidden (SMTP smuggling); to repair it would change what was signed.
 */
final class ContentWriter extends OutputStream {

    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static final byte[] DOT = {'\r', '\n', '.', '\r', '\n'};

    private final Wire wire;
    private final Duration limit;
    private boolean lineStart = true;
    private boolean afterCr;
    private boolean loneLineEnd;
    private boolean dotPerhapsSaid;
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
        int at = offset;
        while (at < end) {
            if (afterCr) {
                require(octets[at] == '\n');
                afterCr = false;
                lineStart = true;
                at++;
            } else if (lineStart) {
                lineStart = false;
                if (octets[at] == '.') {
                    put(octets, unsent, at + 1 - unsent);
                    unsent = at; // the dot goes out again, with what follows
                }
            } else {
                at = lineEnd(octets, at, end);
                if (at < end) {
                    require(octets[at] == '\r');
                    afterCr = true;
                    at++;
                }
            }
        }
        put(octets, unsent, end - unsent);
    }

    /** Where the next CR or LF is, or the end; looks at eight octets at a time, and closer where one of them is below 14. */
    private static int lineEnd(byte[] octets, int from, int end) {
        int at = from;
        while (at < end) {
            if (at + 8 <= end) {
                long eight = (long) EIGHT.get(octets, at);
                if ((eight - 0x0e0e0e0e0e0e0e0eL & ~eight & 0x8080808080808080L) == 0) {
                    at += 8;
                    continue;
                }
            }
            if (octets[at] == '\r' || octets[at] == '\n') {
                return at;
            }
            at++;
        }
        return end;
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
        } catch (ClosedByInterruptException e) {
            dotPerhapsSaid = true; // an interrupt may come when all has left
            throw failed(e);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Whether the content was cut off at a CR without LF, or a LF without CR. */
    boolean hasLoneLineEnd() {
        return loneLineEnd;
    }

    /** Whether nobody knows if the final dot has left. */
    boolean isDotPerhapsSaid() {
        return dotPerhapsSaid;
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
