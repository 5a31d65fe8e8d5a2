package io.smtpdup.server;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Clock;
import java.util.concurrent.ThreadFactory;
import javax.net.ssl.SSLContext;

import io.smtpdup.message.NextHop;
import io.smtpdup.net.ClientNetworks;
import io.smtpdup.net.HostPort;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.util.concurrent.CamelThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.subethamail.smtp.server.SMTPServer;

/** Binds the listener, drains it, and closes it. */
public class SmtpServerConsumer extends DefaultConsumer {

    /** Connections over the limit still get a thread, to be told so; beyond this many they wait in the backlog. */
    private static final int REFUSALS_AT_A_TIME = 200;

    private static final Logger LOG = LoggerFactory.getLogger(SmtpServerConsumer.class);

    private SessionRegistry sessions;
    private SMTPServer server;

    public SmtpServerConsumer(SmtpServerEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
    }

    @Override
    public SmtpServerEndpoint getEndpoint() {
        return (SmtpServerEndpoint) super.getEndpoint();
    }

    /** The port we listen on, also when the system chose it. */
    public int getLocalPort() {
        return server.getPortAllocated();
    }

    /**
     * Connects to this listener as no client does, and waits for its greeting: neither logged nor counted as one.
     *
     * @throws IOException when it does not greet in time
     */
    public void probe(int timeoutMillis) throws IOException {
        String host = getEndpoint().getConfiguration().getHost();
        SessionRegistry known = sessions;
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
        sessions = new SessionRegistry(configuration);
        SmtpService service = new SmtpService(
                configuration, sessions, new MailReceiver(this, Clock.systemUTC()), tls, nextHop(), RecipientRoom.ofHeap(),
                getEndpoint().getCamelContext().getRegistry().findSingleByType(RefusalWatcher.class));
        ProxyHeader proxy = configuration.isProxyProtocol()
                ? new ProxyHeader(ClientNetworks.parse(configuration.getTrustedRelays())::contains, sessions, configuration.commandTimeout())
                : null;
        server = build(configuration, new Dialogue(service, proxy));
        try {
            server.start();
        } catch (RuntimeException e) {
            server = null;
            IllegalStateException deaf =
                    new IllegalStateException("cannot listen on " + getEndpoint().getServiceUrl() + ": " + reason(e));
            deaf.addSuppressed(e); // not the cause: who looks for the innermost failure shall find the address in it
            throw deaf;
        }
        LOG.info("listening on {}:{}", displayed(configuration.getHost()), getLocalPort());
    }

    private NextHop nextHop() {
        String named = getEndpoint().getConfiguration().getRecipientCheck();
        return named == null ? null : NextHopLookup.find(named, getEndpoint().getCamelContext(), getRoute());
    }

    private SMTPServer build(SmtpServerConfiguration configuration, Dialogue dialogue) throws Exception {
        ThreadFactory threads = new CamelThreadFactory(
                getEndpoint().getCamelContext().getExecutorServiceManager().getThreadNamePattern(), "smtp-server", true);
        int atATime = configuration.getMaxConnections() + REFUSALS_AT_A_TIME;
        SMTPServer.Builder builder = SMTPServer.port(configuration.getPort())
                .hostName(configuration.getDomain()) // or it asks the DNS
                .backlog(atATime) // all of them may come at once, and who finds it full tries again a second later
                .maxConnections(atATime)
                .executorService(new SessionThreads(threads, dialogue::run))
                .serverThreadName("smtp-server-accept")
                .serverSocketFactory(() -> new ListeningSocket(configuration.commandTimeout()));
        if (!configuration.getHost().isEmpty()) {
            builder.bindAddress(InetAddress.getByName(configuration.getHost()));
        }
        return builder.build();
    }

    @Override
    protected void doStop() throws Exception {
        if (server != null) {
            LOG.info("draining {} connections", sessions.size());
            new Drain(server, sessions, getEndpoint().getConfiguration().drainTimeout()).run();
            server = null;
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
