package io.smtpdup.postfix;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A port for a server that cannot tell which one the system chose for it, or that comes back to the same one. */
public final class FreePort {

    /** Until the end of this process. */
    private static final Queue<SocketChannel> HELD = new ConcurrentLinkedQueue<>();

    private FreePort() {
    }

    /**
     * A port of 127.0.0.1 that the system gives to nobody else while this process lives, neither to who listens nor to who
     * connects: it is bound here and nobody listens. Who names the port can bind it all the same, as every server does that sets
     * SO_REUSEADDR.
     */
    public static int find() throws IOException {
        SocketChannel holder = SocketChannel.open();
        HELD.add(holder);
        holder.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        holder.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        return ((InetSocketAddress) holder.getLocalAddress()).getPort();
    }
}
