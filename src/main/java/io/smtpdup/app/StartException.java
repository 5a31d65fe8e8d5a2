package io.smtpdup.app;

/** Why the relay cannot start, in a line that an operator can act on. */
public final class StartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message);
    }

    private StartException(String message, Throwable cause) {
        super(message, cause);
    }

    /** From a failure somewhere below: the innermost message says what is wrong, the ones around it where. */
    static StartException because(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String outer = oneLine(failure.getMessage());
        String inner = oneLine(cause.getMessage());
        String text = inner.isEmpty() ? cause.getClass().getSimpleName() : inner;
        return new StartException(cause == failure || outer.contains(text) ? (outer.isEmpty() ? text : outer)
                : outer + ": " + text, failure);
    }

    private static String oneLine(String text) {
        return text == null ? "" : text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
