package io.smtpdup.server;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    static final Reply SHUTTING_DOWN = Reply.of(421, "4.3.2", "Shutting down, try again later");

    private static final Duration POLL = Duration.ofMillis(20);

    /** A client that does not take a line within this time is not reading. */
    private static final Duration GOODBYE_LIMIT = Duration.ofSeconds(1);

    /** SubEtha's stop waits for its threads for ever. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(3);

    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    private final SMTPServer server;
    private final SessionRegistry sessions;
    private final Duration limit;
    private final List<Thread> goodbyes = new ArrayList<>();

    Drain(SMTPServer server, SessionRegistry sessions, Duration limit) {
        this.server = server;
        this.sessions = sessions;
        this.limit = limit;
    }

    void run() throws InterruptedException {
        sessions.drain();
        long end = System.nanoTime() + limit.toNanos();
        sendAwayThoseWhoMayGo();
        while (isReceiving() && System.nanoTime() < end) {
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
            sendAwayThoseWhoMayGo();
        }
        sendAwayThoseWhoMayGo();
        hearGoodbyesOut();
        if (isReceiving()) {
            LOG.warn("closing connections whose mail did not end within {} s", limit.toSeconds());
        }
        sessions.all().forEach(session -> session.socket().abandon());
        Thread stop = start(server::stop);
        stop.join(STOP_LIMIT.toMillis());
    }

    private boolean isReceiving() {
        return sessions.all().stream().anyMatch(ClientSession::isReceiving);
    }

    private void sendAwayThoseWhoMayGo() {
        sessions.all().stream()
                .filter(ClientSession::startSendingAway)
                // In a thread of its own: the client may not be reading.
                .forEach(session -> goodbyes.add(start(() -> sendAway(session))));
    }

    private static void sendAway(ClientSession session) {
        try {
            session.send(SHUTTING_DOWN);
            session.socket().sendHeldReplies();
        } catch (IOException e) {
            LOG.debug("a client left before it was sent away", e);
        } finally {
            session.socket().abandon();
        }
    }

    private void hearGoodbyesOut() throws InterruptedException {
        long end = System.nanoTime() + GOODBYE_LIMIT.toNanos();
        for (Thread goodbye : goodbyes) {
            goodbye.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
        }
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task, "smtp-server-drain");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
