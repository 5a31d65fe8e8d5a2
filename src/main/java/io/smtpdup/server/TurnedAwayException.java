package io.smtpdup.server;

import io.smtpdup.message.Reply;

/** A client that may not stay hears a reply in the place of the greeting. */
final class TurnedAwayException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Reply reply;

    TurnedAwayException(Reply reply) {
        super(reply.toString(), null, false, false);
        this.reply = reply;
    }

    /** What the client hears. */
    Reply reply() {
        return reply;
    }
}
