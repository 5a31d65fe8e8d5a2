package io.smtpdup.delivery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Extensions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections to one destination. A mail takes an idle one, the last used first, or makes its own. It comes back when the
 * server has taken the mail and refused nothing: what one client did shall not change what the next one hears. Where an idle
 * connection turns out to be dead, or the server to have had enough of it, the mail begins anew over another.
 */
final class ConnectionPool implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionPool.class);

    /** Says QUIT where nothing happens. */
    private static final ScheduledThreadPoolExecutor SWEEPER = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "smtp-idle");
        thread.setDaemon(true);
        return thread;
    });

    static {
        SWEEPER.setRemoveOnCancelPolicy(true);
    }

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

    private final MailServer destination;
    private final Failures failures;
    private final Manners manners;
    private final Limits limits;
    private final Semaphore places;
    private final ConnectionFactory factory;
    private Learning learning = new Learning(System.nanoTime() - LEARN_AGAIN.toNanos(), new CountDownLatch(0));
    /** The last used first. */
    private final Deque<Connection> idle = new ArrayDeque<>();
    private final Future<?> sweeping;
    private boolean closed;

    /** @param watcher hears what the server has shown of itself */
    ConnectionPool(MailServer destination, Limits limits, Consumer<ServerFacts> watcher) {
        this.destination = destination;
        this.failures = new Failures(destination.toString());
        this.manners = new Manners(destination.toString());
        this.limits = limits;
        this.places = new Semaphore(limits.connections(), true);
        this.factory = new ConnectionFactory(destination, failures, limits, watcher);
        long often = limits.idle().toMillis() / 3 + 1;
        this.sweeping = SWEEPER.scheduleWithFixedDelay(
                () -> endIdle(connection -> connection.isIdleLongerThan(limits.idle())), often, often, TimeUnit.MILLISECONDS);
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
            connection = attempts.mayReuse() ? borrow() : create();
            conversation = new Conversation(connection, client, attempts, manners);
            return conversation;
        }

        /** Ends the connection; {@link #begin} takes another one. */
        void giveUp(BeginAnewException why) {
            LOG.debug("{}: a mail starts over on another connection: {}", destination, why.getMessage());
            attempts.failed(why);
            connection.spend();
            endConnection();
            if (why.isMute()) {
                endIdle(all -> true); // the others will be mute as well, and each would cost a timeout
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
        Learning asked = ask();
        try {
            long left = asked.at() + LEARN_WITHIN.toNanos() - System.nanoTime();
            if (!asked.done().await(left, TimeUnit.NANOSECONDS)) {
                LOG.debug("{}: its capabilities are not known yet", destination);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.ofNullable(factory.extensions());
    }

    /** What the server can do, asked in a thread of its own, because a server that hangs may take long. */
    private record Learning(long at, CountDownLatch done) {
    }

    private synchronized Learning ask() {
        long now = System.nanoTime();
        boolean asking = learning.done().getCount() > 0;
        if (!asking && now - learning.at() >= LEARN_AGAIN.toNanos() && factory.isKnowledgeOlderThan(LEARN_AGAIN)) {
            CountDownLatch done = new CountDownLatch(1);
            learning = new Learning(now, done);
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
        return learning;
    }

    /** A connection that is still there tells what it was told; where there is none, a new one asks, and a mail may have it. */
    private void learn() {
        if (!places.tryAcquire()) {
            return; // so many mails are under way that they tell
        }
        try {
            Connection connection = borrow();
            factory.confirm();
            if (!connection.isRested()) {
                connection.rest();
            }
            giveBack(connection); // one that has rested before goes on resting: it has carried no mail
        } catch (DeliveryException e) {
            LOG.debug("{}: its capabilities are not known yet", destination, e);
        } finally {
            places.release();
        }
    }

    /** What the server calls itself, in its greeting and to EHLO; empty when it has not answered so far. */
    String serverName() {
        return factory.name();
    }

    /** At most so many recipients in a transaction, as far as the server has shown; 0 when it has not. */
    int recipients() {
        int recipients = manners.recipients();
        return recipients == Integer.MAX_VALUE ? 0 : recipients;
    }

    Failures failures() {
        return failures;
    }

    Manners manners() {
        return manners;
    }

    MailServer destination() {
        return destination;
    }

    boolean isTo(MailServer other) {
        return destination == other || destination.protocol().equals(other.protocol()) && destination.toString().equals(other.toString());
    }

    /** Breaks off every connection, also those that carry a mail, and makes no more: mails fail, deferred or unknown. */
    void cut() {
        factory.cut();
    }

    /** Ends the idle connections; those in use end with their mail. */
    @Override
    public void close() {
        sweeping.cancel(false);
        synchronized (idle) {
            closed = true;
        }
        endIdle(all -> true);
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

    /**
     * The one that was used last, of those that lie idle and are fit; or a new one. Nothing is said to the server: a connection whose
     * end has not arrived yet shows at MAIL, which costs no mail.
     */
    private Connection borrow() throws DeliveryException {
        for (Connection connection = takeIdle(); connection != null; connection = takeIdle()) {
            if (factory.isFit(connection) && !connection.isIdleLongerThan(limits.idle()) && connection.isStillQuiet()) {
                return connection;
            }
            factory.close(connection);
        }
        return create();
    }

    private Connection create() throws DeliveryException {
        try {
            return factory.create();
        } catch (RuntimeException e) {
            throw failures.unreachable(String.valueOf(e.getMessage()), e); // a TLS option that the JDK does not know, for example
        }
    }

    private Connection takeIdle() {
        synchronized (idle) {
            return idle.pollFirst();
        }
    }

    private void end(Connection connection) {
        connection.rest();
        giveBack(connection);
    }

    private void giveBack(Connection connection) {
        synchronized (idle) {
            if (!closed && idle.size() < limits.connections() && factory.isFit(connection)) {
                idle.addFirst(connection);
                return;
            }
        }
        factory.close(connection);
    }

    private void endIdle(Predicate<Connection> which) {
        List<Connection> over = new ArrayList<>();
        synchronized (idle) {
            idle.removeIf(connection -> which.test(connection) && over.add(connection));
        }
        over.forEach(factory::close);
    }
}
