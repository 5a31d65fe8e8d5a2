package io.smtpdup.server;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Reads the content that follows DATA up to its end, and gives it on without transparency dots (RFC 5321 section 4.5.2).
 * Only CRLF "." CRLF ends it: a CR or LF by itself is content, whatever stands around it, so that nobody can smuggle a
 * second mail past us; the reader either tells that there was one or makes it a CRLF.
 *
 * <p>It reads to the end whatever it finds, so that no octet of a refused message is ever taken for a command; only a
 * message that does not end at all is abandoned, at {@code limit}.
 *
 * <p>A message that begins with a blank would continue the field that stands in front of it, ours, in which its sender could
 * then write. It has no header section, and gets the empty line that says so, as from Postfix.
 */
final class ContentReader {

    private static final int CHUNK = 8192;

    /** Where in the input we are; a dot is special only after LINE_START. */
    private enum State { LINE_START, DOT, DOT_CR, TEXT, CR }

    private final InputStream in;

    private final OutputStream out;

    private final boolean normalize;

    private final HeaderScanner header = new HeaderScanner();

    private final byte[] outgoing = new byte[CHUNK];

    private int pending;

    private State state = State.LINE_START;

    private long size;

    private int added;

    private boolean eightBit;

    private boolean bareNewline;

    /**
     * @param in must support mark and reset over {@value #CHUNK} octets, so that what follows the end stays unread
     * @param out takes the content; not closed
     * @param normalize whether a bare CR or LF becomes CRLF
     */
    ContentReader(InputStream in, OutputStream out, boolean normalize) {
        this.in = in;
        this.out = out;
        this.normalize = normalize;
    }

    /**
     * Reads to the end of the content.
     *
     * @param limit octets after which to give up
     * @return false when the limit came before the end
     * @throws EOFException when the client went away before the end
     * @throws IOException when reading failed, or the output
     */
    boolean read(long limit) throws IOException {
        byte[] incoming = new byte[CHUNK];
        while (size <= limit) {
            in.mark(CHUNK);
            int count = in.read(incoming, 0, CHUNK);
            if (count < 0) {
                throw new EOFException("the client went away within the content");
            }
            int end = take(incoming, count);
            if (end >= 0) {
                in.reset();
                in.skipNBytes(end);
                flush();
                return true;
            }
        }
        return false;
    }

    /** Octets of the content so far, without dots and end. */
    long size() {
        return size;
    }

    /** Octets put in front of the content: an empty line, or nothing. */
    int added() {
        return added;
    }

    boolean sawEightBit() {
        return eightBit;
    }

    /** Whether there was a CR without LF or an LF without CR. */
    boolean sawBareNewline() {
        return bareNewline;
    }

    HeaderScanner header() {
        return header;
    }

    /** Takes a chunk. Returns how many of its octets belong to the content and its end; -1 when it has not ended. */
    private int take(byte[] chunk, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            byte octet = chunk[i];
            switch (state) {
                case LINE_START -> {
                    if (octet == '.') {
                        state = State.DOT;
                    } else {
                        text(octet);
                    }
                }
                case DOT -> {
                    if (octet == '\r') {
                        state = State.DOT_CR;
                    } else {
                        text(octet);
                    }
                }
                case DOT_CR -> {
                    if (octet == '\n') {
                        return i + 1;
                    }
                    bareCr();
                    text(octet);
                }
                case CR -> {
                    if (octet == '\n') {
                        emit((byte) '\r');
                        emit((byte) '\n');
                        state = State.LINE_START;
                    } else {
                        bareCr();
                        text(octet);
                    }
                }
                case TEXT -> text(octet);
            }
        }
        return -1;
    }

    /** An octet where no dot is special. */
    private void text(byte octet) throws IOException {
        state = State.TEXT;
        if (octet == '\r') {
            state = State.CR;
        } else if (octet == '\n') {
            bareNewline = true;
            newline((byte) '\n');
        } else {
            eightBit |= octet < 0;
            emit(octet);
        }
    }

    private void bareCr() throws IOException {
        bareNewline = true;
        newline((byte) '\r');
    }

    private void newline(byte asItCame) throws IOException {
        if (normalize) {
            emit((byte) '\r');
            emit((byte) '\n');
        } else {
            emit(asItCame);
        }
    }

    private void emit(byte octet) throws IOException {
        if (size == 0 && (octet == ' ' || octet == '\t')) {
            outgoing[pending++] = '\r';
            outgoing[pending++] = '\n';
            added = 2;
            header.next((byte) '\r');
        }
        size++;
        if (!header.isInBody()) {
            header.next(octet);
        }
        outgoing[pending++] = octet;
        if (pending == CHUNK) {
            flush();
        }
    }

    private void flush() throws IOException {
        out.write(outgoing, 0, pending);
        pending = 0;
    }
}
