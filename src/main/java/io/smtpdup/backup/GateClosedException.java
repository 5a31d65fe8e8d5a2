package io.smtpdup.backup;

import java.util.concurrent.RejectedExecutionException;

/** The relay stops, so that a copy that waited for its turn stays in its queue. */
public final class GateClosedException extends RejectedExecutionException {

    private static final long serialVersionUID = 1L;

    GateClosedException(String backup) {
        super("the relay stops; the copy stays in the queue of " + backup);
    }
}
