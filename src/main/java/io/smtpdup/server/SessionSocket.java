package io.smtpdup.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/**
 * The socket as SubEtha's session sees it, in clear text or under TLS. For each line of the client's, which {@link
 * ClientSession} keeps, it reads {@link CommandTable#PROMPT}; the replies which the library writes without asking us pass by
 * {@link StockReplies}.
 */
final class SessionSocket extends Socket {

    private final Socket connection;

    private final StockReplies replies;

    private final ClientSession session;

    /**
     * @param connection a {@link ClientSocket}, or the TLS socket on top of one
     * @param session reads the client's lines
     */
    SessionSocket(Socket connection, ClientSession session) throws IOException {
        this.connection = connection;
        this.session = session;
        this.replies = new StockReplies(connection.getOutputStream(), session);
    }

    @Override
    public InputStream getInputStream() {
        return new InputStream() {

            private final byte[] prompt = (CommandTable.PROMPT + "\r\n").getBytes(StandardCharsets.US_ASCII);

            private int read = prompt.length;

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                if (read == prompt.length) {
                    if (!session.nextLine()) {
                        return -1;
                    }
                    read = 0;
                }
                int count = Math.min(length, prompt.length - read);
                System.arraycopy(prompt, read, buffer, offset, count);
                read += count;
                return count;
            }

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }
        };
    }

    /** For the library; our own replies do not come this way. */
    @Override
    public OutputStream getOutputStream() {
        return replies;
    }

    @Override
    public InetAddress getInetAddress() {
        return connection.getInetAddress();
    }

    @Override
    public int getPort() {
        return connection.getPort();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return connection.getRemoteSocketAddress();
    }

    @Override
    public synchronized void setSoTimeout(int millis) throws SocketException {
        connection.setSoTimeout(millis);
    }

    @Override
    public boolean isBound() {
        return connection.isBound();
    }

    @Override
    public boolean isClosed() {
        return connection.isClosed();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
