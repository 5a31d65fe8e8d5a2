package io.smtpdup.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many clients are connected to one listening socket, whichever of several consumers serves each of them, and which of those who
 * connect are our own probes. Safe for use by several threads.
 */
final class Callers {

    private final Set<Integer> probes = ConcurrentHashMap.newKeySet();

    private final Map<InetAddress, Integer> byAddress = new HashMap<>();

    private int all;

    /** One has come. */
    synchronized void add(InetAddress client) {
        all++;
        byAddress.merge(client, 1, Integer::sum);
    }

    /** One that was added is gone. */
    synchronized void remove(InetAddress client) {
        all--;
        byAddress.computeIfPresent(client, (address, count) -> count == 1 ? null : count - 1);
    }

    synchronized int all() {
        return all;
    }

    synchronized int of(InetAddress client) {
        return byAddress.getOrDefault(client, 0);
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
}
