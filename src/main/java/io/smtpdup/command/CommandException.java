package io.smtpdup.command;

/** A command has failed, or found nothing; the message says why, in one line. */
final class CommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CommandException(String message) {
        super(message);
    }
}
