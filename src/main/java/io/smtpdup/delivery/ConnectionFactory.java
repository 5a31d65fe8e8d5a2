package io.smtpdup.delivery;

import java.util.concurrent.atomic.AtomicBoolean;

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

    ConnectionFactory(Destination destination, ConnectionPool.Limits limits) {
        this.destination = destination;
        this.limits = limits;
    }

    @Override
    public RelayTransport create() throws DeliveryException {
        RelayTransport connection = new RelayTransport(destination, true);
        try {
            connection.open();
            return connection;
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
        pooled.getObject().close();
    }

    private RelayTransport createInClearText(DeliveryException tlsFailure) throws DeliveryException {
        if (warned.compareAndSet(false, true)) {
            LOG.warn("{} offers STARTTLS and fails at it; mail goes to it in clear text: {}",
                    destination, tlsFailure.getMessage());
        }
        RelayTransport connection = new RelayTransport(destination, false);
        connection.open();
        return connection;
    }
}
