package io.smtpdup.server;

import java.io.IOException;
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

    private final ClientInput in;
    private final ClientSession session;
    private final byte[] kept = new byte[LONGEST];
    private int length;
    private boolean nul;
    private boolean ascii;
    private boolean afterCr;

    /**
     * @param in what follows a line stays in there
     * @param session settles before we wait
     */
    CommandReader(ClientInput in, ClientSession session) {
        this.in = in;
        this.session = session;
    }

    /**
     * Waits for a line.
     *
     * @return null when the client has hung up; a line that it did not finish is none
     * @throws java.net.SocketTimeoutException when it took too long
     */
    CommandLine next() throws IOException {
        length = 0;
        nul = false;
        ascii = true;
        afterCr = false;
        while (true) {
            session.settleBeforeWaiting();
            if (!in.await()) {
                return null;
            }
            byte[] octets = in.octets();
            for (int i = in.from(); i < in.to(); i++) {
                CommandLine line = take(octets[i]);
                if (line != null) {
                    in.takenTo(i + 1);
                    return line;
                }
            }
            in.takenTo(in.to());
        }
    }

    /** Takes the next octet. Returns the line that ends with it; null when none does. */
    private CommandLine take(byte octet) {
        if (afterCr || octet == '\n') {
            return afterCr && octet == '\n' ? line() : flawed(Flaw.BARE_NEWLINE);
        }
        afterCr = octet == '\r';
        if (!afterCr) {
            nul |= octet == 0;
            ascii &= octet >= 0;
            if (length < LONGEST) {
                kept[length] = octet;
            }
            if (++length > ENDLESS) {
                return flawed(Flaw.ENDLESS);
            }
        }
        return null;
    }

    private CommandLine line() {
        if (length > LONGEST) {
            return flawed(Flaw.TOO_LONG);
        }
        if (nul) {
            return flawed(Flaw.NUL);
        }
        if (ascii) {
            return new CommandLine(new String(kept, 0, length, StandardCharsets.US_ASCII), Flaw.NONE);
        }
        try {
            return new CommandLine(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(kept, 0, length)).toString(), Flaw.NONE);
        } catch (CharacterCodingException e) {
            return flawed(Flaw.NOT_UTF8);
        }
    }

    private CommandLine flawed(Flaw flaw) {
        return new CommandLine(new String(kept, 0, Math.min(length, LONGEST), StandardCharsets.ISO_8859_1), flaw);
    }
}
