package io.smtpdup.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import io.smtpdup.message.Reply;
import io.smtpdup.net.ClientNetworks;
import io.smtpdup.ops.MailLog;

/** Decides which clients may stay, and knows the sessions that did. */
final class SessionRegistry {

    private static final Reply PROBED = Reply.of(421, "4.3.2", "I hear myself");

    private static final Reply DENIED = Reply.of(554, "5.7.1", "Access denied");

    private static final Reply STOPPING = Reply.of(421, "4.3.2", "Shutting down");

    private static final Reply CROWDED = Reply.of(421, "4.3.2", "Too many connections, try again later");

    private static final Reply TOO_MANY = Reply.of(421, "4.7.0", "Too many connections from your address, try again later");

    private final Set<Integer> probes = ConcurrentHashMap.newKeySet();
    private final Set<ClientSession> sessions = ConcurrentHashMap.newKeySet();
    private final Map<InetAddress, Integer> connections = new ConcurrentHashMap<>();

    private final LineBudget refusals = new LineBudget(
            20, Duration.ofSeconds(10), count -> MailLog.unlogged("connections that were refused", count));

    /** For all clients together, who may come again after each disconnection. */
    private final LineBudget lines = new LineBudget(
            1000, Duration.ofSeconds(10), count -> MailLog.unlogged("commands and recipients that were refused", count));

    private final Predicate<InetAddress> clients;
    private final Predicate<InetAddress> trusted;
    private final boolean proxied;
    private final SmtpServerConfiguration configuration;
    private volatile boolean draining;

    SessionRegistry(SmtpServerConfiguration configuration) {
        this.clients = ClientNetworks.parse(configuration.getClients())::contains;
        this.trusted = ClientNetworks.parse(configuration.getTrustedRelays())::contains;
        this.proxied = configuration.isProxyProtocol();
        this.configuration = configuration;
    }

    /**
     * Begins a client's session, which {@link #end} ends.
     *
     * @param client who has connected; behind a proxy, for whom the proxy has
     */
    synchronized ClientSession admit(ClientSocket socket, InetSocketAddress client) throws TurnedAwayException {
        if (isProbe(socket.peer())) {
            throw new TurnedAwayException(PROBED);
        }
        Reply refusal = judge(client.getAddress());
        if (refusal != null) {
            throw turnedAway(client.getAddress(), refusal);
        }
        socket.expectWithin(configuration.commandTimeout(), configuration.commandTimeout());
        ClientSession accepted = new ClientSession(socket, client, lines, configuration);
        sessions.add(accepted);
        connections.merge(client.getAddress(), 1, Integer::sum);
        return accepted;
    }

    /** A client may not connect. Of a flood of such connections the log has a few lines and the number. */
    TurnedAwayException turnedAway(InetAddress client, Reply reply) {
        if (configuration.isMailLog() && refusals.take()) {
            MailLog.refused(client, reply.toString());
        }
        return new TurnedAwayException(reply);
    }

    /** The next connection from that port of this machine is ours, to see whether we hear; until {@link #endProbe}. */
    void beginProbe(int port) {
        probes.add(port);
    }

    void endProbe(int port) {
        probes.remove(port);
    }

    /** Whether the peer is our own probe: it is no client, so that it is neither logged nor counted, and takes no place. */
    boolean isProbe(InetSocketAddress peer) {
        try {
            return probes.contains(peer.getPort())
                    && (peer.getAddress().isLoopbackAddress() || NetworkInterface.getByInetAddress(peer.getAddress()) != null);
        } catch (SocketException e) {
            return false;
        }
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
        if (sessions.size() >= configuration.getMaxConnections()) {
            return CROWDED;
        }
        int most = configuration.getMaxConnectionsPerClient();
        if (most > 0 && connections.getOrDefault(client, 0) >= most) {
            return TOO_MANY;
        }
        return null;
    }

    void end(ClientSession ended) {
        sessions.remove(ended);
        connections.computeIfPresent(ended.client().getAddress(), (client, count) -> count == 1 ? null : count - 1);
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

    /** From now on no connection and no transaction begins. */
    synchronized void drain() {
        draining = true;
    }
}
