package io.smtpdup.spool;

/** A copy cannot be read, or is not what was queued. The message says what is wrong with it, in an operator's words. */
public final class DamagedCopyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public DamagedCopyException(String message) {
        super(message);
    }
}
