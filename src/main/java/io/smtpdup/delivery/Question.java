package io.smtpdup.delivery;

import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;

/** A command of a client that is still talking, which the server is asked over one connection or, should that fail, over another. */
final class Question {

    /** Why an answer is {@link #ours}, for the log. */
    static final String NOT_OFFERED = "the server does not offer what the recipient needs";

    final Step step;

    /** Of RCPT; null otherwise. */
    final Recipient recipient;

    /** Whether the connection has been asked, and has not answered. */
    boolean due;

    /** The answer that the connection need not be asked for; null when it has to. */
    Reply ours;

    /** What the client has heard; null when nothing yet. */
    Reply told;

    Question(Step step, Recipient recipient) {
        this.step = step;
        this.recipient = recipient;
    }

    boolean isAcceptedRecipient() {
        return step == Step.RCPT && told != null && told.isPositive();
    }
}
