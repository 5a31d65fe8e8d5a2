package io.smtpdup.spool;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

import io.smtpdup.message.CheckedContent;
import io.smtpdup.message.DamagedContentException;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.SteadyClock;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.camel.Message;

/**
 * What lies in a queue beside a mail's recipients and octets: the rest of the envelope, what is known about the mail, and what
 * tells whether all of it is still as it was written. Texts, numbers and truths by name, for a message or a file alike.
 */
final class MailProperties {

    private static final String PREFIX = "smtpdup_";

    /** The version of this form. A relay that meets a later one sets the copy aside. */
    static final String FORM = PREFIX + "form";

    private static final int PLAIN_FORM = 1;

    /** With RET, ENVID, NOTIFY or ORCPT (RFC 3461), which a relay that does not know them must not lose. */
    private static final int DSN_FORM = 2;

    /** Octets of the list of recipients at the beginning of the body. */
    static final String RECIPIENTS_SIZE = PREFIX + "recipients_size";

    private static final String CLIENT_ADDRESS = PREFIX + "client_address";

    private static final String CLIENT_PORT = PREFIX + "client_port";

    static final String ID = PREFIX + "id";

    static final String REVERSE_PATH = PREFIX + "reverse_path";

    private static final Map<String, String> TEXTS = Map.of(
            SmtpServerConstants.ID, ID,
            SmtpServerConstants.REVERSE_PATH, REVERSE_PATH,
            SmtpServerConstants.BODY_TYPE, PREFIX + "body_type",
            SmtpServerConstants.RET, PREFIX + "ret",
            SmtpServerConstants.ENVID, PREFIX + "envid",
            SmtpServerConstants.REMOTE_NAME, PREFIX + "client_name",
            SmtpServerConstants.REMOTE_PROTOCOL, PREFIX + "client_protocol",
            SmtpServerConstants.HELO, PREFIX + "helo",
            SmtpServerConstants.PROTOCOL, PREFIX + "protocol",
            CopyConstants.STUCK, PREFIX + "stuck");

    private static final Map<String, String> FLAGS = Map.of(
            SmtpServerConstants.SMTPUTF8, PREFIX + "smtputf8",
            SmtpServerConstants.EIGHT_BIT, PREFIX + "eight_bit",
            SmtpServerConstants.EIGHT_BIT_HEADER, PREFIX + "eight_bit_header");

    /** Octets of the mail, without the recipients in front. */
    static final String SIZE = PREFIX + "size";

    /** CRC32C of the mail's octets; not there when a relay up to 0.1.0 has written the copy. */
    static final String CHECKSUM = PREFIX + "checksum";

    /** CRC32C of the envelope and the id. */
    static final String ENVELOPE_CHECKSUM = PREFIX + "envelope_checksum";

    /** What the envelope's checksum is of, besides the recipients. A change here needs another {@link #FORM}. */
    private static final List<String> ENVELOPE = List.of(
            SmtpServerConstants.ID, SmtpServerConstants.REVERSE_PATH, SmtpServerConstants.BODY_TYPE,
            SmtpServerConstants.RET, SmtpServerConstants.ENVID, SmtpServerConstants.SMTPUTF8);

    /** When the client heard 250, in milliseconds since 1970. */
    static final String ACCEPTED_AT = PREFIX + "accepted_at";

    static final String ATTEMPTS = PREFIX + "attempts";

    static final String LAST_ATTEMPT_AT = PREFIX + "last_attempt_at";

    static final String LAST_REPLY = PREFIX + "last_reply";

    static final String UNKNOWN = PREFIX + "unknown";

    static final String DEAD_AT = PREFIX + "dead_at";

    /** When the queue shall give the copy out, by our clock; the broker's own is set at the risk of anybody. */
    static final String WANTED_AT = PREFIX + "due_at";

    /** What is wrong with a copy that was set aside; its body is what was left of it. */
    static final String DAMAGE = PREFIX + "damage";

    /** For who looks for a copy: the first recipients, with line feeds between. The body has all of them. */
    static final String FIRST_RECIPIENTS = PREFIX + "recipients";

    static final String RECIPIENT_COUNT = PREFIX + "recipient_count";

    private static final int FIRST_RECIPIENTS_LENGTH = 8192;

    /** The broker's own name for the time at which a queue gives a message out. */
    static final String DUE_AT = "_AMQ_SCHED_DELIVERY";

    /** A reply that fills pages would not fit into a journal's record with all the others. */
    private static final int REPLY_LENGTH = 4096;

    /** An address that no name server is asked for. */
    private static final Pattern LITERAL = Pattern.compile("[0-9a-fA-F.:]+");

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

    /** The list of recipients, as it lies in front of the octets. */
    static byte[] recipients(Envelope envelope) throws IOException {
        return RecipientList.write(envelope.forwardPaths(), envelope.hasDsnParameters());
    }

    /**
     * The properties of a mail.
     *
     * @param recipients as {@link #recipients} makes them
     */
    static Map<String, Object> of(Message mail, Envelope envelope, byte[] recipients, CheckedContent content) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put(FORM, envelope.hasDsnParameters() ? DSN_FORM : PLAIN_FORM);
        TEXTS.forEach((header, name) -> put(properties, name, mail.getHeader(header, String.class)));
        FLAGS.forEach((header, name) -> put(properties, name, mail.getHeader(header, Boolean.class)));
        properties.put(SIZE, content.length());
        properties.put(CHECKSUM, content.checksum());
        properties.put(FIRST_RECIPIENTS, firstOf(envelope.recipients()));
        properties.put(RECIPIENT_COUNT, envelope.recipients().size());
        properties.put(RECIPIENTS_SIZE, recipients.length);
        properties.put(ENVELOPE_CHECKSUM, checksum(properties, recipients));
        properties.put(ACCEPTED_AT, mail.getHeader(CopyConstants.ACCEPTED_AT, SteadyClock.system().millis(), Long.class));
        properties.put(ATTEMPTS, mail.getHeader(CopyConstants.ATTEMPTS, 0, Integer.class));
        put(properties, LAST_ATTEMPT_AT, mail.getHeader(CopyConstants.LAST_ATTEMPT_AT, Long.class));
        put(properties, DEAD_AT, mail.getHeader(CopyConstants.DEAD_AT, Long.class));
        put(properties, UNKNOWN, mail.getHeader(CopyConstants.UNKNOWN, Long.class));
        properties.putAll(due(mail));
        String reply = mail.getHeader(CopyConstants.LAST_REPLY, String.class);
        put(properties, LAST_REPLY, reply == null ? null : reply.substring(0, Math.min(REPLY_LENGTH, reply.length())));
        if (mail.getHeader(SmtpServerConstants.REMOTE_ADDRESS) instanceof InetSocketAddress client
                && client.getAddress() != null) {
            properties.put(CLIENT_ADDRESS, client.getAddress().getHostAddress());
            properties.put(CLIENT_PORT, client.getPort());
        }
        return properties;
    }

    /** When the queue gives it out, if not at once. */
    static Map<String, Object> due(Message mail) {
        Long due = mail.getHeader(CopyConstants.DUE_AT, Long.class);
        return due == null ? Map.of() : Map.of(WANTED_AT, due, DUE_AT, due + SteadyClock.system().step().toMillis());
    }

    private static void put(Map<String, Object> properties, String name, Object value) {
        if (value != null) {
            properties.put(name, value);
        }
    }

    private static String firstOf(List<String> recipients) {
        StringBuilder text = new StringBuilder();
        for (String recipient : recipients) {
            if (text.length() + recipient.length() >= FIRST_RECIPIENTS_LENGTH) {
                break;
            }
            text.append(text.isEmpty() ? "" : "\n").append(recipient);
        }
        return text.toString();
    }

    /**
     * The {@code CamelSmtpServer...} headers and those of {@link CopyConstants}.
     *
     * @throws DamagedContentException when something is missing, or not what was written
     */
    static Map<String, Object> headers(Map<String, Object> properties, byte[] recipients) throws DamagedContentException {
        Long form = number(properties, FORM);
        if (form == null || form != PLAIN_FORM && form != DSN_FORM) {
            throw new DamagedContentException(form == null || form < PLAIN_FORM ? "it was not queued by a relay"
                    : "it was written by a later version of this program");
        }
        Long checksum = number(properties, ENVELOPE_CHECKSUM);
        if (checksum != null && checksum != checksum(properties, recipients)) {
            throw new DamagedContentException("its envelope is not the one that was queued");
        }
        if (!properties.containsKey(REVERSE_PATH)) {
            throw new DamagedContentException("it has no reverse-path");
        }
        try {
            Map<String, Object> headers = EnvelopeHeaders.of(RecipientList.read(recipients, form == DSN_FORM));
            readInto(headers, properties);
            return headers;
        } catch (IOException e) {
            throw new DamagedContentException("its envelope cannot be read: " + e.getMessage());
        }
    }

    /** As {@link #headers}, as far as they can be told of a copy that is damaged. */
    static Map<String, Object> headersLeft(Map<String, Object> properties) {
        String known = String.valueOf(properties.getOrDefault(FIRST_RECIPIENTS, ""));
        Map<String, Object> headers = EnvelopeHeaders.of(List.of());
        headers.put(SmtpServerConstants.RECIPIENTS, known.isEmpty() ? List.of()
                : List.of(known.replaceAll("[\\p{Cntrl}&&[^\n]]", " ").split("\n")));
        headers.put(SmtpServerConstants.REVERSE_PATH, "");
        for (String property : properties.keySet()) {
            try {
                readInto(headers, Map.of(property, properties.get(property)));
            } catch (IOException e) {
                // this one tells nothing
            }
        }
        plain(headers);
        return headers;
    }

    private static void readInto(Map<String, Object> headers, Map<String, Object> properties) throws IOException {
        for (Map.Entry<String, String> text : TEXTS.entrySet()) {
            put(headers, text.getKey(), text(properties, text.getValue()));
        }
        for (Map.Entry<String, String> flag : FLAGS.entrySet()) {
            String value = text(properties, flag.getValue());
            put(headers, flag.getKey(), value == null ? null : Boolean.valueOf(value));
        }
        put(headers, SmtpServerConstants.SIZE, number(properties, SIZE));
        put(headers, CopyConstants.ACCEPTED_AT, number(properties, ACCEPTED_AT));
        put(headers, CopyConstants.LAST_ATTEMPT_AT, number(properties, LAST_ATTEMPT_AT));
        put(headers, CopyConstants.DEAD_AT, number(properties, DEAD_AT));
        put(headers, CopyConstants.UNKNOWN, number(properties, UNKNOWN));
        Long attempts = number(properties, ATTEMPTS);
        put(headers, CopyConstants.ATTEMPTS, attempts == null ? null : attempts.intValue());
        put(headers, CopyConstants.LAST_REPLY, text(properties, LAST_REPLY));
        String client = text(properties, CLIENT_ADDRESS);
        Long port = number(properties, CLIENT_PORT);
        if (client != null && port != null) {
            headers.put(SmtpServerConstants.REMOTE_ADDRESS, client(client, port));
        }
    }

    /** The scope of a link-local address names an interface, which may be gone by now. */
    private static InetSocketAddress client(String address, long port) throws IOException {
        int scope = address.indexOf('%');
        String literal = scope < 0 ? address : address.substring(0, scope);
        if (!LITERAL.matcher(literal).matches() || port < 0 || port > 65535) {
            throw new IOException("the client's address");
        }
        return new InetSocketAddress(InetAddress.getByName(literal), (int) port);
    }

    private static String text(Map<String, Object> properties, String name) {
        Object value = properties.get(name);
        return value == null ? null : value.toString();
    }

    /** Of what somebody else may have written nothing shall begin a line of its own, in a log or a file. */
    private static void plain(Map<String, Object> headers) {
        headers.replaceAll((name, value) -> value instanceof String text ? text.replaceAll("\\p{Cntrl}", " ") : value);
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

    private static long checksum(Map<String, Object> properties, byte[] recipients) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(octets)) {
            for (String header : ENVELOPE) {
                String value = text(properties, TEXTS.getOrDefault(header, FLAGS.get(header)));
                byte[] text = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
                out.writeInt(value == null ? -1 : text.length);
                out.write(text);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        CRC32C checksum = new CRC32C();
        checksum.update(octets.toByteArray());
        checksum.update(recipients);
        return checksum.getValue();
    }
}
