package io.smtpdup.spool;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.SteadyClock;
import io.smtpdup.server.EnvelopeHeaders;
import io.smtpdup.server.SmtpServerConstants;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.apache.camel.converter.stream.CachedOutputStream;
import org.apache.camel.converter.stream.InputStreamCache;

/**
 * A mail as it lies in a queue: a bytes message whose body is the list of recipients and then the mail's octets, and
 * whose properties are the rest of the envelope and what is known about the mail.
 *
 * <p>The recipients are in the body because there may be ten thousand of them, and the journal has no room for so much
 * in a property. A message of {@link Spool#STREAMED_FROM} octets or more is streamed both ways.
 *
 * @param headers the {@code CamelSmtpServer...} headers and those of {@link CopyConstants}
 * @param content the octets; gone with the exchange they were read for
 */
record QueuedMail(Map<String, Object> headers, StreamCache content) {

    private static final String PREFIX = "smtpdup_";

    /** The version of this form. A relay that meets a later one leaves the mail where it is. */
    private static final String FORM = PREFIX + "form";

    private static final int PLAIN_FORM = 1;

    /** With RET, ENVID, NOTIFY or ORCPT (RFC 3461), which a relay that does not know them must not lose. */
    private static final int DSN_FORM = 2;

    /** Octets of the list of recipients at the beginning of the body. */
    private static final String RECIPIENTS_SIZE = PREFIX + "recipients_size";

    private static final String CLIENT_ADDRESS = PREFIX + "client_address";

    private static final String CLIENT_PORT = PREFIX + "client_port";

    /** The broker's own names for a stream to send from and a stream to save to. */
    private static final String SEND_FROM = "JMS_AMQ_InputStream";

    private static final String SAVE_TO = "JMS_AMQ_SaveStream";

    private static final String STREAMED_SIZE = "_AMQ_LARGE_SIZE";

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
            SmtpServerConstants.PROTOCOL, PREFIX + "protocol");

    private static final Map<String, String> FLAGS = Map.of(
            SmtpServerConstants.SMTPUTF8, PREFIX + "smtputf8",
            SmtpServerConstants.EIGHT_BIT, PREFIX + "eight_bit",
            SmtpServerConstants.EIGHT_BIT_HEADER, PREFIX + "eight_bit_header");

    static final String SIZE = PREFIX + "size";

    /** When the client heard 250, in milliseconds since 1970. */
    static final String ACCEPTED_AT = PREFIX + "accepted_at";

    static final String ATTEMPTS = PREFIX + "attempts";

    static final String LAST_ATTEMPT_AT = PREFIX + "last_attempt_at";

    static final String LAST_REPLY = PREFIX + "last_reply";

    static final String UNKNOWN = PREFIX + "unknown";

    static final String DEAD_AT = PREFIX + "dead_at";

    /** When the queue shall give the copy out, by our clock; the broker's own is set at the risk of anybody. */
    static final String WANTED_AT = PREFIX + "due_at";

    /** For who looks for a copy: the first recipients, with line feeds between. The body has all of them. */
    static final String FIRST_RECIPIENTS = PREFIX + "recipients";

    static final String RECIPIENT_COUNT = PREFIX + "recipient_count";

    private static final int FIRST_RECIPIENTS_LENGTH = 8192;

    /** The broker's own name for the time at which a queue gives a message out. */
    static final String DUE_AT = "_AMQ_SCHED_DELIVERY";

    /** A reply that fills pages would not fit into a journal's record with all the others. */
    private static final int REPLY_LENGTH = 4096;

    /** Whether the message was made by {@link #write}. */
    static boolean isIn(Message message) {
        try {
            return message instanceof BytesMessage && message.propertyExists(FORM);
        } catch (JMSException e) {
            return false;
        }
    }

    /** Whether a property is about how the mail is stored, by us or by the broker: it must not get into another message. */
    static boolean isOfStorage(String property) {
        return property.startsWith(PREFIX) || property.startsWith("_AMQ_");
    }

    /**
     * The message for a mail. A large one reads the mail's content when it is sent, not before.
     *
     * @throws IOException when the content cannot be read
     */
    static Message write(org.apache.camel.Message mail, Session session) throws JMSException, IOException {
        BytesMessage message = session.createBytesMessage();
        Envelope envelope = EnvelopeHeaders.read(mail).orElseThrow();
        boolean dsn = envelope.hasDsnParameters();
        message.setIntProperty(FORM, dsn ? DSN_FORM : PLAIN_FORM);
        for (Map.Entry<String, String> text : TEXTS.entrySet()) {
            String value = mail.getHeader(text.getKey(), String.class);
            if (value != null) {
                message.setStringProperty(text.getValue(), value);
            }
        }
        for (Map.Entry<String, String> flag : FLAGS.entrySet()) {
            Boolean value = mail.getHeader(flag.getKey(), Boolean.class);
            if (value != null) {
                message.setBooleanProperty(flag.getValue(), value);
            }
        }
        writeNumber(mail, SmtpServerConstants.SIZE, message, SIZE);
        writeHistory(mail, message);
        if (mail.getHeader(SmtpServerConstants.REMOTE_ADDRESS) instanceof InetSocketAddress client
                && client.getAddress() != null) {
            message.setStringProperty(CLIENT_ADDRESS, client.getAddress().getHostAddress());
            message.setIntProperty(CLIENT_PORT, client.getPort());
        }
        message.setStringProperty(FIRST_RECIPIENTS, firstOf(envelope.recipients()));
        message.setIntProperty(RECIPIENT_COUNT, envelope.recipients().size());
        byte[] recipients = RecipientList.write(envelope.forwardPaths(), dsn);
        message.setIntProperty(RECIPIENTS_SIZE, recipients.length);
        writeBody(message, recipients, mail);
        return message;
    }

    private static void writeHistory(org.apache.camel.Message mail, Message message) throws JMSException {
        message.setLongProperty(ACCEPTED_AT,
                mail.getHeader(CopyConstants.ACCEPTED_AT, SteadyClock.system().millis(), Long.class));
        message.setIntProperty(ATTEMPTS, mail.getHeader(CopyConstants.ATTEMPTS, 0, Integer.class));
        writeNumber(mail, CopyConstants.LAST_ATTEMPT_AT, message, LAST_ATTEMPT_AT);
        writeNumber(mail, CopyConstants.DEAD_AT, message, DEAD_AT);
        writeNumber(mail, CopyConstants.UNKNOWN, message, UNKNOWN);
        Long due = mail.getHeader(CopyConstants.DUE_AT, Long.class);
        if (due != null) {
            message.setLongProperty(WANTED_AT, due);
            message.setLongProperty(DUE_AT, due + SteadyClock.system().step().toMillis());
        }
        String reply = mail.getHeader(CopyConstants.LAST_REPLY, String.class);
        if (reply != null) {
            message.setStringProperty(LAST_REPLY, reply.substring(0, Math.min(REPLY_LENGTH, reply.length())));
        }
    }

    private static void writeNumber(org.apache.camel.Message mail, String header, Message message, String property)
            throws JMSException {
        Long value = mail.getHeader(header, Long.class);
        if (value != null) {
            message.setLongProperty(property, value);
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

    private static void writeBody(BytesMessage message, byte[] recipients, org.apache.camel.Message mail)
            throws JMSException, IOException {
        if (mail.getBody() instanceof StreamCache shared && shared instanceof InputStream) {
            // Not the body itself: the other queues' threads read the same one at the same time.
            StreamCache content = shared.copy(mail.getExchange());
            if (recipients.length + content.length() >= Spool.STREAMED_FROM) {
                message.setObjectProperty(SEND_FROM, new SequenceInputStream(
                        new ByteArrayInputStream(recipients), (InputStream) content));
                return;
            }
            ByteArrayOutputStream octets = new ByteArrayOutputStream((int) content.length());
            content.writeTo(octets);
            write(message, recipients, octets.toByteArray());
            return;
        }
        byte[] octets = mail.getBody(byte[].class);
        if (octets == null) {
            throw new IOException("the exchange has no message body");
        }
        write(message, recipients, octets);
    }

    private static void write(BytesMessage message, byte[] recipients, byte[] content) throws JMSException {
        message.writeBytes(recipients);
        message.writeBytes(content);
    }

    /**
     * Reads the mail of a message, whole.
     *
     * @param exchange whose end removes the content
     * @throws IOException when there is no room for it, or the message is damaged
     */
    static QueuedMail read(BytesMessage message, Exchange exchange) throws JMSException, IOException {
        int form = message.getIntProperty(FORM);
        if (form != PLAIN_FORM && form != DSN_FORM) {
            throw new IOException("a later version of this program has written it");
        }
        byte[] recipients = new byte[message.getIntProperty(RECIPIENTS_SIZE)];
        StreamCache content;
        if (message.propertyExists(STREAMED_SIZE)) {
            try (CachedOutputStream cache = new CachedOutputStream(exchange)) {
                SplitOutput split = new SplitOutput(recipients, cache);
                message.setObjectProperty(SAVE_TO, split);
                split.finish();
                content = cache.newStreamCache();
            }
        } else {
            message.reset();
            content = new InputStreamCache(readAfter(recipients, message));
        }
        return new QueuedMail(headers(message, RecipientList.read(recipients, form == DSN_FORM)), content);
    }

    private static byte[] readAfter(byte[] recipients, BytesMessage message) throws JMSException, IOException {
        byte[] body = new byte[(int) message.getBodyLength()];
        message.readBytes(body);
        if (body.length < recipients.length) {
            throw new IOException("it is shorter than it should be");
        }
        System.arraycopy(body, 0, recipients, 0, recipients.length);
        return Arrays.copyOfRange(body, recipients.length, body.length);
    }

    private static Map<String, Object> headers(Message message, List<Recipient> recipients)
            throws JMSException, IOException {
        Map<String, Object> headers = EnvelopeHeaders.of(recipients);
        for (Map.Entry<String, String> text : TEXTS.entrySet()) {
            if (message.propertyExists(text.getValue())) {
                headers.put(text.getKey(), message.getStringProperty(text.getValue()));
            }
        }
        for (Map.Entry<String, String> flag : FLAGS.entrySet()) {
            if (message.propertyExists(flag.getValue())) {
                headers.put(flag.getKey(), message.getBooleanProperty(flag.getValue()));
            }
        }
        readNumber(message, SIZE, headers, SmtpServerConstants.SIZE);
        readNumber(message, ACCEPTED_AT, headers, CopyConstants.ACCEPTED_AT);
        readNumber(message, LAST_ATTEMPT_AT, headers, CopyConstants.LAST_ATTEMPT_AT);
        readNumber(message, DEAD_AT, headers, CopyConstants.DEAD_AT);
        if (message.propertyExists(ATTEMPTS)) {
            headers.put(CopyConstants.ATTEMPTS, message.getIntProperty(ATTEMPTS));
        }
        readNumber(message, UNKNOWN, headers, CopyConstants.UNKNOWN);
        if (message.propertyExists(LAST_REPLY)) {
            headers.put(CopyConstants.LAST_REPLY, message.getStringProperty(LAST_REPLY));
        }
        if (message.propertyExists(CLIENT_ADDRESS)) {
            headers.put(SmtpServerConstants.REMOTE_ADDRESS, new InetSocketAddress(
                    InetAddress.getByName(withoutScope(message.getStringProperty(CLIENT_ADDRESS))),
                    message.getIntProperty(CLIENT_PORT)));
        }
        return headers;
    }

    private static void readNumber(Message message, String property, Map<String, Object> headers, String header)
            throws JMSException {
        if (message.propertyExists(property)) {
            headers.put(header, message.getLongProperty(property));
        }
    }

    /** The scope of a link-local address names an interface, which may be gone by now. */
    private static String withoutScope(String address) {
        int scope = address.indexOf('%');
        return scope < 0 ? address : address.substring(0, scope);
    }

    /** Fills an array with the first octets and passes the others on. */
    private static final class SplitOutput extends FilterOutputStream {

        private final byte[] head;

        private int filled;

        SplitOutput(byte[] head, OutputStream rest) {
            super(rest);
            this.head = head;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] octets, int offset, int length) throws IOException {
            int mine = Math.min(length, head.length - filled);
            System.arraycopy(octets, offset, head, filled, mine);
            filled += mine;
            if (mine < length) {
                out.write(octets, offset + mine, length - mine);
            }
        }

        @Override
        public void close() {
            // the cache is not the broker's to close
        }

        void finish() throws IOException {
            if (filled < head.length) {
                throw new IOException("it is shorter than it should be");
            }
            out.flush();
        }
    }
}
