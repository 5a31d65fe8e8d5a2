package io.smtpdup.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A way to a server on this machine that can become a black hole: it takes connections and octets, and passes none on. */
public final class Detour implements AutoCloseable {

    private final ServerSocket listener;

    private final int target;

    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    private final ReentrantLock lock = new ReentrantLock();

    private final Condition change = lock.newCondition();

    private boolean blocked;

    private Detour(int target) throws IOException {
        this.target = target;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        run(this::accept);
    }

    public static Detour to(int port) throws IOException {
        return new Detour(port);
    }

    public int port() {
        return listener.getLocalPort();
    }

    public void block() {
        set(true);
    }

    public void unblock() {
        set(false);
    }

    private void set(boolean value) {
        lock.lock();
        try {
            blocked = value;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            sockets.add(client);
            sockets.add(server);
            run(() -> pass(client, server));
            run(() -> pass(server, client));
        }
    }

    private void pass(Socket from, Socket to) throws IOException {
        byte[] octets = new byte[8192];
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(octets); read >= 0; read = in.read(octets)) {
                awaitOpen();
                out.write(octets, 0, read);
            }
        }
    }

    private void awaitOpen() {
        lock.lock();
        try {
            while (blocked) {
                change.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private static void run(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException ignored) {
                // one side has closed
            }
        }, "detour");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        unblock();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @FunctionalInterface
    private interface Work {

        void run() throws IOException;
    }
}
