package io.smtpdup.delivery;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Lets whole CRLF line ends through and nothing else that looks like one. Servers disagree on what a lone CR or LF means,
 * and in that disagreement a second message can be hidden (SMTP smuggling); Angus Mail would rewrite it to CRLF, which
 * changes what was signed.
 */
final class LineGuardOutputStream extends FilterOutputStream {

    private boolean afterCr;
    private boolean loneLineEnd;
    private IOException peerFailure;

    LineGuardOutputStream(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
        boolean cr = afterCr;
        for (int i = offset; i < offset + length; i++) {
            if (cr != (buffer[i] == '\n')) {
                throw refuse();
            }
            cr = buffer[i] == '\r';
        }
        afterCr = cr;
        try {
            out.write(buffer, offset, length);
        } catch (IOException e) {
            peerFailure = e;
            throw e;
        }
    }

    @Override
    public void flush() {
        // the final dot flushes
    }

    @Override
    public void close() {
        // the connection is not ours to close
    }

    /** The content is complete. */
    void finish() throws IOException {
        if (afterCr) {
            throw refuse();
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

    private IOException refuse() {
        loneLineEnd = true;
        return new IOException("a lone CR or LF in the message");
    }
}
