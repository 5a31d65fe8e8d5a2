package io.smtpdup.delivery;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.Reply;
import jakarta.mail.MessagingException;
import org.apache.commons.pool2.impl.GenericObjectPool;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections to one destination. A mail takes an idle one, the last used first, or makes its own. An idle connection
 * may have died unnoticed; that shows at MAIL, before anything was accepted, and the mail goes on over another.
 *
 * <p>Places are counted here and not by the pool: a pool that is full lets a thread that throws a bad connection away
 * make a new one for the threads that wait, so that one mail would pay for another's connecting.
 */
final class ConnectionPool implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    /** So many dead connections one mail may meet before it gets one of its own. */
    private static final int STALE_ATTEMPTS = 3;

    /**
     * @param connections at most so many at a time
     * @param messages after so many mails a connection ends
     * @param age after so long a connection ends
     * @param idle after so long without a mail a connection ends
     * @param maxWait how long a mail waits for a place
     */
    record Limits(int connections, int messages, Duration age, Duration idle, Duration maxWait) {
    }

    private final Destination destination;
    private final Limits limits;
    private final Semaphore places;
    private final ConnectionFactory factory;
    private final GenericObjectPool<RelayTransport> connections;

    ConnectionPool(Destination destination, Limits limits) {
        this.destination = destination;
        this.limits = limits;
        this.places = new Semaphore(limits.connections(), true);
        this.factory = new ConnectionFactory(destination, limits);
        this.connections = new GenericObjectPool<>(factory, config(limits));
    }

    /**
     * Delivers one mail over one of the connections.
     *
     * @return what the server said to the final dot
     */
    Reply deliver(Envelope envelope, MessageContent content) throws DeliveryException {
        takePlace();
        try {
            for (int attempt = 1; attempt <= STALE_ATTEMPTS; attempt++) {
                try {
                    return deliverOverPooled(envelope, content);
                } catch (StaleConnectionException e) {
                    LOG.debug("{} had closed a connection of the pool, going on with another: {}", destination, e.getMessage());
                    if (e.isMute()) {
                        // The others will be mute as well, and each would cost a timeout.
                        connections.clear();
                        break;
                    }
                }
            }
            return deliverOverFresh(envelope, content);
        } finally {
            places.release();
        }
    }

    int idleConnections() {
        return connections.getNumIdle();
    }

    /** Breaks off every connection, also those that carry a mail, and makes no more: mails fail, deferred or unknown. */
    void cut() {
        factory.cut();
    }

    /** Ends the idle connections; those in use end with their mail. */
    @Override
    public void close() {
        connections.close();
    }

    private Reply deliverOverPooled(Envelope envelope, MessageContent content) throws DeliveryException {
        RelayTransport connection = borrow();
        try {
            return connection.deliver(envelope, content);
        } finally {
            giveBack(connection);
        }
    }

    private Reply deliverOverFresh(Envelope envelope, MessageContent content) throws DeliveryException {
        RelayTransport connection = factory.create();
        try {
            return connection.deliver(envelope, content);
        } finally {
            try {
                factory.close(connection);
            } catch (MessagingException e) {
                LOG.debug("{}: QUIT failed", destination, e);
            }
        }
    }

    private void takePlace() throws DeliveryException {
        Failures failures = new Failures(destination.toString());
        try {
            if (!places.tryAcquire(limits.maxWait().toNanos(), TimeUnit.NANOSECONDS)) {
                throw failures.crowded("no connection became free within " + limits.maxWait(), null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failures.crowded("interrupted while waiting for a connection", e);
        }
    }

    private RelayTransport borrow() throws DeliveryException {
        try {
            return connections.borrowObject();
        } catch (DeliveryException e) {
            throw e;
        } catch (Exception e) {
            throw new Failures(destination.toString()).unreachable(String.valueOf(e.getMessage()), e);
        }
    }

    private void giveBack(RelayTransport connection) {
        try {
            connections.returnObject(connection); // not invalidateObject, which connects anew at once in this thread
        } catch (Exception e) {
            LOG.debug("{}: ending a connection failed", destination, e);
        }
    }

    private static GenericObjectPoolConfig<RelayTransport> config(Limits limits) {
        GenericObjectPoolConfig<RelayTransport> config = new GenericObjectPoolConfig<>();
        config.setMaxTotal(-1);
        config.setMaxIdle(limits.connections());
        config.setLifo(true);
        config.setTestOnBorrow(true);
        config.setTestOnReturn(true);
        config.setJmxEnabled(false);
        config.setMinEvictableIdleDuration(limits.idle());
        config.setTimeBetweenEvictionRuns(limits.idle().dividedBy(3).plusMillis(1));
        config.setNumTestsPerEvictionRun(-1);
        return config;
    }
}
