package io.smtpdup.app;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.camel.FailedToCreateRouteException;

/** Why the relay cannot start, in a line that an operator can act on. */
public final class StartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Camel repeats a whole endpoint on each level of a failure; the last level says what is wrong. */
    private static final String LAST_LEVEL = " due to: ";

    private static final Pattern POLICY_TWICE = Pattern.compile("Route configuration already exists with id: (\\S+)");

    private static final Pattern TWICE = Pattern.compile("(?i)duplicate (?:route )?ids? detected: (.+?)\\. Please");

    StartException(String message) {
        super(message);
    }

    private StartException(String message, Throwable cause) {
        super(message, cause);
    }

    /** From a failure somewhere below: which route it was, and what the innermost failure says. */
    static StartException because(Throwable failure) {
        String place = "";
        Throwable cause = failure;
        while (true) {
            if (cause instanceof FailedToCreateRouteException route && route.getRouteId() != null) {
                place = "route " + route.getRouteId()
                        + (route.getLocation() == null ? "" : " (" + route.getLocation() + ")") + ": ";
            }
            if (cause.getCause() == null || cause.getCause() == cause) {
                break;
            }
            cause = cause.getCause();
        }
        return new StartException(place + message(cause), failure);
    }

    private static String message(Throwable cause) {
        if (cause instanceof FileSystemException file && file.getReason() == null && file.getFile() != null) {
            String what = cause instanceof NoSuchFileException ? " does not exist"
                    : cause instanceof AccessDeniedException ? " must not be used by this user" : " cannot be used";
            boolean temporary = file.getFile().startsWith(System.getProperty("java.io.tmpdir", "/tmp"));
            return file.getFile() + what + (temporary ? "; the relay needs a directory for temporary files (java.io.tmpdir)" : "");
        }
        if (cause.getMessage() == null || cause.getMessage().isBlank()) {
            return cause.getClass().getSimpleName();
        }
        String text = cause.getMessage().strip().replaceAll("\\s*\\R\\s*", " ");
        Matcher policy = POLICY_TWICE.matcher(text);
        if (policy.find()) {
            return "the route configuration " + policy.group(1) + " is in two files of routes/; undelivered-copies has a file of its"
                    + " own now, 40-undelivered.camel.yaml: leave it in that one, or in yours, and take the other out";
        }
        Matcher twice = TWICE.matcher(text);
        if (twice.find()) {
            return "more than one route has the id " + twice.group(1) + "; each needs one of its own";
        }
        int last = text.lastIndexOf(LAST_LEVEL);
        return last < 0 ? text : text.substring(last + LAST_LEVEL.length());
    }
}
