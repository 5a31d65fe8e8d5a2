package io.smtpdup.command;

/** A command has failed, or found nothing; the message says why, in one line. */
final class CommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final int INTERRUPTED = -1;

    private final int status;

    CommandException(String message) {
        this(message, 0);
    }

    /** @param status with which the relay refused it */
    CommandException(String message, int status) {
        super(message);
        this.status = status;
    }

    /** Somebody wants the command to end before it is at its end. */
    static CommandException interrupted(String soFar) {
        return new CommandException("interrupted: " + soFar, INTERRUPTED);
    }

    /** Whether it is no failure, but somebody's wish. */
    boolean isInterruption() {
        return status == INTERRUPTED;
    }

    /** The HTTP status of the relay's refusal; 0 when it is none. */
    int status() {
        return status;
    }
}
