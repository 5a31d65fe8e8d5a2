package io.smtpdup.delivery;

import io.smtpdup.message.Reply;
import org.jspecify.annotations.Nullable;

/**
 * One recipient who does not have the mail, and what the server said to that.
 *
 * @param position among the recipients of the mail, from 0: the same address may be there twice, and fare differently
 * @param recipient the address
 * @param reply to RCPT; or to what came after it, in a mail that others of its recipients fared better with
 * @param outcome failed, deferred, or unknown when the final dot got no clear answer
 * @param saidTo to which the server gave that reply; null when the reply is ours
 */
public record RefusedRecipient(int position, String recipient, Reply reply, Outcome outcome, @Nullable Step saidTo) {

    /** A recipient that the server refused when it was asked. */
    RefusedRecipient(int position, String recipient, Reply reply) {
        this(position, recipient, reply, reply.isPermanentNegative() ? Outcome.FAILED : Outcome.DEFERRED, Step.RCPT);
    }

    @Override
    public String toString() {
        return "<" + recipient + "> " + reply;
    }
}
