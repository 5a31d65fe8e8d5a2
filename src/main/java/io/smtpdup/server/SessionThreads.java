package io.smtpdup.server;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.smtpdup.ops.Emergency;
import org.subethamail.smtp.internal.server.ServerThread;
import org.subethamail.smtp.server.Session;

/**
 * Takes the clients that SubEtha has accepted, each into a thread of its own until its line is closed. SubEtha counts them, and would
 * run a session of its own, which is never run here and only stands for the client.
 */
final class SessionThreads extends ThreadPoolExecutor {

    private static final int SECONDS_WITHOUT_WORK = 60;

    private final Consumer<ClientSocket> dialogue;

    private final Runnable left;

    /**
     * @param dialogue what is done with a client; closes the socket
     * @param left hears of each client that is gone
     */
    SessionThreads(ThreadFactory threads, Consumer<ClientSocket> dialogue, Runnable left) {
        super(0, Integer.MAX_VALUE, SECONDS_WITHOUT_WORK, TimeUnit.SECONDS, new SynchronousQueue<>(), threads);
        this.dialogue = dialogue;
        this.left = left;
    }

    /** Called by SubEtha's acceptor. */
    @Override
    public void execute(Runnable accepted) {
        ServerThread acceptor = (ServerThread) Thread.currentThread();
        Session client = (Session) accepted;
        try {
            super.execute(() -> {
                try {
                    dialogue.accept((ClientSocket) client.getSocket());
                } finally {
                    acceptor.sessionEnded(client);
                    left.run();
                }
            });
        } catch (OutOfMemoryError e) { // no thread is to be had; the acceptor must go on, and closes the line after this
            Emergency.consider(e);
            left.run();
            throw new RejectedExecutionException(e);
        }
    }
}
