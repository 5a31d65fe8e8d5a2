package io.smtpdup.server;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Predicate;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.smtpdup.message.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The header in which a proxy says for whom it has connected: PROXY protocol versions 1 and 2, as HAProxy specifies them.
 * Every connection must begin with one, and come from a proxy that we trust; nobody is left to guess.
 *
 * <p>SubEtha's own reader fails on a header that comes in pieces, and loses what follows it.
 */
final class ProxyHeader {

    /** A proxy writes its header at once; more than a retransmission or two is no proxy. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Reply DENIED = Reply.of(554, "5.7.1", "Access denied");

    private static final Reply MALFORMED = Reply.of(554, "5.5.2", "A PROXY protocol header must come first");

    private static final Reply MISSING = Reply.of(421, "4.4.2", "No PROXY protocol header received");

    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeader.class);

    private final Predicate<InetAddress> proxies;
    private final SessionRegistry sessions;
    private final Duration patience;

    /**
     * @param proxies who may say for whom they have connected
     * @param sessions knows our own probe, which no header needs to precede
     * @param commandTimeout not to be exceeded either
     */
    ProxyHeader(Predicate<InetAddress> proxies, SessionRegistry sessions, Duration commandTimeout) {
        this.proxies = proxies;
        this.sessions = sessions;
        this.patience = commandTimeout.compareTo(PATIENCE) < 0 ? commandTimeout : PATIENCE;
    }

    /** Waits for the header, and says who the client is: the proxy itself, when it speaks for itself, as it does for a health check. */
    InetSocketAddress client(ClientSocket socket) throws TurnedAwayException {
        InetSocketAddress proxy = socket.peer();
        if (sessions.isProbe(proxy)) {
            return proxy;
        }
        if (!proxies.test(proxy.getAddress())) {
            throw sessions.turnedAway(proxy.getAddress(), DENIED);
        }
        socket.expectWithin(patience, patience);
        EmbeddedChannel decoder = new EmbeddedChannel(new HAProxyMessageDecoder());
        try {
            HAProxyMessage header = read(socket.input(), decoder);
            try {
                return isNamed(header)
                        ? new InetSocketAddress(InetAddress.getByName(header.sourceAddress()), header.sourcePort()) : proxy;
            } finally {
                header.release();
            }
        } catch (RuntimeException e) {
            LOG.debug("not a PROXY protocol header", e);
            throw sessions.turnedAway(proxy.getAddress(), MALFORMED);
        } catch (IOException e) {
            LOG.debug("{} sent no complete PROXY protocol header: {}", proxy, e.toString());
            throw new TurnedAwayException(MISSING);
        } finally {
            release(decoder);
        }
    }

    private static void release(EmbeddedChannel decoder) {
        try {
            decoder.finishAndReleaseAll();
        } catch (DecoderException e) {
            LOG.trace("what was left is no header either", e);
        }
    }

    /** Octet by octet: what follows the header is the client's. */
    private static HAProxyMessage read(ClientInput in, EmbeddedChannel decoder) throws IOException {
        HAProxyMessage header = null;
        while (header == null) {
            if (!in.await()) {
                throw new EOFException("the end came first");
            }
            int place = in.from();
            in.takenTo(place + 1);
            decoder.writeInbound(Unpooled.copiedBuffer(in.octets(), place, 1));
            header = decoder.readInbound();
        }
        return header;
    }

    private static boolean isNamed(HAProxyMessage header) {
        HAProxyProxiedProtocol protocol = header.proxiedProtocol();
        return header.command() == HAProxyCommand.PROXY
                && (protocol == HAProxyProxiedProtocol.TCP4 || protocol == HAProxyProxiedProtocol.TCP6);
    }
}
