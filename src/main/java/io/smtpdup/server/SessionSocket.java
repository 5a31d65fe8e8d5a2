package io.smtpdup.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketImpl;
import java.nio.charset.StandardCharsets;

import org.subethamail.smtp.server.Session;

/**
 * The socket as SubEtha's session sees it, in clear text and under TLS. For each line of the client's, which {@link
 * ClientSession} keeps, it reads {@link CommandTable#PROMPT}; what it writes without asking us, there being no other hook, is
 * set right on its way: a greeting that says ESMTP whatever we speak, and the 421 of a client that took too long, without the
 * enhanced status code we announce (RFC 2034 section 4).
 */
final class SessionSocket extends Socket {

    private static final byte[] PROMPT = (CommandTable.PROMPT + "\r\n").getBytes(StandardCharsets.US_ASCII);

    private static final String GREETING = "220 ";

    private static final String TIMEOUT = "421 ";

    private final ClientSocket client;
    private volatile ClientSession session;

    SessionSocket(ClientSocket client) throws IOException {
        super((SocketImpl) null);
        this.client = client;
    }

    /** The one that this session has. */
    static SessionSocket of(Session subetha) {
        return (SessionSocket) subetha.getSocket();
    }

    ClientSocket client() {
        return client;
    }

    /** What we keep for the session; null for one that was not accepted. */
    ClientSession session() {
        return session;
    }

    /** The client may stay. */
    void begin(ClientSession accepted) {
        session = accepted;
    }

    private Socket connection() {
        return session == null ? client : session.connection();
    }

    @Override
    public InputStream getInputStream() {
        return new InputStream() {

            private int read = PROMPT.length;

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                if (read == PROMPT.length) {
                    if (!session.nextLine()) {
                        return -1;
                    }
                    read = 0;
                }
                int count = Math.min(length, PROMPT.length - read);
                System.arraycopy(PROMPT, read, buffer, offset, count);
                read += count;
                return count;
            }

            @Override
            public int read() {
                throw new UnsupportedOperationException("the library reads into a buffer");
            }
        };
    }

    /** For the library; our own replies do not come this way. Each comes in one write. */
    @Override
    public OutputStream getOutputStream() {
        return new OutputStream() {

            @Override
            public void write(byte[] octets, int offset, int length) throws IOException {
                String reply = new String(octets, offset, length, StandardCharsets.UTF_8);
                connection().getOutputStream().write(setRight(reply).getBytes(StandardCharsets.UTF_8));
            }

            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            public void close() throws IOException {
                SessionSocket.this.close();
            }
        };
    }

    private String setRight(String reply) {
        if (session == null) {
            return reply;
        }
        if (session.isLmtp() && reply.startsWith(GREETING)) {
            return reply.replaceFirst(" ESMTP ", " LMTP ");
        }
        return reply.startsWith(TIMEOUT + "Timeout") ? TIMEOUT + "4.4.2 " + reply.substring(TIMEOUT.length()) : reply;
    }

    @Override
    public InetAddress getInetAddress() {
        return client.getInetAddress();
    }

    @Override
    public int getPort() {
        return client.getPort();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return client.getRemoteSocketAddress();
    }

    /** Nothing: {@link ClientSocket#expectWithin} rules. */
    @Override
    public void setSoTimeout(int millis) {
    }

    @Override
    public boolean isBound() {
        return client.isBound();
    }

    @Override
    public boolean isClosed() {
        return client.isClosed();
    }

    @Override
    public void close() throws IOException {
        connection().close();
    }
}
