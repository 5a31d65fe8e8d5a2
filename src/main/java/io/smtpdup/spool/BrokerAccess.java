package io.smtpdup.spool;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.ServerLocator;
import org.apache.activemq.artemis.core.client.impl.ServerLocatorInternal;

/** Where the spool's broker is, who we are there, and how long a call may take. Safe for use by several threads. */
final class BrokerAccess implements AutoCloseable {

    /** Octets of a message that are ready before anything is written into it; who knows that it gets more says so. */
    private static final int BEGINNING = 64;

    /** Octets after which the broker tells a session that sends without waiting what it has. So much is kept until then. */
    private static final int CONFIRMATION_WINDOW = 256 * 1024;

    private final ServerLocator locator;

    private final String user;

    private final String password;

    /**
     * @param user null for none
     * @param password null for none
     */
    BrokerAccess(ServerLocator locator, String user, String password) {
        this.locator = locator;
        this.user = user;
        this.password = password;
        locator.setBlockOnDurableSend(true)
                .setBlockOnNonDurableSend(true)
                .setBlockOnAcknowledge(false)
                .setMinLargeMessageSize(Spool.STREAMED_FROM)
                .setInitialMessagePacketSize(BEGINNING)
                .setCompressLargeMessage(false)
                // A consumer takes a copy when it has time for it: what it held in reserve would wait behind a backup that hangs.
                .setConsumerWindowSize(0)
                // No credits to send by: who has none waits without an end for a broker to find room.
                .setProducerWindowSize(-1)
                .setInitialConnectAttempts(1)
                .setReconnectAttempts(0)
                // The pause after a failed attempt, also after the last: a client waits for it when the broker has failed.
                .setRetryInterval(1);
    }

    /** For sessions that send on and hear later, from the handler of each message, that the broker has it. */
    BrokerAccess withoutWaiting() {
        locator.setBlockOnDurableSend(false).setConfirmationWindowSize(CONFIRMATION_WINDOW).setProducerWindowSize(-1);
        return this;
    }

    /**
     * For sessions that hold copies: after a failover the client goes on with a session of which the broker does not know any more
     * what it holds, so that it acknowledges others. Who has lost such a session opens another.
     */
    BrokerAccess withoutFailover() {
        locator.setReconnectAttempts(0);
        return this;
    }

    /** Further settings. */
    ServerLocator locator() {
        return locator;
    }

    /** A connection of the caller's own, who closes it. */
    ClientSessionFactory connect() throws Exception {
        return locator.createSessionFactory();
    }

    /** @param transacted whether what is sent and acknowledged counts only when it is committed */
    ClientSession session(ClientSessionFactory connection, boolean transacted) throws ActiveMQException {
        return connection.createSession(user, password, false, !transacted, !transacted, false,
                transacted ? Integer.MAX_VALUE : 0);
    }

    /** A session on a connection of its own. */
    BrokerSession open(boolean transacted) throws Exception {
        ClientSessionFactory connection = connect();
        try {
            return new BrokerSession(session(connection, transacted), connection);
        } catch (ActiveMQException | RuntimeException e) {
            connection.close(); // or the locator would remember it for ever
            throw e;
        }
    }

    /** Ends a connection and all that waits on it, without a word to a broker that may not answer. */
    static void drop(ClientSessionFactory connection) {
        connection.cleanup();
        ((ServerLocatorInternal) connection.getServerLocator()).factoryClosed(connection); // or it would be remembered for ever
    }

    @Override
    public void close() {
        locator.close();
    }
}
