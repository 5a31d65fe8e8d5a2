package io.smtpdup.message;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/** Writes an envelope into the headers of a Camel message and reads it back. */
public final class EnvelopeHeaders {

    private EnvelopeHeaders() {
    }

    /** Writes the whole envelope; what an earlier one left there is gone. */
    public static void write(Envelope envelope, Message message) {
        message.setHeader(SmtpServerConstants.REVERSE_PATH, envelope.reversePath());
        message.setHeader(SmtpServerConstants.SMTPUTF8, envelope.smtpUtf8());
        set(message, SmtpServerConstants.BODY_TYPE, envelope.body() == null ? null : envelope.body().keyword());
        set(message, SmtpServerConstants.RET, envelope.ret());
        set(message, SmtpServerConstants.ENVID, envelope.envid());
        write(envelope.forwardPaths(), message);
    }

    /** Writes the recipients of an envelope, which replace those that are there. */
    public static void write(List<Recipient> forwardPaths, Message message) {
        message.removeHeader(SmtpServerConstants.FORWARD_PATHS);
        of(forwardPaths).forEach(message::setHeader);
    }

    /** The headers for recipients. */
    public static Map<String, Object> of(List<Recipient> forwardPaths) {
        Map<String, Object> headers = new HashMap<>();
        headers.put(SmtpServerConstants.RECIPIENTS, Recipient.addresses(forwardPaths));
        if (Recipient.anyHasDsnParameters(forwardPaths)) {
            headers.put(SmtpServerConstants.FORWARD_PATHS, List.copyOf(forwardPaths));
        }
        return headers;
    }

    private static void set(Message message, String header, @Nullable Object value) {
        if (value == null) {
            message.removeHeader(header);
        } else {
            message.setHeader(header, value);
        }
    }

    /** Whether the message's headers have an envelope: for who does not need it, which may have thousands of recipients. */
    public static boolean areIn(Message message) {
        return message.getHeader(SmtpServerConstants.REVERSE_PATH, String.class) != null
                && message.getHeader(SmtpServerConstants.RECIPIENTS, List.class) != null;
    }

    /** The envelope in the message's headers; empty when it has none, because it did not come from an smtp-server. */
    public static Optional<Envelope> read(Message message) {
        String reversePath = message.getHeader(SmtpServerConstants.REVERSE_PATH, String.class);
        List<?> recipients = message.getHeader(SmtpServerConstants.RECIPIENTS, List.class);
        if (!areIn(message)) {
            return Optional.empty();
        }
        String body = message.getHeader(SmtpServerConstants.BODY_TYPE, String.class);
        return Optional.of(new Envelope(
                reversePath,
                body == null ? null : BodyType.of(body).orElse(null),
                message.getHeader(SmtpServerConstants.SMTPUTF8, false, Boolean.class),
                message.getHeader(SmtpServerConstants.RET, String.class),
                message.getHeader(SmtpServerConstants.ENVID, String.class),
                forwardPaths(recipients, message.getHeader(SmtpServerConstants.FORWARD_PATHS, List.of(), List.class))));
    }

    /** The recipients a route left, each with what was said of it; the route may have taken some away, or added others. */
    private static List<Recipient> forwardPaths(List<?> addresses, List<?> said) {
        Map<String, Deque<Recipient>> left = new HashMap<>();
        for (Object one : said) {
            if (one instanceof Recipient recipient) {
                left.computeIfAbsent(recipient.address(), address -> new ArrayDeque<>()).add(recipient);
            }
        }
        List<Recipient> forwardPaths = new ArrayList<>(addresses.size());
        for (Object one : addresses) {
            String address = String.valueOf(one);
            Deque<Recipient> same = left.get(address);
            forwardPaths.add(same == null || same.isEmpty() ? new Recipient(address) : same.poll());
        }
        return forwardPaths;
    }
}
