package io.smtpdup.app;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.impl.transports.JDKTransport;

/**
 * Listening sockets that take no connection while too many of theirs are open; the others wait in the system's queue, where
 * they need no file descriptor of ours. Connections are taken on one thread and looked at, and closed, on another, which may
 * be far behind when hundreds come at once or the program has just begun.
 */
final class BoundedTransport extends JDKTransport {

    private final int most;

    /** @param most connections that may be open at a time for each listening socket, above 0 */
    BoundedTransport(int most) {
        this.most = most;
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return domainSocket ? super.serverChannelFactory(true) : Listening::new;
    }

    private final class Listening extends NioServerSocketChannel {

        private final AtomicInteger open = new AtomicInteger();

        @Override
        protected int doReadMessages(List<Object> taken) throws Exception {
            int before = taken.size();
            int read = super.doReadMessages(taken);
            if (taken.size() > before) {
                ((Channel) taken.get(before)).closeFuture().addListener(closed -> {
                    open.decrementAndGet();
                    listenIfThereIsRoom();
                });
                if (open.incrementAndGet() >= most) {
                    config().setAutoRead(false);
                    listenIfThereIsRoom(); // when all were closed between these two lines nobody else would
                }
            }
            return read;
        }

        private void listenIfThereIsRoom() {
            if (open.get() < most) {
                config().setAutoRead(true);
            }
        }
    }
}
