package io.smtpdup.server;

import java.util.ArrayList;
import java.util.List;

import io.smtpdup.message.BodyType;
import io.smtpdup.message.Envelope;

/** What a client has said of one mail between MAIL and the end of its content. Used by one thread. */
final class MailTransaction {

    private final String reversePath;

    private final BodyType body;

    private final boolean smtpUtf8;

    private final List<String> recipients = new ArrayList<>();

    MailTransaction(String reversePath, BodyType body, boolean smtpUtf8) {
        this.reversePath = reversePath;
        this.body = body;
        this.smtpUtf8 = smtpUtf8;
    }

    boolean isSmtpUtf8() {
        return smtpUtf8;
    }

    int recipientCount() {
        return recipients.size();
    }

    void addRecipient(String address) {
        recipients.add(address);
    }

    Envelope envelope() {
        return new Envelope(reversePath, body, smtpUtf8, recipients);
    }
}
