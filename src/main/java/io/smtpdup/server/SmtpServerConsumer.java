package io.smtpdup.server;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

import io.smtpdup.message.NextHop;
import io.smtpdup.net.ClientNetworks;
import io.smtpdup.net.HostPort;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.util.concurrent.CamelThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Binds the listener, drains it, and closes it. Where the context's registry has {@link Listeners} that know the listener already,
 * because another context serves it, {@link #takeOver} makes this one go on with it, and {@link #retire} ends the other one.
 */
public class SmtpServerConsumer extends DefaultConsumer {

    /** Connections over the limit still get a thread, to be told so; beyond this many they wait in the backlog. */
    private static final int REFUSALS_AT_A_TIME = 200;

    private static final Logger LOG = LoggerFactory.getLogger(SmtpServerConsumer.class);

    /** A client that does not take its goodbye within this time is not reading. */
    private static final long GOODBYE_NANOS = 1_000_000_000;

    private SessionRegistry sessions;
    private Dialogue dialogue;
    private Listeners listeners;
    private volatile SharedListener listener;

    public SmtpServerConsumer(SmtpServerEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
    }

    @Override
    public SmtpServerEndpoint getEndpoint() {
        return (SmtpServerEndpoint) super.getEndpoint();
    }

    /** The port we listen on, also when the system chose it. */
    public int getLocalPort() {
        return listener.port();
    }

    /**
     * Connects to this listener as no client does, and waits for its greeting: neither logged nor counted as one.
     *
     * @throws IOException when it does not greet in time
     */
    public void probe(int timeoutMillis) throws IOException {
        String host = getEndpoint().getConfiguration().getHost();
        Callers known = listener.callers();
        try (Socket socket = new Socket()) {
            InetAddress address = host.isEmpty() ? InetAddress.getLoopbackAddress() : InetAddress.getByName(host);
            socket.bind(null);
            known.beginProbe(socket.getLocalPort());
            try {
                socket.connect(new InetSocketAddress(
                        address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address, getLocalPort()), timeoutMillis);
                socket.setSoTimeout(timeoutMillis);
                if (socket.getInputStream().read() < 0) {
                    throw new EOFException("closes without a greeting");
                }
            } finally {
                known.endProbe(socket.getLocalPort());
            }
        }
    }

    /** Who is connected. */
    SessionRegistry sessions() {
        return sessions;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        SmtpServerConfiguration configuration = getEndpoint().getConfiguration();
        if (configuration.isLmtp() && configuration.getPort() == HostPort.SMTP_PORT) {
            throw new IllegalArgumentException("LMTP must not be spoken on port 25 (RFC 2033 section 5)");
        }
        if (configuration.isProxyProtocol() && configuration.getTrustedRelays().isBlank()) {
            throw new IllegalArgumentException("proxyProtocol needs the proxies' networks in trustedRelays");
        }
        SSLContext tls = configuration.getSslContextParameters() == null
                ? null
                : configuration.getSslContextParameters().createSSLContext(getEndpoint().getCamelContext());
        TlsPolicy.prepare();
        NextHop nextHop = nextHop();
        sessions = new SessionRegistry(configuration, session -> Announcement.of(
                configuration, tls != null && !session.isSecure(), isTrusted(session), nextHop));
        SmtpService service = new SmtpService(
                configuration, sessions, new MailReceiver(this, Clock.systemUTC()), tls, nextHop, RecipientRoom.ofHeap(),
                getEndpoint().getCamelContext().getRegistry().findSingleByType(RefusalWatcher.class));
        ProxyHeader proxy = configuration.isProxyProtocol()
                ? new ProxyHeader(ClientNetworks.parse(configuration.getTrustedRelays())::contains, sessions, configuration.commandTimeout())
                : null;
        dialogue = new Dialogue(service, proxy);
        listeners = Optional.ofNullable(getEndpoint().getCamelContext().getRegistry().findSingleByType(Listeners.class))
                .orElseGet(Listeners::new);
        Optional<SharedListener> known = listeners.find(name());
        if (known.isEmpty()) {
            open(configuration);
        } else if (consumers().noneMatch(one -> one != this && one.serves(known.get()))) {
            listener = known.get();
        } else {
            throw deaf("another route of ours listens there");
        }
    }

    private boolean isTrusted(ClientSession session) {
        return sessions.isTrusted(session);
    }

    private void open(SmtpServerConfiguration configuration) throws Exception {
        try {
            listener = listeners.open(name(), new SharedListener.Opening(configuration.getHost(), configuration.getPort(),
                    configuration.getDomain(), atATime()), dialogue, new CamelThreadFactory(
                            getEndpoint().getCamelContext().getExecutorServiceManager().getThreadNamePattern(), "smtp-server", true));
        } catch (RuntimeException e) {
            IllegalStateException deaf = deaf(reason(e));
            deaf.addSuppressed(e); // not the cause: who looks for the innermost failure shall find the address in it
            throw deaf;
        }
        LOG.info("listening on {}:{}", displayed(configuration.getHost()), getLocalPort());
    }

    private IllegalStateException deaf(String reason) {
        return new IllegalStateException("cannot listen on " + getEndpoint().getServiceUrl() + ": " + reason);
    }

    /** Each route that lets the system choose a port gets one of its own. */
    private String name() {
        return getEndpoint().getServiceUrl() + (getEndpoint().getConfiguration().getPort() == 0 ? " " + getRouteId() : "");
    }

    private int atATime() {
        return getEndpoint().getConfiguration().getMaxConnections() + REFUSALS_AT_A_TIME;
    }

    private Stream<SmtpServerConsumer> consumers() {
        return getEndpoint().getCamelContext().getRoutes().stream().map(Route::getConsumer)
                .filter(SmtpServerConsumer.class::isInstance).map(SmtpServerConsumer.class::cast);
    }

    private boolean serves(SharedListener one) {
        return listener == one;
    }

    private boolean isCurrent(SharedListener one) {
        return one.current() == dialogue;
    }

    /**
     * Has the listener's clients talk to this one from now on, also when another context has opened it; of those that are there, each as
     * soon as it is between two mails. To be followed by the other one's {@link #retire}.
     */
    public void takeOver() {
        SharedListener mine = listener;
        if (mine != null) { // which a route has not that the operator starts later
            mine.serve(dialogue, atATime());
        }
    }

    /** Finds out what the next server can do, so that nobody waits for that behind {@link #takeOver}. */
    public void prepare() {
        NextHop nextHop = nextHop();
        if (nextHop != null) {
            nextHop.extensions();
        }
    }

    /**
     * Brings its clients to an end while the process goes on: they go over to whoever has {@link #takeOver taken over}, or are sent
     * away when nobody has, each between two mails and never within one. To be called again and again.
     *
     * @param atOnce also within a mail whose content has not begun: who only begins mails would keep it for days
     * @return whether there are none any more, so that it can be stopped
     */
    public boolean retire(boolean atOnce) {
        SharedListener mine = listener;
        if (mine == null) {
            return true;
        }
        if (isCurrent(mine)) {
            mine.deafen();
            listeners.forget(name(), mine);
            sessions.desert();
        } else {
            sessions.retire();
        }
        for (ClientSession session : sessions.all()) {
            session.attendance().follow();
            if (atOnce) {
                session.attendance().dismiss();
            }
            session.attendance().cutAfter(GOODBYE_NANOS);
        }
        // Its stop closes the line of those who still end a mail with somebody before it.
        return sessions.size() == 0 && !(isCurrent(mine) && sessions.hasOthers());
    }

    private NextHop nextHop() {
        String named = getEndpoint().getConfiguration().getRecipientCheck();
        return named == null ? null : NextHopLookup.find(named, getEndpoint().getCamelContext(), getRoute());
    }

    @Override
    protected void doStop() throws Exception {
        SharedListener mine = listener;
        if (mine != null) {
            boolean current = isCurrent(mine);
            if (current) {
                LOG.info("draining {} connections", sessions.size());
                mine.leaveToNext();
            }
            Runnable close = current ? () -> listeners.close(name(), mine) : () -> { };
            new Drain(close, current, sessions, getEndpoint().getConfiguration().drainTimeout()).run();
            listener = null;
        }
        super.doStop();
    }

    private static String displayed(String host) {
        return host.isEmpty() ? "*" : host.contains(":") ? "[" + host + "]" : host;
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage();
    }
}
