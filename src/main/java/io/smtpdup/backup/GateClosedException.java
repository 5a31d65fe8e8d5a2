package io.smtpdup.backup;

/** The relay stops, or the backup is paused, so that a copy that waited for its turn goes back into its queue. */
public final class GateClosedException extends BackToQueueException {

    private static final long serialVersionUID = 1L;

    GateClosedException(String backup) {
        super("no copy has its turn now; this one stays in the queue of " + backup);
    }
}
