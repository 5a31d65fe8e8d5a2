package io.smtpdup.command;

import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** A command was asked in a way that can never succeed; the message says why, in one line. */
final class UsageException extends ParameterException {

    private static final long serialVersionUID = 1L;

    UsageException(CommandLine command, String message) {
        super(command, message);
    }
}
