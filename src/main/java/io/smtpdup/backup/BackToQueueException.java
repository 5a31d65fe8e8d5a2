package io.smtpdup.backup;

import java.util.concurrent.RejectedExecutionException;

/** A copy goes back into its queue: the relay stops, its queue is paused, or whoever decided that has it come out again later. */
class BackToQueueException extends RejectedExecutionException {

    private static final long serialVersionUID = 1L;

    BackToQueueException(String message) {
        super(message);
    }
}
