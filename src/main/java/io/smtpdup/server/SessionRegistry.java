package io.smtpdup.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;

import io.smtpdup.message.Reply;
import io.smtpdup.net.ClientNetworks;
import io.smtpdup.ops.MailLog;

/** Decides which clients may stay, and knows the sessions that did. */
final class SessionRegistry {

    private static final Reply PROBED = Reply.of(421, "4.3.2", "I hear myself");

    private static final Reply DENIED = Reply.of(554, "5.7.1", "Access denied");

    private static final Reply STOPPING = Reply.of(421, "4.3.2", "Shutting down");

    private static final Reply CHANGED = Reply.of(421, "4.3.2", "What is offered here has changed, please connect again");

    private static final Reply CROWDED = Reply.of(421, "4.3.2", "Too many connections, try again later");

    private static final Reply TOO_MANY = Reply.of(421, "4.7.0", "Too many connections from your address, try again later");

    private final Set<ClientSession> sessions = ConcurrentHashMap.newKeySet();

    private final LineBudget refusals = new LineBudget(
            20, Duration.ofSeconds(10), count -> MailLog.unlogged("connections that were refused", count));

    /** For all clients together, who may come again after each disconnection. */
    private final LineBudget lines = new LineBudget(
            1000, Duration.ofSeconds(10), count -> MailLog.unlogged("commands and recipients that were refused", count));

    private final Predicate<InetAddress> clients;
    private final Predicate<InetAddress> trusted;
    private final boolean proxied;
    private final SmtpServerConfiguration configuration;
    private final Function<ClientSession, Announcement> offer;
    private volatile Callers callers = new Callers();
    private volatile boolean draining;
    private volatile boolean deserted;
    private boolean retired;

    /** @param offer what a session would be told now that it may use */
    SessionRegistry(SmtpServerConfiguration configuration, Function<ClientSession, Announcement> offer) {
        this.offer = offer;
        this.clients = ClientNetworks.parse(configuration.getClients())::contains;
        this.trusted = ClientNetworks.parse(configuration.getTrustedRelays())::contains;
        this.proxied = configuration.isProxyProtocol();
        this.configuration = configuration;
    }

    /** Whoever else serves the same socket counts its clients there as well. */
    void callersOf(Callers ofSocket) {
        callers = ofSocket;
    }

    /**
     * Begins a client's session, which {@link #end} ends.
     *
     * @param client who has connected; behind a proxy, for whom the proxy has
     * @param attendance whom the session talks to
     * @return null when others take the clients now
     */
    synchronized ClientSession admit(ClientSocket socket, InetSocketAddress client, Function<ClientSession, Attendance> attendance)
            throws TurnedAwayException {
        if (retired) {
            return null;
        }
        if (isProbe(socket.peer())) {
            throw new TurnedAwayException(PROBED);
        }
        Reply refusal = judge(client.getAddress());
        if (refusal == null && isFull()) {
            refusal = CROWDED;
        } else if (refusal == null && hasTooMany(client.getAddress())) {
            refusal = TOO_MANY;
        }
        if (refusal != null) {
            throw turnedAway(client.getAddress(), refusal);
        }
        socket.writeWithin(configuration.commandTimeout());
        socket.expectWithin(configuration.commandTimeout(), configuration.commandTimeout());
        ClientSession accepted = new ClientSession(socket, client, lines, configuration, attendance);
        sessions.add(accepted);
        callers.add(client.getAddress());
        return accepted;
    }

    /**
     * Goes on with a session that is between two mails and has been another registry's until now. A client goes on only with what it
     * was told that it may use.
     *
     * @return why not; empty when it is ours now
     */
    Optional<Reply> adopt(ClientSession session, SessionRegistry from) {
        boolean covered = session.offered() == Announcement.NONE || session.offered().isWithin(offer.apply(session));
        return adopt(session, from, covered && from.configuration.isLmtp() == configuration.isLmtp() && from.proxied == proxied);
    }

    private synchronized Optional<Reply> adopt(ClientSession session, SessionRegistry from, boolean suits) {
        Reply refusal = judge(session.client().getAddress());
        if (refusal != null) {
            return Optional.of(refusal.code() == STOPPING.code() ? refusal : CHANGED);
        }
        if (!suits || retired || session.speaksForAnother() && !isTrusted(session)) {
            return Optional.of(CHANGED);
        }
        from.sessions.remove(session);
        sessions.add(session);
        session.goOnUnder(configuration, lines);
        return Optional.empty();
    }

    /** A client may not connect. Of a flood of such connections the log has a few lines and the number. */
    TurnedAwayException turnedAway(InetAddress client, Reply reply) {
        if (configuration.isMailLog() && refusals.take()) {
            MailLog.refused(client, reply.toString());
        }
        return new TurnedAwayException(reply);
    }

    /** See {@link Callers#isProbe}. */
    boolean isProbe(InetSocketAddress peer) {
        return callers.isProbe(peer);
    }

    private boolean isFull() {
        return callers.all() >= configuration.getMaxConnections();
    }

    private boolean hasTooMany(InetAddress client) {
        int most = configuration.getMaxConnectionsPerClient();
        return most > 0 && callers.of(client) >= most;
    }

    /** Null for a client that may stay. */
    private Reply judge(InetAddress client) {
        // A proxy that names no client speaks for itself, to see whether we are well.
        if (!clients.test(client) && !(proxied && trusted.test(client))) {
            return DENIED;
        }
        if (draining) {
            return STOPPING;
        }
        return null;
    }

    void end(ClientSession ended) {
        sessions.remove(ended);
        callers.remove(ended.client().getAddress());
        ended.end();
    }

    /** Whether the peer may say for whom it speaks. Behind a proxy that is the client which the proxy has named. */
    boolean isTrusted(ClientSession session) {
        return trusted.test(session.client().getAddress());
    }

    Collection<ClientSession> all() {
        return List.copyOf(sessions);
    }

    int size() {
        return sessions.size();
    }

    boolean isDraining() {
        return draining;
    }

    /** From now on others take the clients. */
    synchronized void retire() {
        retired = true;
    }

    /** From now on no transaction begins, because nobody serves this address any more; those that have begun get their time. */
    void desert() {
        deserted = true;
    }

    boolean isDeserted() {
        return deserted;
    }

    /** Whether the socket has clients that are not ours. */
    boolean hasOthers() {
        return callers.all() > sessions.size();
    }

    /** From now on no connection and no transaction begins. */
    synchronized void drain() {
        draining = true;
    }
}
