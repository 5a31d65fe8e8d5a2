package io.smtpdup.agreement;

/** Thrown for a file of the operator that cannot be used; the message names the file, the line and what is allowed. */
public final class BadLineException extends Exception {

    private static final long serialVersionUID = 1L;

    BadLineException(String message) {
        super(message);
    }

    static BadLineException at(String file, int line, String problem) {
        return new BadLineException(file + ":" + line + ": " + problem);
    }
}
