package io.smtpdup.server;

import java.util.Optional;

import io.smtpdup.message.Reply;

/**
 * Whom a client's session talks to. That changes only between two mails, and only while nothing is done for the client: a transaction
 * ends with whom it began. Safe for use by several threads.
 */
final class Attendance {

    /** A client that does not take its goodbye within this time is not reading. */
    private static final long GOODBYE_MILLIS = 1000;

    private final SharedListener listener;

    private final ClientSession session;

    private Dialogue dialogue;

    private boolean working = true;

    private boolean sentAway;

    private long sentAwayAt;

    /** Null before the client is sent away. */
    private volatile Thread farewell;

    /** @param first whom it talks to at first; something is done for it until the first {@link #rest} */
    Attendance(SharedListener listener, ClientSession session, Dialogue first) {
        this.listener = listener;
        this.session = session;
        dialogue = first;
    }

    /** Something is to be done for the client. Returns who does it; null for a client that was sent away, and has been told. */
    Dialogue begin() {
        Dialogue now = next();
        if (now == null) {
            awaitFarewell();
        }
        return now;
    }

    private synchronized Dialogue next() {
        working = session.isWithinMail(); // what was owed when the client's turn began may have been answered since
        follow();
        working = true;
        return sentAway ? null : dialogue;
    }

    /** The line must not be closed before the goodbye has left. */
    private void awaitFarewell() {
        try {
            farewell.join(GOODBYE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** It is done, and the client's turn. */
    synchronized void rest() {
        working = session.isWithinMail();
        follow();
    }

    /** Goes over to whoever serves the listener now, or sends the client away when nobody does; not within a mail. */
    synchronized void follow() {
        if (working || sentAway) {
            return;
        }
        Dialogue now = listener.current();
        if (now != dialogue) {
            Optional<Reply> refusal = now.sessions().adopt(session, dialogue.sessions());
            if (refusal.isPresent()) {
                sendAway(refusal.get());
            } else {
                dialogue = now;
            }
        } else if (now.sessions().isDeserted()) {
            sendAway(Drain.SHUTTING_DOWN);
        }
    }

    /** Sends the client away also within a mail, but not once it has begun to send its content. */
    synchronized void dismiss() {
        if (!sentAway) {
            sendAway(Drain.SHUTTING_DOWN);
        }
    }

    private void sendAway(Reply goodbye) {
        if (session.startSendingAway()) {
            sentAwayAt = System.nanoTime();
            sentAway = true;
            farewell = Drain.bidFarewell(session, goodbye);
        }
    }

    /** Who says goodbye to a client that was sent away when others took over; empty for one that was not. */
    Optional<Thread> farewell() {
        return Optional.ofNullable(farewell);
    }

    /** Cuts the line of a client that has not listened to its goodbye for so long. */
    synchronized void cutAfter(long nanos) {
        if (sentAway && System.nanoTime() - sentAwayAt > nanos) {
            session.socket().abandon();
        }
    }

    /** Whom it talks to. */
    synchronized Dialogue current() {
        return dialogue;
    }

    /** The line is gone. */
    synchronized void end() {
        sentAway = true;
        dialogue.sessions().end(session);
    }
}
