package io.smtpdup.delivery;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import jdk.net.ExtendedSocketOptions;

/**
 * A socket no peer can hold open: reads keep to the {@link ReplyBudget}, and a write that blocks longer than its limit
 * closes the socket. TLS is layered over it, so a handshake is guarded as well. Nagle's algorithm is off: commands are
 * small and their sender waits for an answer. Those that shall leave together (RFC 2920) are held until it does.
 */
final class GuardedSocket extends Socket {

    private static final ScheduledThreadPoolExecutor WATCHDOG = watchdog();

    /** More than this is not held back, so that neither side's buffers fill while nobody reads. */
    private static final int HELD = 8192;

    /** Seconds until the first probe, seconds between two, and after how many without an answer the connection ends. */
    private static final Map<SocketOption<Integer>, Integer> KEEP_ALIVE = Map.of(
            ExtendedSocketOptions.TCP_KEEPIDLE, 60,
            ExtendedSocketOptions.TCP_KEEPINTERVAL, 30,
            ExtendedSocketOptions.TCP_KEEPCOUNT, 4);

    private final ReplyBudget budget;

    private final ByteArrayOutputStream held = new ByteArrayOutputStream();

    private GuardedOutput output;

    private IOException sendingFailed;

    GuardedSocket(ReplyBudget budget) throws IOException {
        this.budget = budget;
        setTcpNoDelay(true);
        keepAlive();
    }

    /**
     * A reply may take minutes, in which nothing is said: a firewall in between must not forget the connection, and a host
     * that is gone must not be waited for.
     */
    private void keepAlive() throws IOException {
        setKeepAlive(true);
        if (supportedOptions().containsAll(KEEP_ALIVE.keySet())) {
            for (Map.Entry<SocketOption<Integer>, Integer> option : KEEP_ALIVE.entrySet()) {
                setOption(option.getKey(), option.getValue());
            }
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new GuardedInput(super.getInputStream());
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        output = new GuardedOutput(super.getOutputStream());
        return output;
    }

    /** From now on what is written waits, until somebody reads. */
    void hold() {
        output.holding = true;
    }

    /** Closes a socket that is of no more use, or does nothing for null. */
    static void closeQuietly(Socket socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException ignored) {
            // it is gone either way
        }
    }

    private static ScheduledThreadPoolExecutor watchdog() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "smtp-write-timeout");
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    private final class GuardedInput extends FilterInputStream {

        private boolean withinLine;

        GuardedInput(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            sendHeld();
            setSoTimeout(budget.remainingMillis());
            if (!budget.isPatient() && in.available() == 0) {
                if (!budget.isAtTheEnd()) {
                    throw new SocketTimeoutException("nothing has arrived");
                }
                setSoTimeout(1); // the end is nothing that would be available
            }
            int count = readOrExplain(buffer, offset, length);
            if (count > 0) {
                budget.spend(count);
                withinLine = buffer[offset + count - 1] != '\n';
            } else if (count < 0 && withinLine) {
                // Angus would take "250" for a reply that may have been going to be "250-".
                throw new EOFException("the connection ended within a reply");
            }
            return count;
        }

        /** A server that no longer takes what we send may have said why, so that is read first. */
        private void sendHeld() {
            try {
                if (output != null && output.holding) {
                    output.release();
                }
            } catch (IOException e) {
                sendingFailed = e;
            }
        }

        private int readOrExplain(byte[] buffer, int offset, int length) throws IOException {
            try {
                return in.read(buffer, offset, length);
            } catch (IOException e) {
                if (sendingFailed != null) {
                    sendingFailed.addSuppressed(e);
                    throw sendingFailed;
                }
                throw e;
            }
        }

        @Override
        public void close() throws IOException {
            GuardedSocket.this.close();
        }
    }

    private final class GuardedOutput extends FilterOutputStream {

        private volatile boolean cut;

        private boolean holding;

        GuardedOutput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            if (holding && held.size() + length <= HELD) {
                held.write(buffer, offset, length);
                return;
            }
            sendHeld();
            send(buffer, offset, length);
        }

        private void release() throws IOException {
            holding = false;
            sendHeld();
        }

        private void sendHeld() throws IOException {
            if (held.size() > 0) {
                byte[] octets = held.toByteArray();
                held.reset();
                send(octets, 0, octets.length);
            }
        }

        private void send(byte[] buffer, int offset, int length) throws IOException {
            Duration limit = budget.limit();
            Future<?> alarm = WATCHDOG.schedule(this::cut, limit.toNanos(), TimeUnit.NANOSECONDS);
            try {
                out.write(buffer, offset, length);
            } catch (IOException e) {
                if (cut) {
                    SocketTimeoutException timeout = new SocketTimeoutException("nothing read within " + ReplyBudget.inSeconds(limit));
                    timeout.initCause(e);
                    throw timeout;
                }
                throw e;
            } finally {
                alarm.cancel(false);
            }
        }

        @Override
        public void close() throws IOException {
            GuardedSocket.this.close();
        }

        /** Closing is the only way to wake a thread that blocks in a write. */
        private void cut() {
            cut = true;
            closeQuietly(GuardedSocket.this);
        }
    }
}
