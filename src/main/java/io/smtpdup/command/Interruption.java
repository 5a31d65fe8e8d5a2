package io.smtpdup.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C, or any other signal that ends the process, while a command does one thing after the other: what is begun is brought to its end, and the
 * command has a moment to say how far it came.
 */
final class Interruption implements AutoCloseable {

    /** What a shell says of a program that Ctrl-C has ended. */
    static final int STATUS = 130;

    /** For what is begun. Whoever presses Ctrl-C again and again may have to use another signal. */
    private static final long PATIENCE_SECONDS = 30;

    private final CountDownLatch said = new CountDownLatch(1);

    private final Thread signal = new Thread(this::hold, "interruption");

    private final Runnable heard;

    private volatile boolean wanted;

    /** @param heard says that the signal was heard */
    Interruption(Runnable heard) {
        this.heard = heard;
        Runtime.getRuntime().addShutdownHook(signal);
    }

    /** Whether the command is to begin nothing more. */
    boolean isWanted() {
        return wanted || Thread.currentThread().isInterrupted();
    }

    private void hold() {
        wanted = true;
        heard.run();
        try {
            said.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The command has said all. */
    @Override
    public void close() {
        said.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(signal);
        } catch (IllegalStateException e) {
            // the signal came
        }
    }
}
