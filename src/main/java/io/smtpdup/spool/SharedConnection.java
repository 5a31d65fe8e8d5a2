package io.smtpdup.spool;

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

    private ClientSessionFactory open;

    SharedConnection(BrokerAccess access) {
        this.access = access;
    }

    /** A new session on it; those who want one too wait while it is being opened. */
    ClientSession session(boolean transacted) throws Exception {
        while (true) {
            ClientSessionFactory connection;
            boolean used;
            synchronized (this) {
                used = open != null && !open.isClosed();
                if (!used) {
                    open = access.connect();
                }
                connection = open;
            }
            try {
                return access.session(connection, transacted);
            } catch (Exception e) {
                drop(connection); // one that has failed says it is open, and fails for ever
                if (!used) {
                    throw e;
                }
            }
        }
    }

    private void drop(ClientSessionFactory failed) {
        synchronized (this) {
            if (open == failed) {
                open = null;
            }
        }
        failed.cleanup();
    }

    /**
     * Parts with the connection that is open, and ends what waits for an answer on it. Takes no time: a broker that does
     * not answer would make each session wait when it is closed.
     */
    synchronized void reset() {
        ClientSessionFactory old = open;
        open = null;
        if (old == null) {
            return;
        }
        Thread closer = new Thread(() -> {
            try {
                old.getConnection().fail(new ActiveMQNotConnectedException("the broker is away"));
            } catch (RuntimeException e) {
                LOG.debug("the connection is closed already", e);
            }
            old.cleanup();
        }, "spool-reset");
        closer.setDaemon(true);
        closer.start();
    }

    /** Closes the connection and all its sessions in good order. */
    synchronized void close() {
        if (open != null) {
            open.close();
            open = null;
        }
        access.close();
    }
}
