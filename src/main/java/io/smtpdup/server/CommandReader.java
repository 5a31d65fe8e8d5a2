package io.smtpdup.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import io.smtpdup.server.CommandLine.Flaw;

/**
 * Reads a client's command lines (RFC 5321 section 2.3.8). Only CRLF ends one; a line with a CR or an LF by itself is told
 * at once, before anything behind it is read, and a line that is too long is read to its end, without being kept.
 */
final class CommandReader {

    /** Octets of a line that are kept. RFC 5321 4.5.3.1.4 wants 512, and each extension adds to that. */
    static final int LONGEST = 2046;

    /** Octets after which a line that has not ended is no line. */
    private static final int ENDLESS = 1_000_000;

    private final InputStream in;

    private final byte[] kept = new byte[LONGEST];

    /** @param in buffered; what follows a line stays unread */
    CommandReader(InputStream in) {
        this.in = in;
    }

    /**
     * Waits for a line.
     *
     * @return null when the client has hung up; a line that it did not finish is none
     * @throws java.net.SocketTimeoutException when it took too long
     */
    CommandLine next() throws IOException {
        int length = 0;
        boolean nul = false;
        boolean afterCr = false;
        while (true) {
            int octet = in.read();
            if (octet < 0) {
                return null;
            }
            if (afterCr && octet == '\n') {
                return line(length, nul);
            }
            if (afterCr || octet == '\n') {
                return flawed(length, Flaw.BARE_NEWLINE);
            }
            afterCr = octet == '\r';
            if (!afterCr) {
                nul |= octet == 0;
                if (length < LONGEST) {
                    kept[length] = (byte) octet;
                }
                if (++length > ENDLESS) {
                    return flawed(length, Flaw.ENDLESS);
                }
            }
        }
    }

    private CommandLine line(int length, boolean nul) {
        if (length > LONGEST) {
            return flawed(length, Flaw.TOO_LONG);
        }
        if (nul) {
            return flawed(length, Flaw.NUL);
        }
        try {
            return new CommandLine(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(kept, 0, length)).toString(), Flaw.NONE);
        } catch (CharacterCodingException e) {
            return flawed(length, Flaw.NOT_UTF8);
        }
    }

    private CommandLine flawed(int length, Flaw flaw) {
        return new CommandLine(
                new String(kept, 0, Math.min(length, LONGEST), StandardCharsets.ISO_8859_1), flaw);
    }
}
