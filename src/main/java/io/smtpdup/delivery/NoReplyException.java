package io.smtpdup.delivery;

import java.io.IOException;

/** A server said something that is no SMTP reply, or does not end. The message says what, for the log. */
final class NoReplyException extends IOException {

    NoReplyException(String message) {
        super(message);
    }
}
