package io.smtpdup.message;

import java.util.Collections;
import java.util.List;

/**
 * A failure that knows what the client shall hear. The message and the cause are for the log; only {@link #reply()}
 * leaves the house.
 */
public interface ReplyingException {

    /** The reply for the client: 4xx or 5xx, never positive. */
    Reply reply();

    /**
     * What each recipient shall hear, where each can be told (LMTP).
     *
     * @param recipients all of the mail, in their order; an address that is there twice is two recipients
     * @return as many replies, in the same order; none positive
     */
    default List<Reply> recipientReplies(List<String> recipients) {
        return Collections.nCopies(recipients.size(), reply());
    }
}
