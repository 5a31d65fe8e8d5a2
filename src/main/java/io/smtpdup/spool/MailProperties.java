package io.smtpdup.spool;

import java.util.LinkedHashMap;
import java.util.Map;

import io.smtpdup.message.DamagedContentException;
import org.apache.activemq.artemis.api.core.SimpleString;

/**
 * What lies in a queue beside a mail's recipients and octets: the rest of the envelope, what is known about the mail, and what
 * tells whether all of it is still as it was written. Texts, numbers and truths by name, for a message or a file alike; {@link MailCodec}
 * writes and reads them.
 */
final class MailProperties {

    private static final String PREFIX = "smtpdup_";

    /** The version of this form. A relay that meets a later one sets the copy aside. */
    static final String FORM = PREFIX + "form";

    /** Octets of the list of recipients at the beginning of the body. */
    static final String RECIPIENTS_SIZE = PREFIX + "recipients_size";

    static final String CLIENT_ADDRESS = PREFIX + "client_address";

    static final String CLIENT_PORT = PREFIX + "client_port";

    static final String ID = PREFIX + "id";

    static final String REVERSE_PATH = PREFIX + "reverse_path";

    static final String BODY_TYPE = PREFIX + "body_type";

    static final String RET = PREFIX + "ret";

    static final String ENVID = PREFIX + "envid";

    static final String SMTPUTF8 = PREFIX + "smtputf8";

    static final String PROTOCOL = PREFIX + "protocol";

    static final String EIGHT_BIT = PREFIX + "eight_bit";

    static final String EIGHT_BIT_HEADER = PREFIX + "eight_bit_header";

    static final String CLIENT_NAME = PREFIX + "client_name";

    static final String CLIENT_PROTOCOL = PREFIX + "client_protocol";

    static final String HELO = PREFIX + "helo";

    /** Octets of the mail, without the recipients in front. */
    static final String SIZE = PREFIX + "size";

    /** CRC32C of the mail's octets; not there when a relay up to 0.1.0 has written the copy. */
    static final String CHECKSUM = PREFIX + "checksum";

    /** CRC32C of the envelope and the id. */
    static final String ENVELOPE_CHECKSUM = PREFIX + "envelope_checksum";

    /** When the client heard 250, in milliseconds since 1970. */
    static final String ACCEPTED_AT = PREFIX + "accepted_at";

    static final String ATTEMPTS = PREFIX + "attempts";

    static final String LAST_ATTEMPT_AT = PREFIX + "last_attempt_at";

    static final String LAST_REPLY = PREFIX + "last_reply";

    static final String UNKNOWN = PREFIX + "unknown";

    static final String FIRST_ATTEMPT_AT = PREFIX + "first_attempt_at";

    static final String DEFERRAL = PREFIX + "deferral";

    /** What the primary said to the final dot, as in the dialogue; not there when it said nothing about some of these recipients. */
    static final String PRIMARY_REPLY = PREFIX + "primary_reply";

    static final String PRIMARY_SERVER = PREFIX + "primary_server";

    /** In milliseconds. */
    static final String PRIMARY_TOOK = PREFIX + "primary_took";

    static final String DEAD_AT = PREFIX + "dead_at";

    /** When the queue shall give the copy out, by our clock; the broker's own is set at the risk of anybody. */
    static final String WANTED_AT = PREFIX + "due_at";

    /** What is wrong with a copy that was set aside; its body is what was left of it. */
    static final String DAMAGE = PREFIX + "damage";

    /** For who looks for a copy: the first recipients, with line feeds between. The body has all of them. */
    static final String FIRST_RECIPIENTS = PREFIX + "recipients";

    static final String RECIPIENT_COUNT = PREFIX + "recipient_count";

    static final String STUCK = PREFIX + "stuck";

    /** The broker's own name for the time at which a queue gives a message out. */
    static final String DUE_AT = "_AMQ_SCHED_DELIVERY";

    private MailProperties() {
    }

    /** The properties of a message, without those that the broker, or its JMS, makes itself. */
    static Map<String, Object> of(org.apache.activemq.artemis.api.core.Message message) {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (SimpleString property : message.getPropertyNames()) {
            String name = property.toString();
            Object value = name.startsWith("JMS") || name.startsWith("_") ? null : message.getObjectProperty(property);
            if (value != null) {
                properties.put(name, value instanceof SimpleString ? value.toString() : value);
            }
        }
        return properties;
    }

    /** A text, whatever it was written as; null when it is not there. */
    static String text(Map<String, Object> properties, String name) {
        Object value = properties.get(name);
        return value == null ? null : value.toString();
    }

    /**
     * A number; null when it is not there.
     *
     * @throws DamagedContentException when it is none
     */
    static Long number(Map<String, Object> properties, String name) throws DamagedContentException {
        Object value = properties.get(name);
        if (value != null && !(value instanceof Number)) {
            throw new DamagedContentException(name + " is no number");
        }
        return value == null ? null : ((Number) value).longValue();
    }
}
