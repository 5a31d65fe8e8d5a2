package io.smtpdup.server;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.Reply;

/**
 * A recipient that the next server has refused at RCPT, for good.
 *
 * @param id of the mail, as the log has it
 * @param mail with this recipient alone, and the client as its origin
 * @param reply what the server said
 * @param server how the server calls itself; empty when that is not known
 */
public record Refusal(String id, Envelope mail, Reply reply, String server) {

    /** The forward-path. */
    public String recipient() {
        return mail.forwardPaths().get(0).address();
    }
}
