package io.smtpdup.message;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * The envelope on a Camel message: one object, and beside it reverse-path and recipients by themselves, which routes read and may set.
 * It is put there once, by the listener or when a copy comes out of its queue, and who reads it gets that object; only
 * when a route has set one of the headers is another one made.
 */
public final class EnvelopeHeaders {

    private static final Envelope NOTHING_SAID = new Envelope("", null, false, List.of());

    private EnvelopeHeaders() {
    }

    /** Writes the whole envelope; what an earlier one left there, or a route, is gone. */
    public static void write(Envelope envelope, Message message) {
        if (message.hasHeaders() && FormerHeader.isAnyIn(message)) {
            FormerHeader.removeFrom(message);
        }
        of(envelope).forEach(message::setHeader);
    }

    /** The headers for an envelope. */
    public static Map<String, Object> of(Envelope envelope) {
        Map<String, Object> headers = new HashMap<>();
        headers.put(SmtpServerConstants.ENVELOPE, envelope);
        headers.put(SmtpServerConstants.REVERSE_PATH, envelope.reversePath());
        headers.put(SmtpServerConstants.RECIPIENTS, envelope.recipients());
        return headers;
    }

    /** Whether the message's headers have an envelope: for who does not need it, which may have thousands of recipients. */
    public static boolean areIn(Message message) {
        return message.getHeader(SmtpServerConstants.REVERSE_PATH, String.class) != null
                && message.getHeader(SmtpServerConstants.RECIPIENTS, List.class) != null;
    }

    /** The envelope in the message's headers; empty when it has none, because it did not come from an smtp-server. */
    public static Optional<Envelope> read(Message message) {
        if (!areIn(message)) {
            return Optional.empty();
        }
        Envelope written = message.getHeader(SmtpServerConstants.ENVELOPE) instanceof Envelope one ? one : NOTHING_SAID;
        return Optional.of(isUnchanged(written, message) ? written : changed(written, message));
    }

    private static boolean isUnchanged(Envelope written, Message message) {
        return written.reversePath().equals(message.getHeader(SmtpServerConstants.REVERSE_PATH))
                && message.getHeader(SmtpServerConstants.RECIPIENTS) instanceof List<?> recipients && written.isTo(recipients)
                && !FormerHeader.isAnyIn(message);
    }

    /** As the route has it now. */
    private static Envelope changed(Envelope written, Message message) {
        String body = text(message, FormerHeader.BODY_TYPE, written.body() == null ? null : written.body().keyword());
        return new Envelope(
                message.getHeader(SmtpServerConstants.REVERSE_PATH, String.class),
                body == null ? null : BodyType.of(body).orElse(null),
                Boolean.TRUE.equals(truth(message, FormerHeader.SMTPUTF8, written.smtpUtf8())),
                text(message, FormerHeader.RET, written.ret()),
                text(message, FormerHeader.ENVID, written.envid()),
                Envelope.chosen(message.getHeader(SmtpServerConstants.RECIPIENTS, List.class), said(written, message)),
                new Origin(
                        client(written.origin().client(), message),
                        text(message, FormerHeader.PROTOCOL, written.origin().protocol()),
                        truth(message, FormerHeader.EIGHT_BIT, written.origin().eightBit()),
                        truth(message, FormerHeader.EIGHT_BIT_HEADER, written.origin().eightBitHeader())));
    }

    private static List<?> said(Envelope written, Message message) {
        return !isSet(message, FormerHeader.FORWARD_PATHS) ? written.forwardPaths()
                : message.getHeader(FormerHeader.FORWARD_PATHS.header()) instanceof List<?> recipients ? recipients : List.of();
    }

    private static @Nullable ClientIdentity client(@Nullable ClientIdentity written, Message message) {
        Object address = isSet(message, FormerHeader.REMOTE_ADDRESS) || written == null
                ? message.getHeader(FormerHeader.REMOTE_ADDRESS.header()) : written.address();
        return !(address instanceof InetSocketAddress known) || known.getAddress() == null ? null : new ClientIdentity(
                known,
                text(message, FormerHeader.REMOTE_NAME, written == null ? null : written.name()),
                text(message, FormerHeader.HELO, written == null ? null : written.helo()),
                text(message, FormerHeader.REMOTE_PROTOCOL, written == null ? null : written.protocol()));
    }

    /** Null and the empty text take away what was said. */
    private static @Nullable String text(Message message, FormerHeader header, @Nullable String written) {
        if (!isSet(message, header)) {
            return written;
        }
        String set = message.getHeader(header.header(), String.class);
        return set == null || set.isEmpty() ? null : set;
    }

    private static @Nullable Boolean truth(Message message, FormerHeader header, @Nullable Boolean written) {
        return isSet(message, header) ? message.getHeader(header.header(), Boolean.class) : written;
    }

    private static boolean isSet(Message message, FormerHeader header) {
        return message.getHeaders().containsKey(header.header());
    }
}
