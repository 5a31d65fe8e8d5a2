package io.smtpdup.delivery;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Extensions;
import io.smtpdup.message.Reply;
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

    /** How long we do without knowing what an unreachable server can do, before a client's EHLO waits for it again. */
    private static final Duration LEARN_AGAIN = Duration.ofSeconds(30);

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
    private final ReentrantLock learning = new ReentrantLock();
    private volatile long learnNotBefore = System.nanoTime();
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
     * @param client whom it comes from; null when nobody knows
     * @return what the server said to the final dot
     */
    Reply deliver(Envelope envelope, ClientIdentity client, MessageContent content) throws DeliveryException {
        takePlace();
        try {
            for (int attempt = 1; attempt <= STALE_ATTEMPTS; attempt++) {
                try {
                    return deliverOver(borrow(), true, envelope, client, content);
                } catch (StaleConnectionException e) {
                    forget(e);
                    if (e.isMute()) {
                        break;
                    }
                }
            }
            return deliverOver(factory.create(), false, envelope, client, content);
        } finally {
            places.release();
        }
    }

    /**
     * A connection for as long as the caller wants it, which must close the lease.
     *
     * @param attempts how many connections the same mail has had: after too many it gets one of its own
     */
    Lease lease(int attempts) throws DeliveryException {
        takePlace();
        boolean pooled = attempts < STALE_ATTEMPTS;
        try {
            return new Lease(pooled ? borrow() : factory.create(), pooled);
        } catch (DeliveryException | RuntimeException e) {
            places.release();
            throw e;
        }
    }

    /** A connection in the hands of one mail, and the place it takes. */
    final class Lease implements AutoCloseable {

        private final RelayTransport connection;
        private final boolean pooled;
        private boolean ended;

        private Lease(RelayTransport connection, boolean pooled) {
            this.connection = connection;
            this.pooled = pooled;
        }

        RelayTransport connection() {
            return connection;
        }

        /** Gives the connection back; one that is broken ends. */
        @Override
        public void close() {
            if (!ended) {
                ended = true;
                end(connection, pooled);
                places.release();
            }
        }
    }

    /** What the server announced when it last answered EHLO; asks it when it never has, at most every so often. */
    Optional<Extensions> extensions() {
        if (factory.extensions() == null && learning.tryLock()) {
            try {
                if (System.nanoTime() - learnNotBefore >= 0) {
                    learnNotBefore = System.nanoTime() + LEARN_AGAIN.toNanos();
                    lease(0).close();
                }
            } catch (DeliveryException e) {
                LOG.debug("{}: not known yet what it can do", destination, e);
            } finally {
                learning.unlock();
            }
        }
        return Optional.ofNullable(factory.extensions());
    }

    Destination destination() {
        return destination;
    }

    boolean isTo(Destination other) {
        return destination.protocol().equals(other.protocol()) && destination.toString().equals(other.toString());
    }

    /** Says that a connection of the pool was dead. */
    void forget(StaleConnectionException why) {
        LOG.debug("{} had closed a connection of the pool, going on with another: {}", destination, why.getMessage());
        if (why.isMute()) {
            connections.clear(); // the others will be mute as well, and each would cost a timeout
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

    private Reply deliverOver(
            RelayTransport connection, boolean pooled, Envelope envelope, ClientIdentity client, MessageContent content)
            throws DeliveryException {
        try {
            return connection.deliver(envelope, client, content);
        } finally {
            end(connection, pooled);
        }
    }

    private void end(RelayTransport connection, boolean pooled) {
        try {
            if (pooled) {
                connection.rest();
                connections.returnObject(connection); // not invalidateObject, which connects anew at once in this thread
            } else {
                factory.close(connection);
            }
        } catch (Exception e) {
            LOG.debug("{}: ending a connection failed", destination, e);
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
