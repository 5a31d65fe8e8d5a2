package io.smtpdup.recipients;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.RecipientAnswers;

/** The way to a backup: asks it about the recipients of an envelope, and sends it nothing. */
@FunctionalInterface
public interface Callouts {

    /**
     * Asks, and waits for the answers.
     *
     * @param backup its name
     * @throws Exception when it is not the backup's doing
     */
    RecipientAnswers ask(String backup, Envelope envelope) throws Exception;
}
