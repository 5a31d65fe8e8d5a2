package io.smtpdup.server;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.subethamail.smtp.internal.proxy.ProxyHandler;
import org.subethamail.smtp.server.Session;

/**
 * The header in which a proxy says for whom it has connected: PROXY protocol versions 1 and 2, as HAProxy specifies them.
 * Every connection must begin with one, and come from a proxy that we trust; nobody is left to guess.
 *
 * <p>SubEtha's own reader fails on a header that comes in pieces, and loses what follows it.
 */
final class ProxyHeader implements ProxyHandler {

    /** A proxy writes its header at once; more than a retransmission or two is no proxy. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final ProxyResult DENIED = new ProxyResult(554, "5.7.1 Access denied");

    private static final ProxyResult MALFORMED = new ProxyResult(554, "5.5.2 A PROXY protocol header must come first");

    private static final ProxyResult MISSING = new ProxyResult(421, "4.4.2 No PROXY protocol header received");

    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeader.class);

    private final Predicate<InetAddress> proxies;
    private final Predicate<InetSocketAddress> probes;
    private final BiConsumer<InetAddress, String> log;
    private final Duration patience;

    /**
     * @param proxies who may say for whom they have connected
     * @param probes who is our own probe, which no header needs to precede
     * @param log hears who was refused, and with which reply
     * @param commandTimeout not to be exceeded either
     */
    ProxyHeader(Predicate<InetAddress> proxies, Predicate<InetSocketAddress> probes, BiConsumer<InetAddress, String> log,
            Duration commandTimeout) {
        this.log = log;
        this.proxies = proxies;
        this.probes = probes;
        this.patience = commandTimeout.compareTo(PATIENCE) < 0 ? commandTimeout : PATIENCE;
    }

    @Override
    public ProxyResult handle(InputStream in, OutputStream out, Session session) {
        InetAddress proxy = session.getRealRemoteAddress().getAddress();
        if (probes.test(session.getRealRemoteAddress())) {
            return ProxyResult.NOP;
        }
        if (!proxies.test(proxy)) {
            return refused(proxy, DENIED);
        }
        ClientSocket socket = SessionSocket.of(session).client();
        socket.expectWithin(patience, patience);
        EmbeddedChannel decoder = new EmbeddedChannel(new HAProxyMessageDecoder());
        try {
            HAProxyMessage header = read(socket.input(), decoder);
            try {
                return client(header);
            } finally {
                header.release();
            }
        } catch (RuntimeException e) {
            LOG.debug("not a PROXY protocol header", e);
            return refused(proxy, MALFORMED);
        } catch (IOException e) {
            LOG.debug("{} sent no complete PROXY protocol header: {}", proxy.getHostAddress(), e.toString());
            return MISSING;
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

    /** The client, or nobody when the proxy speaks for itself, as it does for a health check. */
    private static ProxyResult client(HAProxyMessage header) throws IOException {
        HAProxyProxiedProtocol protocol = header.proxiedProtocol();
        boolean named = header.command() == HAProxyCommand.PROXY
                && (protocol == HAProxyProxiedProtocol.TCP4 || protocol == HAProxyProxiedProtocol.TCP6);
        return named
                ? new ProxyResult(new InetSocketAddress(InetAddress.getByName(header.sourceAddress()), header.sourcePort()))
                : ProxyResult.NOP;
    }

    private ProxyResult refused(InetAddress proxy, ProxyResult why) {
        log.accept(proxy, why.errorCode() + " " + why.errorMessage());
        return why;
    }
}
