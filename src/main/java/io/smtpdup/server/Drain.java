package io.smtpdup.server;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.smtpdup.message.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    private final Runnable close;
    private final boolean isLast;
    private final SessionRegistry sessions;
    private final Duration limit;
    private final List<Thread> goodbyes = new ArrayList<>();

    /**
     * @param close takes no connection any more, and cuts those that there are
     * @param isLast whether that cuts others as well, who still bring mails to an end
     */
    Drain(Runnable close, boolean isLast, SessionRegistry sessions, Duration limit) {
        this.isLast = isLast;
        this.close = close;
        this.sessions = sessions;
        this.limit = limit;
    }

    void run() throws InterruptedException {
        sessions.drain();
        long end = System.nanoTime() + limit.toNanos();
        sendAwayThoseWhoMayGo();
        while ((isReceiving() || isLast && sessions.hasOthers()) && System.nanoTime() < end) {
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
            sendAwayThoseWhoMayGo();
        }
        sendAwayThoseWhoMayGo();
        hearGoodbyesOut();
        if (isReceiving()) {
            LOG.warn("closing connections whose mail did not end within {} s", limit.toSeconds());
        }
        sessions.all().forEach(session -> session.socket().abandon());
        close.run();
    }

    private boolean isReceiving() {
        return sessions.all().stream().anyMatch(ClientSession::isReceiving);
    }

    private void sendAwayThoseWhoMayGo() {
        sessions.all().stream()
                .filter(ClientSession::startSendingAway)
                .forEach(session -> goodbyes.add(sendAway(session, SHUTTING_DOWN)));
    }

    /** In a thread of its own: the client may not be reading. */
    static Thread sendAway(ClientSession session, Reply goodbye) {
        return start(() -> sayGoodbye(session, goodbye));
    }

    /**
     * The same, with the line left to its session's own thread: what the client has said meanwhile is read, so that no reset takes the
     * goodbye away from it.
     */
    static Thread bidFarewell(ClientSession session, Reply goodbye) {
        return start(() -> {
            try {
                session.send(goodbye);
                session.socket().shutdownOutput();
            } catch (IOException e) {
                LOG.debug("a client left before it was sent away", e);
                session.socket().abandon();
            }
        });
    }

    private static void sayGoodbye(ClientSession session, Reply goodbye) {
        try {
            session.send(goodbye);
            session.socket().sendHeldReplies();
        } catch (IOException e) {
            LOG.debug("a client left before it was sent away", e);
        } finally {
            session.socket().abandon();
        }
    }

    private void hearGoodbyesOut() throws InterruptedException {
        long end = System.nanoTime() + GOODBYE_LIMIT.toNanos();
        List<Thread> all = new ArrayList<>(goodbyes);
        sessions.all().forEach(session -> session.attendance().farewell().ifPresent(all::add));
        for (Thread goodbye : all) {
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
