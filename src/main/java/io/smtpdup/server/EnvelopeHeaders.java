package io.smtpdup.server;

import java.util.List;
import java.util.Optional;

import io.smtpdup.message.BodyType;
import io.smtpdup.message.Envelope;
import org.apache.camel.Message;

/** Writes an envelope into the headers of a Camel message and reads it back. */
public final class EnvelopeHeaders {

    private EnvelopeHeaders() {
    }

    public static void write(Envelope envelope, Message message) {
        message.setHeader(SmtpServerConstants.REVERSE_PATH, envelope.reversePath());
        message.setHeader(SmtpServerConstants.RECIPIENTS, envelope.recipients());
        message.setHeader(SmtpServerConstants.SMTPUTF8, envelope.smtpUtf8());
        if (envelope.body() != null) {
            message.setHeader(SmtpServerConstants.BODY_TYPE, envelope.body().keyword());
        }
    }

    /** The envelope in the message's headers; empty when it has none, because it did not come from an smtp-server. */
    public static Optional<Envelope> read(Message message) {
        String reversePath = message.getHeader(SmtpServerConstants.REVERSE_PATH, String.class);
        List<?> recipients = message.getHeader(SmtpServerConstants.RECIPIENTS, List.class);
        if (reversePath == null || recipients == null) {
            return Optional.empty();
        }
        String body = message.getHeader(SmtpServerConstants.BODY_TYPE, String.class);
        return Optional.of(new Envelope(
                reversePath,
                body == null ? null : BodyType.of(body).orElse(null),
                message.getHeader(SmtpServerConstants.SMTPUTF8, false, Boolean.class),
                recipients.stream().map(String::valueOf).toList()));
    }
}
