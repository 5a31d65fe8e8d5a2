package io.smtpdup.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening socket that somebody else has opened and keeps open, systemd most likely, so that clients who come while the program is
 * restarted wait and are not refused. The listener on its address gets it, one at a time.
 */
final class Inherited {

    private static final Logger LOG = LoggerFactory.getLogger(Inherited.class);

    private final @Nullable ServerSocketChannel channel;

    /** Null for nobody yet. */
    private @Nullable ListeningSocket user;

    /** @param channel null for none */
    Inherited(@Nullable ServerSocketChannel channel) {
        this.channel = channel;
    }

    /** A socket to listen with on that address: the one that is there when it is for that and nobody has it, or a new one. */
    synchronized ListeningSocket socket(String host, int port) throws IOException {
        ServerSocketChannel ours = channel;
        if (ours == null || user != null && !user.isClosed()) {
            return new ListeningSocket();
        }
        SocketAddress its = ours.getLocalAddress();
        if (!serves(its, host, port)) {
            LOG.warn("the service manager holds a socket on {}, which does not serve the listener on {}:{}: clients may be refused"
                    + " during a restart", its, host, port);
            return new ListeningSocket();
        }
        ListeningSocket listening = new ListeningSocket(new InheritedSocketImpl(ours), ChannelSocketImpl::new);
        user = listening;
        LOG.info("listening with the socket that the service manager holds");
        return listening;
    }

    private static boolean serves(SocketAddress its, String host, int port) throws IOException {
        if (!(its instanceof InetSocketAddress bound) || bound.getPort() != port) {
            return false;
        }
        InetAddress wanted = host.isEmpty() ? null : InetAddress.getByName(host);
        return wanted == null || wanted.isAnyLocalAddress()
                ? bound.getAddress().isAnyLocalAddress() : bound.getAddress().equals(wanted);
    }
}
