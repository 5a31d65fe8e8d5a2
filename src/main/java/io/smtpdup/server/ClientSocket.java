package io.smtpdup.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;

import io.smtpdup.net.Deadline;

/**
 * The socket to one client, with what a plain socket lacks: a deadline for what is expected next (a client that sends an
 * octet now and then does not extend it), a limit for writes, and replies that leave together when the client pipelines
 * (RFC 2920 section 3.2: they are held until we would block on reading).
 *
 * <p>One thread reads and writes; {@link #abandon()} may come from any.
 */
final class ClientSocket extends Socket {

    private static final int REPLIES_HELD = 8192;

    /** How long a client that we are done with may go on sending, and how long a silence shows that it has stopped. */
    private static final Duration HEARING_OUT = Duration.ofSeconds(1);

    private static final Duration SILENCE = Duration.ofMillis(200);

    /** What a client is given beyond its time to send one more octet: after that it can still be heard out, after a silence not. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private volatile Duration writeTimeout;

    /** Wakes who reads with an end of the input; the client can still be told why. */
    private final Deadline reading = new Deadline(this::stopReading);
    private final Deadline writing = new Deadline(this::abandon);
    private final ReplyStream out = new ReplyStream();
    private final CommandStream in = new CommandStream();
    private final ClientInput input = new ClientInput(in);
    private InputStream source;
    private OutputStream sink;
    private volatile long end;
    private volatile long idle;

    /**
     * Not connected, and only good to be accepted.
     *
     * @param made null for one that it gets when it is accepted, without an exception within the JDK
     * @param timeout how long a command may take to arrive whole, and a write to be taken
     */
    ClientSocket(SocketImpl made, Duration timeout) throws SocketException {
        super(made);
        this.writeTimeout = timeout;
        expectWithin(timeout, timeout);
    }

    /**
     * Says how long the client has for what it is to send next.
     *
     * @param total until the whole of it must have been read
     * @param idle the longest silence within
     */
    void expectWithin(Duration total, Duration idle) {
        this.idle = idle.toNanos();
        end = System.nanoTime() + total.toNanos();
    }

    /** How long a write may take to be taken, from now on. */
    void writeWithin(Duration timeout) {
        writeTimeout = timeout;
    }

    InetSocketAddress peer() {
        return (InetSocketAddress) getRemoteSocketAddress();
    }

    /** Nothing, so that SubEtha sets no limit of its own: {@link #expectWithin} rules. */
    @Override
    public void setSoTimeout(int millis) {
    }

    /** What the client sends in clear text. */
    ClientInput input() {
        return input;
    }

    @Override
    public InputStream getInputStream() {
        return in;
    }

    @Override
    public OutputStream getOutputStream() {
        return out;
    }

    private InputStream source() throws IOException {
        source = source == null ? super.getInputStream() : source;
        return source;
    }

    private OutputStream sink() throws IOException {
        sink = sink == null ? super.getOutputStream() : sink;
        return sink;
    }

    /** Octets from the client; sends the held replies before it waits for more. */
    private final class CommandStream extends InputStream {

        @Override
        public int read() {
            throw new UnsupportedOperationException("nobody reads octet by octet");
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            out.send();
            long left = end - System.nanoTime();
            if (left <= 0 || isInputShutdown()) {
                throw tooLong();
            }
            reading.within(Duration.ofNanos(Math.min(idle, left + GRACE.toNanos())));
            int count;
            try {
                count = source().read(buffer, offset, length);
            } finally {
                reading.lift();
            }
            if (count < 0 && (reading.hasPassed() || isInputShutdown())) {
                throw tooLong();
            }
            return count;
        }

        private SocketTimeoutException tooLong() {
            return new SocketTimeoutException("the client took too long");
        }

        @Override
        public int available() throws IOException {
            return source().available();
        }

        @Override
        public void close() throws IOException {
            ClientSocket.this.close();
        }
    }

    /** Replies to the client; kept back until somebody waits for them. */
    private final class ReplyStream extends OutputStream {

        private byte[] held = new byte[REPLIES_HELD / 8];
        private int count;

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] octets, int offset, int length) throws IOException {
            if (length > REPLIES_HELD - count) {
                send();
            }
            if (length > REPLIES_HELD) {
                sendNow(octets, offset, length);
                return;
            }
            if (length > held.length - count) {
                held = Arrays.copyOf(held, REPLIES_HELD);
            }
            System.arraycopy(octets, offset, held, count, length);
            count += length;
        }

        /** Nothing: what is held leaves when we read, or close. */
        @Override
        public void flush() {
        }

        synchronized void send() throws IOException {
            if (count > 0) {
                int length = count;
                count = 0;
                sendNow(held, 0, length);
            }
        }

        private void sendNow(byte[] octets, int offset, int length) throws IOException {
            writing.within(writeTimeout);
            try {
                sink().write(octets, offset, length);
            } finally {
                writing.lift();
            }
        }

        @Override
        public void close() throws IOException {
            ClientSocket.this.close();
        }
    }

    /** Sends what is held; for the moments at which the next thing is no read but a long wait, or the end. */
    void sendHeldReplies() throws IOException {
        out.send();
    }

    /** Sends what is held, which under TLS may be the last reply and TLS's own goodbye, before the line goes deaf. */
    @Override
    public void shutdownOutput() throws IOException {
        out.send();
        super.shutdownOutput();
    }

    /** Sends what is held, hears out a client that is still sending, and closes. */
    @Override
    public void close() throws IOException {
        try {
            if (!isClosed()) {
                out.send();
                hearOut();
            }
        } finally {
            abandon();
        }
    }

    /**
     * Reads on for a moment when the client has sent more than we have read: a close with octets unread resets the line, and
     * that may take our last reply away from the client.
     */
    private void hearOut() {
        try {
            if (isInputShutdown() || isOutputShutdown() || source().available() == 0) {
                return;
            }
            super.shutdownOutput();
            super.setSoTimeout((int) SILENCE.toMillis());
            byte[] unheard = new byte[REPLIES_HELD];
            long until = System.nanoTime() + HEARING_OUT.toNanos();
            while (source().read(unheard) >= 0 && System.nanoTime() < until) {
                // on to the end, or to the end of our patience
            }
        } catch (IOException e) {
            // silent or gone
        }
    }

    private void stopReading() {
        try {
            shutdownInput();
        } catch (IOException e) {
            // it is closed: nobody reads any more
        }
    }

    /** Closes without a word and without waiting. */
    void abandon() {
        reading.close();
        writing.close();
        try {
            super.close();
        } catch (IOException e) {
            // it is closed as far as it can be
        }
    }
}
