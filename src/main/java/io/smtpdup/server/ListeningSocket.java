package io.smtpdup.server;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketImpl;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The listening socket; every client it accepts gets a {@link ClientSocket}, without Nagle's delay. While as many are there as there
 * is room for, the others wait in the system's queue.
 */
class ListeningSocket extends ServerSocket {

    /** Until its client is known, a socket has this for a write. */
    private static final Duration AT_FIRST = Duration.ofMinutes(5);

    private final Supplier<? extends SocketImpl> accepted;

    private int room = Integer.MAX_VALUE;

    private boolean deaf;

    private int taken;

    private boolean ended;

    private final boolean othersGoOn;

    ListeningSocket() throws IOException {
        accepted = () -> null; // the system's own, made when a client is there
        othersGoOn = false;
    }

    /**
     * On a socket that is there before and after us, for others.
     *
     * @param accepted what each client's socket is made of
     */
    ListeningSocket(SocketImpl listening, Supplier<? extends SocketImpl> accepted) {
        super(listening);
        this.accepted = accepted;
        othersGoOn = true;
    }

    /** Whether clients who are not accepted any more wait for another process. */
    boolean othersGoOn() {
        return othersGoOn;
    }

    @Override
    public Socket accept() throws IOException {
        awaitRoom();
        ClientSocket client = new ClientSocket(accepted.get(), AT_FIRST);
        try {
            implAccept(client);
            client.setTcpNoDelay(true);
            entered();
            return client;
        } catch (IOException e) {
            client.abandon();
            awaitRoom(); // for ever when it was made deaf
            throw e;
        }
    }

    private synchronized void awaitRoom() throws IOException {
        while ((deaf || taken >= room) && !ended) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new SocketException("interrupted");
            }
        }
    }

    private synchronized void entered() {
        taken++;
    }

    /** A client that was accepted is gone. */
    synchronized void left() {
        taken--;
        notifyAll();
    }

    /** Takes so many at a time from now on. */
    synchronized void room(int atATime) {
        room = atATime;
        notifyAll();
    }

    /** Takes nobody any more, and gives the address back; who accepts waits for {@link #close}. */
    void deafen() throws IOException {
        synchronized (this) {
            deaf = true;
        }
        super.close();
    }

    @Override
    public void close() throws IOException {
        super.close();
        synchronized (this) {
            ended = true;
            notifyAll();
        }
    }
}
