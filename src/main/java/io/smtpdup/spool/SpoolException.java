package io.smtpdup.spool;

/** The spool cannot be used; the message tells an operator why, in one line, and there is no deeper cause to look for. */
public final class SpoolException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public SpoolException(String message) {
        super(message);
    }
}
