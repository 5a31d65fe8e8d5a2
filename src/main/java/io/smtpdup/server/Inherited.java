package io.smtpdup.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening socket that somebody else has opened and keeps open, systemd most likely, so that clients who come while the program is
 * restarted wait and are not refused. The listener on its address gets it, once.
 */
final class Inherited {

    private static final Logger LOG = LoggerFactory.getLogger(Inherited.class);

    private @Nullable ServerSocketChannel channel;

    /** @param channel null for none */
    Inherited(@Nullable ServerSocketChannel channel) {
        this.channel = channel;
    }

    /** A socket to listen with on that address: the one that is there when it is for that, or a new one. */
    synchronized ListeningSocket socket(String host, int port) throws IOException {
        ServerSocketChannel ours = channel;
        if (ours == null) {
            return new ListeningSocket();
        }
        InetSocketAddress its = (InetSocketAddress) ours.getLocalAddress();
        Optional<InetAddress> wanted = host.isEmpty() ? Optional.empty() : Optional.of(InetAddress.getByName(host));
        boolean same = its.getPort() == port && (wanted.filter(address -> !address.isAnyLocalAddress()).isEmpty()
                ? its.getAddress().isAnyLocalAddress() : its.getAddress().equals(wanted.get()));
        if (!same) {
            LOG.warn("the service manager holds a socket on {}, which does not serve the listener on {}:{}: clients may be refused"
                    + " during a restart", its, host, port);
            return new ListeningSocket();
        }
        channel = null;
        LOG.info("listening with the socket that the service manager holds");
        return new ListeningSocket(new InheritedSocketImpl(ours), ChannelSocketImpl::new);
    }
}
