package io.smtpdup.server;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.smtpdup.message.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.subethamail.smtp.server.SMTPServer;

/**
 * The end of a listener: clients in between mails are sent away, mails that are being received or answered get their
 * time, and after that every line is cut. A line is never cut while the primary may have taken a mail whose client has
 * not heard so, unless time runs out: that would be a duplicate.
 */
final class Drain {

    private static final Reply SHUTTING_DOWN = Reply.of(421, "4.3.2", "Shutting down, try again later");

    private static final Duration POLL = Duration.ofMillis(20);

    /** SubEtha's own stop waits for ever for a client that does not read. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(3);

    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    private final SMTPServer server;

    private final SessionRegistry sessions;

    private final Duration limit;

    private final Set<ClientSession> sentAway = new HashSet<>();

    Drain(SMTPServer server, SessionRegistry sessions, Duration limit) {
        this.server = server;
        this.sessions = sessions;
        this.limit = limit;
    }

    void run() throws InterruptedException {
        sessions.drain();
        long end = System.nanoTime() + limit.toNanos();
        do {
            sessions.all().stream()
                    .filter(session -> !session.isReceiving())
                    .filter(sentAway::add)
                    .forEach(this::sendAway);
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        } while (sessions.all().stream().anyMatch(ClientSession::isReceiving) && System.nanoTime() < end);
        long cut = sessions.all().stream().filter(ClientSession::isReceiving).count();
        if (cut > 0) {
            LOG.warn("cutting {} connections that did not end within {} s", cut, limit.toSeconds());
        }
        stopServer();
    }

    private void sendAway(ClientSession session) {
        // In a thread of its own: the client may not be reading.
        start(() -> {
            try {
                session.send(SHUTTING_DOWN);
                session.socket().sendHeldReplies();
            } catch (IOException e) {
                LOG.debug("a client left before it was sent away", e);
            } finally {
                session.socket().abandon();
            }
        });
    }

    private void stopServer() throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        start(() -> {
            server.stop();
            stopped.countDown();
        });
        if (!stopped.await(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            sessions.all().forEach(session -> session.socket().abandon());
            stopped.await(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "smtp-server-drain");
        thread.setDaemon(true);
        thread.start();
    }
}
