package io.smtpdup.delivery;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import io.smtpdup.message.Extensions;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.net.TlsMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the connections of a pool and ends them politely. */
final class ConnectionFactory {

    /** Without these a mail is refused, or its sender hears less of it. */
    private static final List<String> MATTERS = List.of("8BITMIME", "SMTPUTF8", "DSN");

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionFactory.class);

    private final MailServer destination;
    private final Failures failures;
    private final ConnectionPool.Limits limits;
    private final AtomicBoolean warned = new AtomicBoolean();
    private final SteadyClock clock = SteadyClock.system();
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final Addresses addresses;
    private volatile boolean cut;
    private volatile Extensions extensions;
    private volatile String name = "";
    private volatile long learnedAt;

    private final Consumer<ServerFacts> watcher;

    /** @param watcher hears what the server has shown of itself, at each connection that it has answered EHLO on */
    ConnectionFactory(MailServer destination, Failures failures, ConnectionPool.Limits limits, Consumer<ServerFacts> watcher) {
        this.destination = destination;
        this.failures = failures;
        this.limits = limits;
        this.watcher = watcher;
        this.addresses = new Addresses(destination.host(), destination.resolver());
    }

    /** A new connection, to the first address that lets us in. */
    Connection create() throws DeliveryException {
        try {
            return connect(true);
        } catch (SessionException e) {
            if (e.isTlsFailed() && destination.tls() == TlsMode.OFFERED && !destination.hasLogin()) {
                return createInClearText(e);
            }
            throw unreachable(e);
        }
    }

    /** Whether another mail may follow over a connection, and it knows what the server offers now. */
    boolean isFit(Connection connection) {
        return connection.isFit(limits.messages(), limits.age()) && !isOutdated(connection);
    }

    /** Ends a connection politely. */
    void close(Connection connection) {
        open.remove(connection);
        connection.close();
    }

    /** What the server announced when it last answered EHLO; null before. HELO teaches nothing. */
    Extensions extensions() {
        return extensions;
    }

    /** What the server called itself when a connection was opened last; empty before. */
    String name() {
        return name;
    }

    /** Whether nothing was heard of what the server announces for so long. */
    boolean isKnowledgeOlderThan(Duration age) {
        return extensions == null || System.nanoTime() - learnedAt > age.toNanos();
    }

    /** What is known of the server still holds: a connection from before is alive. */
    void confirm() {
        learnedAt = System.nanoTime();
    }

    /** Breaks off all connections at once, and makes no more. */
    void cut() {
        cut = true;
        open.forEach(Connection::cut);
    }

    private Connection connect(boolean mayStartTls) throws SessionException {
        return addresses.first(destination.limits().session(), (address, within) -> open(address, within, mayStartTls));
    }

    private Connection open(InetAddress address, Duration within, boolean mayStartTls) throws SessionException {
        Connection connection = connection();
        open.add(connection);
        boolean opened = false;
        try {
            if (cut) {
                throw new SessionException("we are stopping", null, false, false);
            }
            connection.open(address, within, mayStartTls);
            opened = true;
            name = connection.name();
            if (connection.isExtended()) {
                extensions = connection.extensions();
                confirm();
                watcher.accept(ServerFacts.of(clock.instant(), name, extensions, connection.wire().session()));
            }
            return connection;
        } finally {
            if (!opened) {
                close(connection);
            }
        }
    }

    private Connection connection() throws SessionException {
        try {
            return new Connection(destination, failures, extensions != null);
        } catch (IOException e) {
            throw new SessionException(Failures.explain(e), e, false, false); // no file descriptor left, for example
        }
    }

    private Connection createInClearText(SessionException tlsFailure) throws DeliveryException {
        if (warned.compareAndSet(false, true)) {
            LOG.warn("{} offers STARTTLS and fails at it; mail goes to it in clear text: {}",
                    destination, tlsFailure.getMessage());
        }
        try {
            return connect(false);
        } catch (SessionException e) {
            throw unreachable(e);
        }
    }

    /** No mail is to blame, whatever the reason: deferred with 451 4.4.1. */
    private DeliveryException unreachable(SessionException why) {
        return failures.unreachable(why.getMessage(), why.getCause());
    }

    /** The server offers more to a new connection, because it was reloaded, or may: this one is not extended. */
    private boolean isOutdated(Connection connection) {
        Extensions now = extensions;
        boolean outdated = !connection.isExtended();
        for (String keyword : MATTERS) {
            outdated |= now != null && now.has(keyword) && !connection.offers(keyword);
        }
        return outdated;
    }
}
