package io.smtpdup.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** An open ear on loopback: hands each connection to its taker, until it is closed. */
final class Listener implements AutoCloseable {

    @FunctionalInterface
    interface Taker {
        void take(Socket socket) throws IOException;
    }

    private final ServerSocket socket;

    private final Thread thread;

    /** @param port 0 for any that is free */
    Listener(String address, int port, Taker taker) {
        try {
            socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(address), port), 500);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = new Thread(() -> listen(taker), "listener-" + port());
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return socket.getLocalPort();
    }

    boolean isClosed() {
        return socket.isClosed();
    }

    /**
     * Returns when connections are refused and all that were accepted have been handed over. Closing the socket is not
     * enough: the kernel keeps it, and accepts, for as long as a thread waits in it.
     */
    @Override
    public void close() {
        try {
            socket.close();
            thread.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void listen(Taker taker) {
        while (!socket.isClosed()) {
            try {
                taker.take(socket.accept());
            } catch (IOException e) {
                // closed, or the client has left already
            }
        }
    }
}
