package io.smtpdup.server;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;

import io.smtpdup.message.HeaderScanner;

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

    private static final byte[] CRLF = {'\r', '\n'};

    /** Where in the input we are; a dot is special only after LINE_START. */
    private enum State { LINE_START, DOT, DOT_CR, TEXT, CR }

    private final ClientInput in;
    private final OutputStream out;
    private final boolean normalize;
    private final HeaderScanner header;
    private State state = State.LINE_START;
    private long size;
    private int added;

    /** All octets at once: negative as soon as one of them is. */
    private int anyOf;
    private boolean bareNewline;

    /**
     * @param in what follows the end of the content stays in there
     * @param out takes the content, in pieces as large as they come; not closed
     * @param normalize whether a bare CR or LF becomes CRLF
     */
    ContentReader(ClientInput in, OutputStream out, boolean normalize) {
        this(in, out, normalize, new HeaderScanner());
    }

    /** @param header sees the content pass */
    ContentReader(ClientInput in, OutputStream out, boolean normalize, HeaderScanner header) {
        this.in = in;
        this.out = out;
        this.normalize = normalize;
        this.header = header;
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
        while (size <= limit) {
            if (!in.await()) {
                throw new EOFException("the client went away within the content");
            }
            int end = take(in.octets(), in.from(), in.to());
            in.takenTo(end < 0 ? in.to() : end);
            if (end >= 0) {
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
        return anyOf < 0;
    }

    /** Whether there was a CR without LF or an LF without CR. */
    boolean sawBareNewline() {
        return bareNewline;
    }

    HeaderScanner header() {
        return header;
    }

    /**
     * Takes a block. What stands between two places of interest goes on as it is, in one piece.
     *
     * @return where the content and its end are over; -1 when it has not ended
     */
    private int take(byte[] block, int start, int end) throws IOException {
        int from = start;
        for (int i = start; i < end; i++) {
            switch (state) {
                case LINE_START -> {
                    if (block[i] == '.') {
                        give(block, from, i);
                        from = i + 1;
                        state = State.DOT;
                        continue;
                    }
                }
                case DOT -> {
                    if (block[i] == '\r') {
                        from = i + 1; // not ours to give before it is known what it is
                        state = State.DOT_CR;
                        continue;
                    }
                }
                case DOT_CR -> {
                    if (block[i] == '\n') {
                        return i + 1;
                    }
                    bareNewline = true;
                    give(CRLF, 0, normalize ? 2 : 1);
                }
                case CR -> {
                    if (block[i] == '\n') {
                        state = State.LINE_START;
                        continue;
                    }
                    bareNewline = true;
                    if (normalize) {
                        give(block, from, i);
                        give(CRLF, 1, 2);
                        from = i;
                    }
                }
                case TEXT -> {
                }
            }
            i = lineEnd(block, i, end);
            state = i < end && block[i] == '\r' ? State.CR : State.TEXT;
            if (i < end && block[i] == '\n') {
                bareNewline = true;
                if (normalize) {
                    give(block, from, i);
                    give(CRLF, 0, 1);
                    from = i;
                }
            }
        }
        give(block, from, end);
        return -1;
    }

    /** The place of the next CR or LF; the end when there is none. */
    private int lineEnd(byte[] block, int start, int end) {
        int all = 0;
        int i = start;
        while (i < end && block[i] != '\r' && block[i] != '\n') {
            all |= block[i++];
        }
        anyOf |= all;
        return i;
    }

    private void give(byte[] octets, int from, int to) throws IOException {
        if (from == to) {
            return;
        }
        if (size == 0 && (octets[from] == ' ' || octets[from] == '\t')) {
            out.write(CRLF);
            added = CRLF.length;
            header.take(CRLF, 0, CRLF.length);
        }
        size += to - from;
        header.take(octets, from, to);
        out.write(octets, from, to - from);
    }
}
