package io.smtpdup.server;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketOptions;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;

/**
 * A client's connection that an {@link InheritedSocketImpl} has accepted, which has a channel where others have a descriptor. It fails as
 * those do, with a SocketException.
 */
final class ChannelSocketImpl extends PartialSocketImpl {

    private volatile SocketChannel channel;

    ChannelSocketImpl() {
        super("only for connections that were accepted");
    }

    /** Takes what was accepted; closes it when it throws. */
    void connected(SocketChannel accepted) throws IOException {
        channel = accepted;
        try {
            InetSocketAddress peer = (InetSocketAddress) accepted.getRemoteAddress();
            address = peer.getAddress();
            port = peer.getPort();
            localport = ((InetSocketAddress) accepted.getLocalAddress()).getPort();
        } catch (IOException | RuntimeException e) {
            accepted.close();
            throw e;
        }
    }

    @Override
    protected InputStream getInputStream() throws IOException {
        return new FilterInputStream(open().socket().getInputStream()) {

            @Override
            public int read(byte[] octets, int offset, int length) throws IOException {
                try {
                    return super.read(octets, offset, length);
                } catch (IOException e) {
                    throw e instanceof SocketTimeoutException ? e : failed(e);
                }
            }
        };
    }

    /** Not the channel's own, which in older Java lets nobody write while somebody reads. */
    @Override
    protected OutputStream getOutputStream() throws IOException {
        SocketChannel connection = open();
        return new OutputStream() {

            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            public void write(byte[] octets, int offset, int length) throws IOException {
                ByteBuffer left = ByteBuffer.wrap(octets, offset, length);
                try {
                    while (left.hasRemaining()) {
                        connection.write(left);
                    }
                } catch (IOException e) {
                    throw failed(e);
                }
            }

            @Override
            public void close() throws IOException {
                connection.close();
            }
        };
    }

    private static SocketException failed(IOException failure) {
        if (failure instanceof SocketException known) {
            return known;
        }
        SocketException told = new SocketException(failure instanceof ClosedChannelException ? "closed" : failure.getMessage());
        told.initCause(failure);
        return told;
    }

    @Override
    protected int available() throws IOException {
        return open().socket().getInputStream().available();
    }

    @Override
    protected void shutdownInput() throws IOException {
        open().shutdownInput();
    }

    @Override
    protected void shutdownOutput() throws IOException {
        open().shutdownOutput();
    }

    @Override
    protected void close() throws IOException {
        SocketChannel connection = channel;
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void setOption(int option, Object value) throws SocketException {
        try {
            switch (option) {
                case SocketOptions.TCP_NODELAY -> open().setOption(StandardSocketOptions.TCP_NODELAY, (Boolean) value);
                case SocketOptions.SO_TIMEOUT -> open().socket().setSoTimeout((Integer) value);
                default -> throw new SocketException("no such option here: " + option);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public Object getOption(int option) throws SocketException {
        try {
            return switch (option) {
                case SocketOptions.TCP_NODELAY -> open().getOption(StandardSocketOptions.TCP_NODELAY);
                case SocketOptions.SO_TIMEOUT -> open().socket().getSoTimeout();
                case SocketOptions.SO_BINDADDR -> ((InetSocketAddress) open().getLocalAddress()).getAddress();
                case SocketOptions.SO_LINGER -> -1;
                default -> throw new SocketException("no such option here: " + option);
            };
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private SocketChannel open() throws SocketException {
        SocketChannel connection = channel;
        if (connection == null) {
            throw new SocketException("not connected");
        }
        return connection;
    }
}
