package io.smtpdup.delivery;

import java.io.IOException;

import io.smtpdup.message.BodyType;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;

/**
 * The MAIL command for an envelope, with those parameters of the client's that the server understands. What the server
 * does not understand is left out when the mail can travel without it, and is a reason to refuse when it cannot.
 */
final class MailCommand {

    private static final Reply NEEDS_8BITMIME =
            Reply.of(554, "5.6.3", "The message needs 8BITMIME, which the next mail server does not offer");

    private static final Reply NEEDS_SMTPUTF8 =
            Reply.of(550, "5.6.7", "The message needs SMTPUTF8, which the next mail server does not offer");

    private final RelayTransport server;
    private final Failures failures;

    MailCommand(RelayTransport server, Failures failures) {
        this.server = server;
        this.failures = failures;
    }

    String of(Envelope envelope, MessageContent content) throws DeliveryException {
        try {
            StringBuilder command = new StringBuilder("MAIL FROM:<").append(envelope.reversePath()).append('>');
            if (content.size() >= 0 && server.supportsExtension("SIZE")) {
                command.append(" SIZE=").append(content.size());
            }
            body(envelope, content, command);
            smtpUtf8(envelope, content, command);
            return command.toString();
        } catch (IOException e) {
            throw failures.unreadable(e);
        }
    }

    /**
     * The MAIL command before the content is there.
     *
     * @param size what the client declared; -1 when nothing
     */
    String opening(Envelope envelope, long size) throws DeliveryException {
        StringBuilder command = new StringBuilder("MAIL FROM:<").append(envelope.reversePath()).append('>');
        if (size >= 0 && server.supportsExtension("SIZE")) {
            command.append(" SIZE=").append(size);
        }
        if (envelope.body() != null && server.supportsExtension("8BITMIME")) {
            command.append(" BODY=").append(envelope.body().keyword());
        }
        if (envelope.smtpUtf8() && server.supportsExtension("SMTPUTF8")) {
            command.append(" SMTPUTF8");
        } else if (envelope.isInternational()) {
            throw failures.impossible(NEEDS_SMTPUTF8);
        }
        return command.toString();
    }

    /** Refuses a message that the server cannot take, when the command was composed before the content was there. */
    void check(Envelope envelope, MessageContent content) throws DeliveryException {
        of(envelope, content);
    }

    /** The RCPT command for a recipient. */
    String recipient(Recipient recipient) {
        return "RCPT TO:<" + recipient.address() + ">" + (server.isToldNeverToNotify() ? " NOTIFY=NEVER" : "");
    }

    private void body(Envelope envelope, MessageContent content, StringBuilder command)
            throws IOException, DeliveryException {
        if (envelope.body() != null && server.supportsExtension("8BITMIME")) {
            command.append(" BODY=").append(envelope.body().keyword());
        } else if (envelope.body() == BodyType.EIGHT_BIT_MIME && content.isEightBit()) {
            throw failures.impossible(NEEDS_8BITMIME);
        }
    }

    private void smtpUtf8(Envelope envelope, MessageContent content, StringBuilder command)
            throws IOException, DeliveryException {
        if (envelope.smtpUtf8()) {
            if (server.supportsExtension("SMTPUTF8")) {
                command.append(" SMTPUTF8");
            } else if (envelope.isInternational() || content.isHeaderEightBit()) {
                throw failures.impossible(NEEDS_SMTPUTF8);
            }
        }
    }
}
