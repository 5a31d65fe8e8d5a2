package io.smtpdup.message;

import java.util.Map;

/**
 * A failure that knows what the client shall hear. The message and the cause are for the log; only {@link #reply()}
 * leaves the house.
 */
public interface ReplyingException {

    /** The reply for the client: 4xx or 5xx, never positive. */
    Reply reply();

    /**
     * What is to be said of single recipients, by address, where a client can be told (LMTP); all others have
     * {@link #reply()}. Never positive.
     */
    default Map<String, Reply> recipientReplies() {
        return Map.of();
    }
}
