package io.smtpdup.server;

import java.nio.channels.ServerSocketChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * The listening sockets of a process. They outlive the consumer that opened them where another one goes on with them: bind one
 * instance in the registries of both contexts, and have the second {@link SmtpServerConsumer#takeOver take over}. Without one in the
 * registry each consumer has its socket to itself. Safe for use by several threads.
 */
public final class Listeners {

    private final Map<String, SharedListener> open = new HashMap<>();

    private final Inherited inherited;

    private boolean holding;

    /** With sockets of its own only. */
    public Listeners() {
        this(null);
    }

    /** @param inherited a listening socket that the process was started with, for the listener on its address; null for none */
    public Listeners(ServerSocketChannel inherited) {
        this.inherited = new Inherited(inherited);
    }

    /** The listener that is open under that name; empty when there is none. */
    synchronized Optional<SharedListener> find(String name) {
        return Optional.ofNullable(open.get(name));
    }

    /** Whether who connects to a listener that is opened from now on waits until somebody {@link SmtpServerConsumer#takeOver takes over}. */
    public synchronized void hold(boolean waiting) {
        holding = waiting;
    }

    /** Opens one, with the socket that the process was started with where that is meant. */
    synchronized SharedListener open(String name, SharedListener.Opening opening, Dialogue first, ThreadFactory threads) throws Exception {
        SharedListener listener = SharedListener.open(opening, inherited.socket(opening.host(), opening.port()),
                holding ? 0 : opening.atATime(), first, threads);
        open.put(name, listener);
        return listener;
    }

    /** Whoever opens one under that name gets a new one. */
    synchronized void forget(String name, SharedListener listener) {
        open.remove(name, listener);
    }

    void close(String name, SharedListener listener) {
        forget(name, listener);
        listener.close();
    }
}
