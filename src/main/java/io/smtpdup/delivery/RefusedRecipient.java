package io.smtpdup.delivery;

import io.smtpdup.message.Reply;

/** One recipient the server would not take, and what it said. For the log. */
public record RefusedRecipient(String recipient, Reply reply) {

    @Override
    public String toString() {
        return "<" + recipient + "> " + reply;
    }
}
