package io.smtpdup.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

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

    private final ScheduledExecutorService watchdog;

    private final Duration writeTimeout;

    private final ReplyStream out = new ReplyStream();

    private final CommandStream in = new CommandStream();

    private volatile long deadline;

    private volatile long idleMillis;

    /**
     * @param watchdog closes the socket when a write hangs; owned by the caller
     * @param timeout how long a command may take to arrive whole, and a write to be taken
     */
    ClientSocket(ScheduledExecutorService watchdog, Duration timeout) {
        this.watchdog = watchdog;
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
        idleMillis = Math.max(1, idle.toMillis());
        deadline = System.nanoTime() + total.toNanos();
    }

    @Override
    public InputStream getInputStream() throws IOException {
        in.source = super.getInputStream();
        return in;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        out.sink = super.getOutputStream();
        return out;
    }

    /** Octets from the client; sends the held replies before it waits for more. */
    private final class CommandStream extends InputStream {

        private InputStream source;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            out.send();
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new SocketTimeoutException("the client took too long");
            }
            setSoTimeout((int) Math.min(Math.min(left, idleMillis), Integer.MAX_VALUE));
            return source.read(buffer, offset, length);
        }

        @Override
        public int available() throws IOException {
            return source.available();
        }

        @Override
        public void close() throws IOException {
            ClientSocket.this.close();
        }
    }

    /** Replies to the client; kept back until somebody waits for them. */
    private final class ReplyStream extends OutputStream {

        private final byte[] held = new byte[REPLIES_HELD];

        private OutputStream sink;

        private int count;

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] octets, int offset, int length) throws IOException {
            if (length > held.length - count) {
                send();
            }
            if (length > held.length) {
                sendNow(octets, offset, length);
            } else {
                System.arraycopy(octets, offset, held, count, length);
                count += length;
            }
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
            ScheduledFuture<?> hanging =
                    watchdog.schedule(ClientSocket.this::abandon, writeTimeout.toMillis(), TimeUnit.MILLISECONDS);
            try {
                sink.write(octets, offset, length);
            } finally {
                hanging.cancel(false);
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
            super.close();
        }
    }

    /**
     * Reads on for a moment when the client has sent more than we have read: a close with octets unread resets the line, and
     * that may take our last reply away from the client.
     */
    private void hearOut() {
        try {
            if (isInputShutdown() || isOutputShutdown() || super.getInputStream().available() == 0) {
                return;
            }
            super.shutdownOutput();
            setSoTimeout((int) SILENCE.toMillis());
            byte[] unheard = new byte[REPLIES_HELD];
            long end = System.nanoTime() + HEARING_OUT.toNanos();
            while (super.getInputStream().read(unheard) >= 0 && System.nanoTime() < end) {
                // on to the end, or to the end of our patience
            }
        } catch (IOException e) {
            // silent or gone
        }
    }

    /** Closes without a word and without waiting. */
    void abandon() {
        try {
            super.close();
        } catch (IOException e) {
            // it is closed as far as it can be
        }
    }
}
