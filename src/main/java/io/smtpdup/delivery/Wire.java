package io.smtpdup.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

import io.smtpdup.message.Reply;
import io.smtpdup.net.Deadline;
import jdk.net.ExtendedSocketOptions;

/**
 * The line to one server: octets in clear text or under TLS, and the time that each exchange of them may take. What we say is held
 * until a reply is awaited, so that commands that may leave together (RFC 2920) are one write. A peer that is too slow finds the
 * line closed; who waits for it has a {@link SocketTimeoutException}, and the line is of no more use.
 *
 * <p>For one thread at a time, except for {@link #cut}. To be ended with {@link #end}, whatever happens.
 */
final class Wire {

    /** What leaves in one write at most, commands and small mails: as much as a TLS record carries. */
    static final int BLOCK = 16 * 1024;

    /** And of a mail that comes in larger pieces: a fourth of the system calls. */
    static final int LARGE_BLOCK = 64 * 1024;

    /** Seconds until the first probe, seconds between two, and after how many without an answer the connection ends. */
    private static final Map<SocketOption<Integer>, Integer> KEEP_ALIVE = Map.of(
            ExtendedSocketOptions.TCP_KEEPIDLE, 60,
            ExtendedSocketOptions.TCP_KEEPINTERVAL, 30,
            ExtendedSocketOptions.TCP_KEEPCOUNT, 4);

    private static final Duration MOST_TO_LOOK = Duration.ofSeconds(1);

    /** What comes from a server while nobody waits for it. */
    enum Unasked {
        /** Nothing, and the line is open. */
        NOTHING,
        /** Something that {@link #hear} has next. */
        WORDS,
        /** The end of the line. */
        THE_END
    }

    private final SocketChannel channel;
    private final Deadline deadline = new Deadline(this::cut);
    private final ReplyReader replies = new ReplyReader();
    private byte[] block = new byte[BLOCK];
    private int held;
    private int writes;
    private Socket socket;
    private InputStream in;
    private OutputStream out;
    private long end;
    private boolean bounded;
    private Duration allowed;
    private boolean interrupted;

    Wire() throws IOException {
        try {
            channel = SocketChannel.open();
        } catch (IOException | RuntimeException e) {
            deadline.close();
            throw e;
        }
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true); // commands are small, and who sent them waits
            keepAlive();
        } catch (IOException | RuntimeException e) {
            end();
            throw e;
        }
    }

    /**
     * A reply may take minutes, in which nothing is said: a firewall in between must not forget the connection, and a host
     * that is gone must not be waited for.
     */
    private void keepAlive() throws IOException {
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        if (channel.supportedOptions().containsAll(KEEP_ALIVE.keySet())) {
            for (Map.Entry<SocketOption<Integer>, Integer> option : KEEP_ALIVE.entrySet()) {
                channel.setOption(option.getKey(), option.getValue());
            }
        }
    }

    /** What comes from now on takes no longer than this, all in all, whatever each part of it may take. */
    void bound(Duration all) {
        end = System.nanoTime() + all.toNanos();
        bounded = true;
    }

    /** Ends {@link #bound}. */
    void unbound() {
        bounded = false;
    }

    void connect(InetSocketAddress address, Duration limit) throws IOException {
        begin(limit);
        try {
            channel.connect(address);
        } catch (IOException e) {
            throw timed("no connection within ", e);
        } finally {
            done();
        }
        use(channel.socket());
    }

    /** Puts TLS over it, and verifies who is there if that is wanted. What was said in clear text before counts for nothing. */
    void secure(MailServer destination, Duration limit) throws IOException {
        if (replies.hasMore()) {
            throw new NoReplyException("it said more than it was asked before TLS");
        }
        SSLSocket secure = destination.secure(socket);
        begin(limit);
        try {
            secure.startHandshake();
        } catch (IOException e) {
            throw timed("no TLS within ", e);
        } finally {
            done();
        }
        use(secure);
    }

    boolean isSecure() {
        return socket instanceof SSLSocket;
    }

    /** Null in clear text. */
    SSLSession session() {
        return socket instanceof SSLSocket secure ? secure.getSession() : null;
    }

    private void use(Socket next) throws IOException {
        socket = next;
        in = next.getInputStream();
        out = next.getOutputStream();
    }

    /** Says a command; it has left when {@link #hear} returns, or {@link #flush}. */
    void say(String command, Duration limit) throws IOException {
        byte[] octets = (command + "\r\n").getBytes(StandardCharsets.UTF_8);
        put(octets, 0, octets.length, limit);
    }

    /** Holds these octets until a block is full. */
    void put(byte[] octets, int offset, int length, Duration limit) throws IOException {
        if (length > BLOCK && block.length < LARGE_BLOCK) {
            block = Arrays.copyOf(block, LARGE_BLOCK);
        }
        int at = offset;
        int left = length;
        while (left > 0) {
            if (held == block.length) {
                flush(limit);
            }
            int part = Math.min(left, block.length - held);
            System.arraycopy(octets, at, block, held, part);
            held += part;
            at += part;
            left -= part;
        }
    }

    /** Sends what is held. When this fails, the last octet of it has not left. */
    void flush(Duration limit) throws IOException {
        if (held > 0) {
            int length = held;
            held = 0;
            writes++;
            begin(limit);
            try {
                out.write(block, 0, length);
            } catch (IOException e) {
                throw timed("nothing read within ", e);
            } finally {
                done();
            }
        }
    }

    /** How many times something was sent. */
    int writes() {
        return writes;
    }

    /**
     * Sends what is held, and waits for one whole reply. A server that no longer takes what we send may have said why, so that it
     * is heard all the same.
     *
     * @throws NoReplyException when it says anything else
     */
    Reply hear(Duration limit) throws IOException {
        IOException unsent = null;
        try {
            flush(limit);
        } catch (IOException e) {
            unsent = e;
        }
        begin(limit);
        try {
            return replies.read(in);
        } catch (IOException e) {
            if (unsent != null) {
                unsent.addSuppressed(e);
                throw unsent;
            }
            throw timed("no complete reply within ", e);
        } finally {
            done();
        }
    }

    /** The text of the last line that was heard, uncut. */
    String lastText() {
        return replies.lastText();
    }

    /** Whether more has come than was heard, as far as that is known without asking the system. */
    boolean hasMore() {
        return replies.hasMore();
    }

    /**
     * Looks whether something has come that nobody has asked for. Does not wait.
     *
     * @param forTheEnd whether to look for the end of the line too: words cost one call of the system, and that another five
     */
    Unasked look(boolean forTheEnd) {
        try {
            if (replies.hasMore() || in.available() > 0) {
                return Unasked.WORDS;
            }
            if (isSecure() && channel.socket().getInputStream().available() > 0) {
                return lookUnderTls();
            }
            if (!forTheEnd) {
                return Unasked.NOTHING;
            }
            // Under TLS an octet that is taken here is missing there: one that comes just now ends the line, too.
            ByteBuffer one = isSecure() ? ByteBuffer.allocate(1) : null;
            channel.configureBlocking(false);
            int count = one == null ? replies.take(channel) : channel.read(one);
            channel.configureBlocking(true);
            return count == 0 ? Unasked.NOTHING : count > 0 && one == null ? Unasked.WORDS : Unasked.THE_END;
        } catch (IOException e) {
            return Unasked.THE_END;
        }
    }

    /** What has arrived need not be meant for us: TLS has messages of its own. */
    private Unasked lookUnderTls() throws IOException {
        socket.setSoTimeout(1);
        begin(MOST_TO_LOOK); // the limit of one read is none for a peer that sends octet by octet
        try {
            return replies.take(in) < 0 ? Unasked.THE_END : Unasked.WORDS;
        } catch (SocketTimeoutException e) {
            return Unasked.NOTHING;
        } finally {
            done();
            socket.setSoTimeout(0);
        }
    }

    /** Says this, as the last word, and TLS's own goodbye. Does not wait for an answer. {@link #end} is still to be called. */
    void part(String lastWord, Duration limit) {
        try {
            say(lastWord, limit);
            flush(limit);
            begin(limit);
            try {
                socket.close();
            } finally {
                done();
            }
        } catch (IOException e) {
            // it is gone either way
        }
    }

    /** Closes the line at once, from any thread; who uses it sees it broken off. */
    void cut() {
        try {
            channel.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }

    /** Closes the line, and frees what it has taken. */
    void end() {
        deadline.close();
        cut();
    }

    /** An interrupt would close the channel, and with it break off a mail that the server may have: it has to wait. */
    private void begin(Duration limit) {
        interrupted = Thread.interrupted();
        allowed = limit;
        if (bounded) {
            Duration left = Duration.ofNanos(end - System.nanoTime());
            allowed = left.compareTo(limit) < 0 ? left : limit;
        }
        deadline.within(allowed);
    }

    private void done() {
        deadline.lift();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private IOException timed(String what, IOException failure) {
        if (!deadline.hasPassed()) {
            return failure;
        }
        SocketTimeoutException timeout = new SocketTimeoutException(what + allowed.toMillis() / 1000.0 + " s");
        timeout.initCause(failure);
        return timeout;
    }
}
