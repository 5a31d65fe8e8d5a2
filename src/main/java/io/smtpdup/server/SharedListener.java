package io.smtpdup.server;

import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.ThreadFactory;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.subethamail.smtp.server.SMTPServer;

/**
 * A listening socket and the threads of its clients, who talk to one {@link Dialogue} after the other: whoever serves changes while
 * the socket stays, so that no client is refused. Who is between two mails goes on with the new one. Safe for use by several threads.
 */
final class SharedListener {

    /** Of SubEtha's, which cannot be changed; {@link ListeningSocket} has the one that counts. */
    private static final int ENDLESS = 65_535;

    /** SubEtha's stop waits for its threads for ever. */
    private static final long STOP_MILLIS = 3000;

    private static final Logger LOG = LoggerFactory.getLogger(SharedListener.class);

    private final Callers callers = new Callers();

    private final SMTPServer server;

    private final ListeningSocket socket;

    private volatile Dialogue dialogue;

    private volatile boolean closed;

    private SharedListener(Opening opening, ListeningSocket socket, Dialogue first, ThreadFactory threads) throws Exception {
        this.socket = socket;
        dialogue = first;
        SMTPServer.Builder builder = SMTPServer.port(opening.port())
                .hostName(opening.name()) // or it asks the DNS
                .backlog(opening.atATime()) // all of them may come at once, and who finds it full tries again a second later
                .maxConnections(ENDLESS)
                .executorService(new SessionThreads(threads, client -> Dialogue.run(client, this), socket::left))
                .serverThreadName("smtp-server-accept")
                .serverSocketFactory(() -> socket);
        if (!opening.host().isEmpty()) {
            builder.bindAddress(InetAddress.getByName(opening.host()));
        }
        server = builder.build();
    }

    /**
     * Where to listen.
     *
     * @param host empty for all addresses
     * @param port 0 for any
     * @param name what we call ourselves
     * @param atATime connections that are taken at a time; others wait in the system's queue
     */
    record Opening(String host, int port, String name, int atATime) {
    }

    /**
     * Listens from now on.
     *
     * @param room connections that are taken at first
     * @param first whom clients talk to
     * @throws RuntimeException when the address cannot be had
     */
    static SharedListener open(Opening opening, ListeningSocket socket, int room, Dialogue first, ThreadFactory threads) throws Exception {
        socket.room(room);
        SharedListener listener = new SharedListener(opening, socket, first, threads);
        first.servesAt(listener);
        listener.server.start();
        return listener;
    }

    /** The port we listen on, also when the system chose it. */
    int port() {
        return socket.getLocalPort();
    }

    /** Who is connected. */
    Callers callers() {
        return callers;
    }

    /** Whom clients that come now talk to. */
    Dialogue current() {
        return dialogue;
    }

    /**
     * From now on clients that come, and those between two mails as soon as they say something, talk to this one.
     *
     * @param atATime as in {@link Opening}
     */
    void serve(Dialogue next, int atATime) {
        next.servesAt(this);
        dialogue = next;
        socket.room(atATime);
    }

    /** Leaves those who come from now on to the next process, where there will be one. */
    void leaveToNext() {
        if (socket.othersGoOn()) {
            deafen();
        }
    }

    /** Takes no connection any more, and gives the address back. Those that there are stay. */
    void deafen() {
        try {
            socket.deafen();
        } catch (IOException e) {
            LOG.debug("a listener did not close cleanly", e);
        }
    }

    /** Takes no connection any more, and cuts those that there are. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        Thread stop = new Thread(() -> {
            try {
                server.stop();
            } catch (RuntimeException e) {
                LOG.debug("a listener did not close cleanly", e);
            }
        }, "smtp-server-close");
        stop.setDaemon(true);
        stop.start();
        try {
            stop.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
