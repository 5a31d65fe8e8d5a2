package io.smtpdup.delivery;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.smtpdup.message.Reply;

/**
 * Makes replies of what comes from a server (RFC 5321 section 4.2.1). What is behind a reply stays for the next one. A reply has
 * an end: after {@value #MOST} octets it is none.
 */
final class ReplyReader {

    static final int MOST = 64 * 1024;

    private static final int USUAL = 2048;

    private byte[] octets = new byte[USUAL];

    private int from;

    private int to;

    private String lastText = "";

    /** Whether something has come that nobody has heard yet. */
    boolean hasMore() {
        return from < to;
    }

    /**
     * Waits for a whole reply.
     *
     * @throws NoReplyException for anything else
     * @throws EOFException when the connection has ended; a line without its CRLF may have been going to be another one
     */
    Reply read(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>(1);
        int code = 0;
        int size = 0;
        boolean last = false;
        while (!last) {
            int end = endOfLine(in, MOST - size, !lines.isEmpty());
            int length = end - from;
            int textEnd = length > 1 && octets[end - 2] == '\r' ? end - 2 : end - 1;
            int lineCode = code(textEnd);
            if (lineCode < 0 || code != 0 && code != lineCode) {
                throw new NoReplyException("not an SMTP reply: " + printable(text(from, textEnd)));
            }
            code = lineCode;
            last = textEnd - from < 4 || octets[from + 3] == ' ';
            lastText = text(Math.min(from + 4, textEnd), textEnd);
            lines.add(last ? lastText.stripTrailing() : lastText);
            size += length;
            from = end;
        }
        if (from == to && octets.length > USUAL) {
            octets = new byte[USUAL]; // what one long reply needed is not kept while the connection rests
        }
        return new Reply(code, lines);
    }

    /** The text of the last line of the last reply, uncut. */
    String lastText() {
        return lastText;
    }

    /**
     * Takes what has arrived.
     *
     * @return as {@link ReadableByteChannel#read}
     */
    int take(ReadableByteChannel channel) throws IOException {
        makeRoom();
        int count = channel.read(ByteBuffer.wrap(octets, to, octets.length - to));
        to += Math.max(0, count);
        return count;
    }

    /**
     * Reads what there is, as far as it fits.
     *
     * @return as {@link InputStream#read}
     */
    int take(InputStream in) throws IOException {
        makeRoom();
        int count = in.read(octets, to, octets.length - to);
        to += Math.max(0, count);
        return count;
    }

    /** Where the line that is next ends, behind its LF. */
    private int endOfLine(InputStream in, int most, boolean within) throws IOException {
        int at = from;
        while (true) {
            for (; at < to; at++) {
                if (octets[at] == '\n') {
                    return at + 1;
                }
            }
            int looked = at - from;
            if (looked >= most) {
                throw new NoReplyException("a reply without end");
            }
            if (take(in) < 0) {
                throw new EOFException(within || looked > 0 ? "the connection ended within a reply" : "end of stream");
            }
            at = from + looked;
        }
    }

    private void makeRoom() {
        if (from == to) {
            from = 0;
            to = 0;
        } else if (to == octets.length) {
            byte[] larger = from > 0 ? octets : new byte[2 * octets.length];
            System.arraycopy(octets, from, larger, 0, to - from);
            octets = larger;
            to -= from;
            from = 0;
        }
    }

    /** The code of the line; -1 when it has none. */
    private int code(int textEnd) {
        if (textEnd - from < 3 || textEnd - from > 3 && octets[from + 3] != ' ' && octets[from + 3] != '-') {
            return -1;
        }
        int code = 0;
        for (int at = from; at < from + 3; at++) {
            if (octets[at] < '0' || octets[at] > '9') {
                return -1;
            }
            code = 10 * code + octets[at] - '0';
        }
        return code >= 200 && code <= 599 ? code : -1;
    }

    /** UTF-8 where it is that, ISO-8859-1 otherwise, so that no octet of a reply gets lost. */
    private String text(int begin, int end) {
        String text = new String(octets, begin, end - begin, StandardCharsets.UTF_8);
        return text.indexOf('\uFFFD') < 0 ? text : new String(octets, begin, end - begin, StandardCharsets.ISO_8859_1);
    }

    private static String printable(String line) {
        return line.substring(0, Math.min(300, line.length())).replaceAll("\\p{Cntrl}", " ");
    }
}
