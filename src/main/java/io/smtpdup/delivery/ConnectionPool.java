package io.smtpdup.delivery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Extensions;
import org.apache.commons.pool2.impl.GenericObjectPool;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections to one destination. A mail takes an idle one, the last used first, or makes its own. It comes back when the
 * server has taken the mail and refused nothing: what one client did shall not change what the next one hears. Where an idle
 * connection turns out to be dead, or the server to have had enough of it, the mail begins anew over another.
 *
 * <p>Places are counted here and not by the pool: a pool that is full lets a thread that throws a bad connection away
 * make a new one for the threads that wait, so that one mail would pay for another's connecting.
 */
final class ConnectionPool implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    /** How long we go by what the server announced, or do without knowing, before we ask again. */
    private static final Duration LEARN_AGAIN = Duration.ofSeconds(30);

    /** How long a client's EHLO waits for that; its patience is not for us to spend. */
    private static final Duration LEARN_WITHIN = Duration.ofSeconds(5);

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
    private final Failures failures;
    private final Manners manners;
    private final Limits limits;
    private final Semaphore places;
    private final ConnectionFactory factory;
    private Question question = new Question(System.nanoTime() - LEARN_AGAIN.toNanos(), new CountDownLatch(0));
    private final GenericObjectPool<Connection> connections;

    ConnectionPool(Destination destination, Limits limits) {
        this.destination = destination;
        this.failures = new Failures(destination.toString());
        this.manners = new Manners(destination.toString());
        this.limits = limits;
        this.places = new Semaphore(limits.connections(), true);
        this.factory = new ConnectionFactory(destination, failures, limits);
        this.connections = new GenericObjectPool<>(factory, config(limits));
    }

    /**
     * Delivers one mail over one of the connections.
     *
     * @param client whom it comes from; null when nobody knows
     * @param inPart whether the recipients that are taken get it although others are not
     * @param attempts that the mail has had
     */
    Transaction.Taken deliver(Envelope envelope, ClientIdentity client, MessageContent content, boolean inPart, Attempts attempts)
            throws DeliveryException {
        try (Lease lease = lease(attempts)) {
            while (true) {
                try {
                    return new Transaction(lease.begin(client), failures, manners, envelope, inPart).run(content);
                } catch (BeginAnewException e) {
                    lease.giveUp(e);
                }
            }
        }
    }

    /** A place for as long as the caller wants it, which must close the lease. */
    Lease lease(Attempts attempts) throws DeliveryException {
        takePlace();
        return new Lease(attempts);
    }

    /** A place in the hands of one mail, and one connection after the other until one will do. */
    final class Lease implements AutoCloseable {

        private final Attempts attempts;
        private Connection connection;
        private Conversation conversation;
        private boolean over;

        private Lease(Attempts attempts) {
            this.attempts = attempts;
        }

        /** Takes a connection that the attempts so far leave to try. */
        Conversation begin(ClientIdentity client) throws DeliveryException {
            connection = attempts.mayReuse() ? borrow() : borrowFresh();
            conversation = new Conversation(connection, client, attempts, manners);
            return conversation;
        }

        /** Ends the connection; {@link #begin} takes another one. */
        void giveUp(BeginAnewException why) {
            LOG.debug("{}: a mail begins anew over another connection: {}", destination, why.getMessage());
            attempts.failed(why);
            connection.spend();
            endConnection();
            if (why.isMute()) {
                connections.clear(); // the others will be mute as well, and each would cost a timeout
            }
        }

        /** Gives the connection back when it is fit for another mail, and the place in any case. */
        @Override
        public void close() {
            if (!over) {
                over = true;
                endConnection();
                places.release();
            }
        }

        private void endConnection() {
            if (connection != null) {
                conversation.end();
                end(connection);
                connection = null;
            }
        }
    }

    /**
     * What the server announced when it last answered EHLO; asks it when that is long ago, or was never, and waits a moment
     * for the answer. Empty when it has not answered so far.
     */
    Optional<Extensions> extensions() {
        Question asked = ask();
        try {
            long left = asked.at() + LEARN_WITHIN.toNanos() - System.nanoTime();
            if (!asked.done().await(left, TimeUnit.NANOSECONDS)) {
                LOG.debug("{}: not known yet what it can do", destination);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.ofNullable(factory.extensions());
    }

    /** What the server can do, asked in a thread of its own, because a server that hangs may take long. */
    private record Question(long at, CountDownLatch done) {
    }

    private synchronized Question ask() {
        long now = System.nanoTime();
        boolean asking = question.done().getCount() > 0;
        if (!asking && now - question.at() >= LEARN_AGAIN.toNanos() && factory.isKnowledgeOlderThan(LEARN_AGAIN)) {
            CountDownLatch done = new CountDownLatch(1);
            question = new Question(now, done);
            Thread thread = new Thread(() -> {
                try {
                    learn();
                } finally {
                    done.countDown();
                }
            }, "smtp-ehlo-" + destination);
            thread.setDaemon(true);
            thread.start();
        }
        return question;
    }

    /** A connection that is still there tells what it was told; where there is none, a new one asks, and a mail may have it. */
    private void learn() {
        if (!places.tryAcquire()) {
            return; // so many mails are under way that they tell
        }
        try {
            Connection connection = borrow();
            factory.confirm();
            end(connection);
        } catch (DeliveryException e) {
            LOG.debug("{}: not known yet what it can do", destination, e);
        } finally {
            places.release();
        }
    }

    Failures failures() {
        return failures;
    }

    Destination destination() {
        return destination;
    }

    boolean isTo(Destination other) {
        return destination == other || destination.protocol().equals(other.protocol()) && destination.toString().equals(other.toString());
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

    private void end(Connection connection) {
        try {
            connection.rest();
            connections.returnObject(connection); // not invalidateObject, which connects anew at once in this thread
        } catch (Exception e) {
            LOG.debug("{}: ending a connection failed", destination, e);
        }
    }

    private void takePlace() throws DeliveryException {
        try {
            if (!places.tryAcquire(limits.maxWait().toNanos(), TimeUnit.NANOSECONDS)) {
                throw failures.crowded("no connection became free within " + limits.maxWait(), null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failures.crowded("interrupted while waiting for a connection", e);
        }
    }

    private Connection borrow() throws DeliveryException {
        try {
            return connections.borrowObject();
        } catch (DeliveryException e) {
            throw e;
        } catch (Exception e) {
            throw failures.unreachable(String.valueOf(e.getMessage()), e);
        }
    }

    /** One that was never used. Those that lie in the pool are borrowed for a moment, so that it makes another. */
    private Connection borrowFresh() throws DeliveryException {
        List<Connection> used = new ArrayList<>();
        try {
            Connection connection = borrow();
            while (connection.isRested()) {
                used.add(connection);
                connection = borrow();
            }
            return connection;
        } finally {
            used.forEach(this::end);
        }
    }

    private static GenericObjectPoolConfig<Connection> config(Limits limits) {
        GenericObjectPoolConfig<Connection> config = new GenericObjectPoolConfig<>();
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
