package io.smtpdup.delivery;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import io.smtpdup.message.Extensions;
import io.smtpdup.net.TlsMode;
import jakarta.mail.MessagingException;
import org.apache.commons.pool2.BasePooledObjectFactory;
import org.apache.commons.pool2.PooledObject;
import org.apache.commons.pool2.PooledObjectState;
import org.apache.commons.pool2.impl.DefaultPooledObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the connections of a pool and ends them politely. */
final class ConnectionFactory extends BasePooledObjectFactory<RelayTransport> {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionFactory.class);

    private final Destination destination;
    private final ConnectionPool.Limits limits;
    private final AtomicBoolean warned = new AtomicBoolean();
    private final Set<RelayTransport> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile Extensions extensions;

    ConnectionFactory(Destination destination, ConnectionPool.Limits limits) {
        this.destination = destination;
        this.limits = limits;
    }

    @Override
    public RelayTransport create() throws DeliveryException {
        RelayTransport connection = new RelayTransport(destination, true);
        try {
            return open(connection);
        } catch (DeliveryException e) {
            if (destination.tls() == TlsMode.OFFERED && connection.isTlsFailed() && !destination.hasLogin()) {
                return createInClearText(e);
            }
            throw e;
        }
    }

    @Override
    public PooledObject<RelayTransport> wrap(RelayTransport connection) {
        return new DefaultPooledObject<>(connection);
    }

    /** Asked before and after each use. Says nothing to the server: a dead connection shows at MAIL, which costs no mail. */
    @Override
    public boolean validateObject(PooledObject<RelayTransport> pooled) {
        RelayTransport connection = pooled.getObject();
        boolean idleTooLong = pooled.getState() != PooledObjectState.RETURNING
                && pooled.getIdleDuration().compareTo(limits.idle()) > 0;
        return !connection.isBroken() && !connection.isWornOut(limits.messages(), limits.age()) && !idleTooLong;
    }

    @Override
    public void destroyObject(PooledObject<RelayTransport> pooled) throws MessagingException {
        close(pooled.getObject());
    }

    /** Ends a connection politely. */
    void close(RelayTransport connection) throws MessagingException {
        open.remove(connection);
        connection.close();
    }

    /** What the server last announced; null before the first connection. */
    Extensions extensions() {
        return extensions;
    }

    /** Breaks off all connections at once, and makes no more. */
    void cut() {
        cut = true;
        open.forEach(RelayTransport::cut);
    }

    private RelayTransport open(RelayTransport connection) throws DeliveryException {
        open.add(connection);
        boolean opened = false;
        try {
            if (cut) {
                throw new Failures(destination.toString()).unreachable("we are stopping", null);
            }
            connection.open();
            opened = true;
            extensions = connection.extensions();
            return connection;
        } finally {
            if (!opened) {
                open.remove(connection);
            }
        }
    }

    private RelayTransport createInClearText(DeliveryException tlsFailure) throws DeliveryException {
        if (warned.compareAndSet(false, true)) {
            LOG.warn("{} offers STARTTLS and fails at it; mail goes to it in clear text: {}",
                    destination, tlsFailure.getMessage());
        }
        return open(new RelayTransport(destination, false));
    }
}
