package io.smtpdup.spool;

import java.util.concurrent.atomic.AtomicReference;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQNotConnectedException;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the broker for several sessions, opened for the first of them and, when it has failed, for the next.
 * Safe for use by several threads.
 */
final class SharedConnection {

    private static final Logger LOG = LoggerFactory.getLogger(SharedConnection.class);

    private final BrokerAccess access;

    private final AtomicReference<ClientSessionFactory> open = new AtomicReference<>();

    /** Held by who connects, and by nobody who must not wait. */
    private final Object connecting = new Object();

    SharedConnection(BrokerAccess access) {
        this.access = access;
    }

    /**
     * A new session on it; those who want one too wait while it is being opened. One that the broker refuses changes nothing for
     * the others.
     */
    ClientSession session(boolean transacted) throws Exception {
        while (true) {
            ClientSessionFactory used = open.get();
            boolean isUsed = isUsable(used);
            ClientSessionFactory connection = isUsed ? used : connect();
            try {
                return access.session(connection, transacted);
            } catch (Exception e) {
                if (e instanceof ActiveMQException answer && BrokerFailure.isRefusal(answer)) {
                    throw e;
                }
                open.compareAndSet(connection, null);
                BrokerAccess.drop(connection); // one that has failed says it is open, and fails for ever
                if (!isUsed) {
                    throw e;
                }
            }
        }
    }

    private ClientSessionFactory connect() throws Exception {
        synchronized (connecting) {
            ClientSessionFactory others = open.get();
            if (isUsable(others)) {
                return others;
            }
            ClientSessionFactory connection = access.connect();
            open.set(connection);
            return connection;
        }
    }

    private static boolean isUsable(ClientSessionFactory connection) {
        return connection != null && !connection.isClosed();
    }

    /**
     * Parts with the connection that is open, and ends what waits for an answer on it. Takes no time: a broker that does
     * not answer would make each session wait when it is closed.
     */
    void reset() {
        ClientSessionFactory old = open.getAndSet(null);
        if (old == null) {
            return;
        }
        Thread closer = new Thread(() -> {
            try {
                old.getConnection().fail(new ActiveMQNotConnectedException("the broker is away"));
            } catch (RuntimeException e) {
                LOG.debug("the connection is closed already", e);
            }
            BrokerAccess.drop(old);
        }, "spool-reset");
        closer.setDaemon(true);
        closer.start();
    }

    /** Closes the connection and all its sessions in good order. */
    void close() {
        ClientSessionFactory old = open.getAndSet(null);
        if (old != null) {
            old.close();
        }
        access.close();
    }
}
