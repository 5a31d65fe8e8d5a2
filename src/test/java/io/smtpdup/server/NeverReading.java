package io.smtpdup.server;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.smtpdup.testkit.SmtpDialogue;
import org.awaitility.Awaitility;

/** A client that goes on asking and never listens, so that the server ends up waiting in a write. */
final class NeverReading {

    private static final String QUESTIONS = "HELP\r\n".repeat(100);

    private NeverReading() {
    }

    /**
     * Sends commands until neither side can send any more: every buffer between them is full. The server must have no limit
     * of commands that bring no mail nearer.
     */
    static void fill(SmtpDialogue client) {
        AtomicLong sent = new AtomicLong();
        // A thread of its own: it will be stuck, and the common pool may have no other.
        Thread asking = new Thread(() -> {
            while (true) {
                client.sendRaw(QUESTIONS);
                sent.incrementAndGet();
            }
        }, "never-reading");
        asking.setDaemon(true);
        asking.setUncaughtExceptionHandler((thread, closed) -> { });
        asking.start();
        AtomicLong before = new AtomicLong(-1);
        AtomicInteger unchanged = new AtomicInteger();
        Awaitility.await().pollInterval(Duration.ofMillis(200)).until(
                () -> (before.getAndSet(sent.get()) == sent.get() ? unchanged.incrementAndGet() : unchanged.getAndSet(0)) >= 10);
    }
}
