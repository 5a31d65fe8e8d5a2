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

    /** @param dialogue what is done with a client; closes the socket */
    SessionThreads(ThreadFactory threads, Consumer<ClientSocket> dialogue) {
        super(0, Integer.MAX_VALUE, SECONDS_WITHOUT_WORK, TimeUnit.SECONDS, new SynchronousQueue<>(), threads);
        this.dialogue = dialogue;
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
                }
            });
        } catch (OutOfMemoryError e) { // no thread is to be had; the acceptor must go on, and closes the line after this
            Emergency.consider(e);
            throw new RejectedExecutionException(e);
        }
    }
}
