package io.smtpdup.server;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.TraceFields;

/**
 * Hears of mails whose content has come, whatever became of them; it has no say in that. An {@code smtp-server} endpoint tells the bean that its
 * option {@code arrivals} names. Called while the client waits, by many threads at a time: answers from memory. What it throws is a
 * line in the log.
 */
public interface Arrivals {

    /**
     * Whether it wants to hear of the next mail of that client. Asked before the content is read, so that nobody looks at the fields
     * of other mails.
     */
    boolean concerns(ClientIdentity client);

    /**
     * A mail has come that it wanted to hear of.
     *
     * @param id of the mail
     * @param client whom it comes from, as far as we believe it
     * @param fields of its header section
     */
    void arrived(String id, ClientIdentity client, Envelope envelope, TraceFields fields);
}
