package io.smtpdup.message;

/**
 * A failure that knows what the client shall hear. The message and the cause are for the log; only {@link #reply()}
 * leaves the house.
 */
public interface ReplyingException {

    /** The reply for the client: 4xx or 5xx, never positive. */
    Reply reply();
}
