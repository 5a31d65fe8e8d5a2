package io.smtpdup.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;

/**
 * Reads what follows 354, to the final dot, and takes the dot-stuffing off (RFC 5321 section 4.5.2). Only CRLF ends a
 * line; bare CR, bare LF and NUL are octets like others.
 */
final class DataReader {

    private enum State {
        LINE_START,
        DOT,
        DOT_CR,
        TEXT,
        CR
    }

    @FunctionalInterface
    interface Watch {
        void read(long octets) throws IOException, InterruptedException;
    }

    private final Wire wire;

    private final Watch watch;

    private final ByteArrayOutputStream message = new ByteArrayOutputStream();

    private State state = State.LINE_START;

    /** @param watch is told the number of octets read so far after each of them, and may end the reading */
    DataReader(Wire wire, Watch watch) {
        this.wire = wire;
        this.watch = watch;
    }

    byte[] readToFinalDot() throws IOException, InterruptedException {
        for (long octets = 1; ; octets++) {
            int c = wire.read();
            if (c < 0) {
                throw new EOFException("the client left after " + (octets - 1) + " octets of a message");
            }
            if (state == State.DOT_CR && c == '\n') {
                return message.toByteArray();
            }
            take(c);
            watch.read(octets);
        }
    }

    private void take(int c) {
        if (state == State.LINE_START && c == '.') {
            state = State.DOT;
        } else if (state == State.DOT && c == '\r') {
            state = State.DOT_CR;
        } else {
            if (state == State.DOT_CR) {
                message.write('\r');
                state = State.CR;
            }
            message.write(c);
            state = c == '\r' ? State.CR : c == '\n' && state == State.CR ? State.LINE_START : State.TEXT;
        }
    }
}
