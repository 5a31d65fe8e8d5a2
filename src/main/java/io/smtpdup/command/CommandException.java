package io.smtpdup.command;

/** A command has failed, or found nothing; the message says why, in one line. */
final class CommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;

    CommandException(String message) {
        this(message, 0);
    }

    /** @param status with which the relay refused it */
    CommandException(String message, int status) {
        super(message);
        this.status = status;
    }

    /** The HTTP status of the relay's refusal; 0 when it is none. */
    int status() {
        return status;
    }
}
