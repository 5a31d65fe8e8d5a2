package io.smtpdup.delivery;

/** A connection to a server did not come to the point where mail can be sent. */
final class SessionException extends Exception {

    private final boolean tlsFailed;
    private final boolean loginRefused;

    /**
     * @param message why, one line for the log, without the server's name
     * @param cause may be null
     * @param tlsFailed whether the server offered STARTTLS and could not do it, so that clear text may be worth a try
     * @param loginRefused whether it does not want our login, which no other address would take either
     */
    SessionException(String message, Throwable cause, boolean tlsFailed, boolean loginRefused) {
        super(message, cause);
        this.tlsFailed = tlsFailed;
        this.loginRefused = loginRefused;
    }

    boolean isTlsFailed() {
        return tlsFailed;
    }

    boolean isLoginRefused() {
        return loginRefused;
    }
}
