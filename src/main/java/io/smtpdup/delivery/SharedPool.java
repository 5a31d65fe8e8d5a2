package io.smtpdup.delivery;

/**
 * The connections that all producers of an endpoint share, and the clients whose MAIL and RCPT its server answers: there as
 * long as anybody needs them. Safe for use by several threads.
 */
final class SharedPool {

    private final DeliveryEndpoint endpoint;

    private ConnectionPool pool;

    private int users;

    private boolean openForClients;

    SharedPool(DeliveryEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /** For a producer, which closes it once. */
    synchronized ConnectionPool open() throws Exception {
        if (pool == null) {
            pool = endpoint.newPool();
        }
        users++;
        return pool;
    }

    synchronized void close() {
        users--;
        if (users == 0) {
            pool.close();
            pool = null;
        }
    }

    /** For who asks whether or not a route has a producer; where none has, it is there until {@link #closeForClients}. */
    synchronized ConnectionPool forClients() {
        if (pool == null) {
            try {
                open();
                openForClients = true;
            } catch (Exception e) {
                throw new IllegalStateException("no connections to " + endpoint.getDestination() + ": " + e.getMessage(), e);
            }
        }
        return pool;
    }

    /** Does nothing when there was none for them alone. */
    synchronized void closeForClients() {
        if (openForClients) {
            openForClients = false;
            close();
        }
    }

    /** See {@link ConnectionPool#cut}. */
    synchronized void cut() {
        if (pool != null) {
            pool.cut();
        }
    }
}
