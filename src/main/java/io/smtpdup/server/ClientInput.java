package io.smtpdup.server;

import java.io.IOException;
import java.io.InputStream;

/**
 * What a client has sent and nobody has taken yet: one buffer for command lines and content, so that what stands behind the
 * end of the one is there for the other. Used by one thread, which has no other of these at the same time.
 */
final class ClientInput {

    /** Most mails come in one piece of this. */
    static final int SIZE = 16384;

    /** After a piece that was full there is more: a large mail costs a fourth of the system calls. */
    static final int LARGE = 65536;

    /** A session keeps its thread, so that one buffer for each is enough. */
    private static final ThreadLocal<byte[]> BUFFER = ThreadLocal.withInitial(() -> new byte[SIZE]);

    private static final ThreadLocal<byte[]> LARGE_BUFFER = ThreadLocal.withInitial(() -> new byte[LARGE]);

    private final InputStream in;
    private byte[] octets;
    private int from;
    private int to;

    ClientInput(InputStream in) {
        this.in = in;
    }

    /**
     * Waits until there is something; does not when there is.
     *
     * @return false when the client has hung up
     */
    boolean await() throws IOException {
        if (from == to) {
            octets = to < SIZE ? BUFFER.get() : LARGE_BUFFER.get();
            from = 0;
            to = Math.max(0, in.read(octets, 0, octets.length));
        }
        return from < to;
    }

    /** Whether {@link #await} would not wait. */
    boolean hasMore() throws IOException {
        return from < to || in.available() > 0;
    }

    /** Where the octets are, from {@link #from} to before {@link #to}; they stay until the next {@link #await}. */
    byte[] octets() {
        return octets;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /** What is in front of this place has been taken. */
    void takenTo(int place) {
        from = place;
    }
}
