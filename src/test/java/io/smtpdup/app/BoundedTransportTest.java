package io.smtpdup.app;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** However many connect at once: the management port takes a few, and the others wait outside. */
class BoundedTransportTest {

    private final EventLoopGroup threads = new NioEventLoopGroup(2);

    private final Queue<Channel> taken = new ConcurrentLinkedQueue<>();

    private final List<Socket> clients = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        threads.shutdownGracefully();
    }

    @Test
    void takesNoMoreThanItMayAndTheNextWhenOneHasGone() throws Exception {
        Channel server = new ServerBootstrap().group(threads).channelFactory(new BoundedTransport(3).serverChannelFactory(false))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        taken.add(client);
                    }
                }).bind("127.0.0.1", 0).sync().channel();
        for (int i = 0; i < 8; i++) {
            clients.add(new Socket("127.0.0.1", ((InetSocketAddress) server.localAddress()).getPort()));
        }

        await().until(() -> taken.size() == 3);
        passOnce(server);
        assertThat(taken).hasSize(3);

        taken.peek().close();
        await().until(() -> taken.size() == 4);
        passOnce(server);
        assertThat(taken).hasSize(4);

        await().until(() -> {
            taken.forEach(Channel::close);
            return taken.size() == 8;
        });
    }

    /** Whoever waited for the server's thread had their turn. */
    private static void passOnce(Channel server) throws Exception {
        for (int i = 0; i < 3; i++) {
            server.eventLoop().submit(() -> { }).get();
        }
    }
}
