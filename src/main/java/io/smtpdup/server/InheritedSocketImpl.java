package io.smtpdup.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * A listening socket that is bound already. It is never closed: what waits in its queue is for the next process, and Java would send
 * the log to nowhere with it. Closing only ends the wait of who accepts.
 */
final class InheritedSocketImpl extends PartialSocketImpl {

    private final ServerSocketChannel channel;

    private final Selector selector;

    private volatile boolean closed;

    InheritedSocketImpl(ServerSocketChannel channel) throws IOException {
        super("a listening socket");
        this.channel = channel;
        selector = Selector.open();
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_ACCEPT);
        InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
        address = local.getAddress();
        localport = local.getPort();
    }

    @Override
    protected void accept(SocketImpl client) throws IOException {
        while (!closed) {
            SocketChannel accepted = channel.accept();
            if (accepted != null) {
                ((ChannelSocketImpl) client).connected(accepted);
                return;
            }
            try {
                selector.select();
                selector.selectedKeys().clear();
            } catch (ClosedSelectorException e) {
                break;
            }
        }
        throw new SocketException("closed");
    }

    @Override
    protected void close() throws IOException {
        closed = true;
        selector.close();
    }

    @Override
    protected void bind(InetAddress host, int port) {
        // it is bound
    }

    @Override
    protected void listen(int backlog) {
        // it listens
    }

    @Override
    public void setOption(int option, Object value) {
        // it has been set up by who opened it
    }

    @Override
    public Object getOption(int option) throws SocketException {
        throw new SocketException("not known of a socket that somebody else has opened");
    }
}
