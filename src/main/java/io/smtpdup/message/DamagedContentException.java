package io.smtpdup.message;

import java.io.IOException;

/** A mail's octets are not those that were received; reading them again will not help. */
public final class DamagedContentException extends IOException {

    private static final long serialVersionUID = 1L;

    public DamagedContentException(String message) {
        super(message);
    }
}
