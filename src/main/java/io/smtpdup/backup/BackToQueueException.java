package io.smtpdup.backup;

import java.util.concurrent.RejectedExecutionException;

/** A copy goes back into its queue, and whoever decided that has seen to it that it does not come again at once. */
class BackToQueueException extends RejectedExecutionException {

    private static final long serialVersionUID = 1L;

    BackToQueueException(String message) {
        super(message);
    }
}
