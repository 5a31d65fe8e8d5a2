package io.smtpdup.spool;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.Map;
import java.util.zip.CRC32C;

import io.smtpdup.message.CheckedContent;
import io.smtpdup.message.DamagedContentException;
import io.smtpdup.message.Envelope;
import io.smtpdup.server.EnvelopeHeaders;
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
 * whose properties are those of {@link MailProperties}.
 *
 * <p>The recipients are in the body because there may be ten thousand of them, and the journal has no room for so much
 * in a property. A message of {@link Spool#STREAMED_FROM} octets or more is streamed both ways.
 *
 * @param headers the {@code CamelSmtpServer...} headers and those of {@link CopyConstants}, among them
 *     {@link CopyConstants#DAMAGE} when the copy is not whole
 * @param content the octets, or what is left of them; gone with the exchange they were read for
 */
record QueuedMail(Map<String, Object> headers, StreamCache content) {

    /** The broker's own names for a stream to send from and a stream to save to. */
    private static final String SEND_FROM = "JMS_AMQ_InputStream";

    private static final String SAVE_TO = "JMS_AMQ_SaveStream";

    private static final String STREAMED_SIZE = "_AMQ_LARGE_SIZE";

    /** Of a file that has grown, as much more than its mail's octets is kept. */
    private static final long SURPLUS = 1 << 16;

    /** Whether the message was made by {@link #write}, or is one that was set aside. */
    static boolean isIn(Message message) {
        try {
            return message instanceof BytesMessage
                    && (message.propertyExists(MailProperties.FORM) || message.propertyExists(MailProperties.DAMAGE));
        } catch (JMSException e) {
            return false;
        }
    }

    /**
     * The message for a mail. A large one reads the mail's content when it is sent, not before.
     *
     * @throws IOException when the content cannot be read
     */
    static Message write(org.apache.camel.Message mail, Session session) throws JMSException, IOException {
        Envelope envelope = EnvelopeHeaders.read(mail).orElseThrow();
        byte[] recipients = MailProperties.recipients(envelope);
        CheckedContent content = content(mail);
        return write(MailProperties.write(mail, envelope, recipients, content), recipients, content, session);
    }

    /**
     * The message of which these are the parts. A large one reads the content when it is sent, not before.
     *
     * @param content at its beginning
     */
    static Message write(Map<String, Object> properties, byte[] recipients, StreamCache content, Session session)
            throws JMSException, IOException {
        BytesMessage message = session.createBytesMessage();
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            message.setObjectProperty(property.getKey(), property.getValue());
        }
        writeBody(message, recipients, content);
        return message;
    }

    /** A reader of its own: the other queues' threads read the same body at the same time. */
    static CheckedContent content(org.apache.camel.Message mail) throws IOException {
        if (mail.getBody() instanceof StreamCache shared && shared instanceof InputStream) {
            return CheckedContent.of(shared.copy(mail.getExchange()));
        }
        byte[] octets = mail.getBody(byte[].class);
        if (octets == null) {
            throw new IOException("the exchange has no message body");
        }
        return CheckedContent.of(new InputStreamCache(octets));
    }

    private static void writeBody(BytesMessage message, byte[] recipients, StreamCache content) throws JMSException, IOException {
        if (recipients.length + content.length() >= Spool.STREAMED_FROM) {
            message.setObjectProperty(SEND_FROM, new SequenceInputStream(
                    new ByteArrayInputStream(recipients), (InputStream) content));
            return;
        }
        ByteArrayOutputStream octets = new ByteArrayOutputStream((int) content.length());
        content.writeTo(octets);
        message.writeBytes(recipients);
        message.writeBytes(octets.toByteArray());
    }

    /**
     * Reads the mail of a message, whole, and looks whether it is what was written.
     *
     * @param exchange whose end removes the content; it remembers a damaged copy for {@link DamagedMail#write}
     * @throws IOException when there is no room for it
     * @throws JMSException when the broker does not give it out
     */
    static QueuedMail read(BytesMessage message, Exchange exchange) throws JMSException, IOException {
        Map<String, Object> properties = DamagedMail.properties(message);
        Body body = body(message, properties, exchange);
        try {
            if (properties.get(MailProperties.DAMAGE) != null) {
                throw new DamagedContentException(properties.get(MailProperties.DAMAGE).toString());
            }
            StreamCache content = body.check(properties);
            return new QueuedMail(MailProperties.headers(properties, body.recipients), content);
        } catch (DamagedContentException e) {
            DamagedMail damaged = new DamagedMail(properties, body.recipients, body.content);
            return new QueuedMail(damaged.remember(exchange, e.getMessage()), body.content);
        }
    }

    /**
     * What a message's body was.
     *
     * @param content the octets behind the recipients, as many as were kept
     * @param size how many there were
     * @param checksum of all of them
     */
    private record Body(byte[] recipients, StreamCache content, long size, long checksum) {

        /** A copy that was written without a checksum is what it is. */
        StreamCache check(Map<String, Object> properties) throws DamagedContentException {
            Long written = MailProperties.number(properties, MailProperties.CHECKSUM);
            Long octets = MailProperties.number(properties, MailProperties.SIZE);
            if (written != null && octets != null && (size != octets || checksum != written)) {
                throw new DamagedContentException(size == octets
                        ? "its " + size + " octets are not those that were queued"
                        : "it has " + size + " octets and should have " + octets);
            }
            return new CheckedContent(content, size, checksum);
        }
    }

    private static Body body(BytesMessage message, Map<String, Object> properties, Exchange exchange)
            throws JMSException, IOException {
        SplitOutput split = new SplitOutput(limit(properties, MailProperties.RECIPIENTS_SIZE),
                properties.containsKey(MailProperties.CHECKSUM) ? limit(properties, MailProperties.SIZE) + SURPLUS : Long.MAX_VALUE);
        if (!message.propertyExists(STREAMED_SIZE)) {
            message.reset();
            byte[] octets = new byte[(int) message.getBodyLength()];
            message.readBytes(octets);
            ByteArrayOutputStream content = new ByteArrayOutputStream(octets.length);
            split.into(content).write(octets, 0, octets.length);
            return split.body(new InputStreamCache(content.toByteArray()));
        }
        try (CachedOutputStream cache = new CachedOutputStream(exchange)) {
            try {
                message.setObjectProperty(SAVE_TO, split.into(cache));
            } catch (JMSException e) {
                split.rethrow();
                throw e;
            }
            split.rethrow();
            cache.flush();
            return split.body(cache.newStreamCache());
        }
    }

    /** Octets of a body that are kept at most when there are more than its properties say. */
    static long most(Map<String, Object> properties) {
        return properties.containsKey(MailProperties.CHECKSUM)
                ? limit(properties, MailProperties.RECIPIENTS_SIZE) + limit(properties, MailProperties.SIZE) + SURPLUS : Long.MAX_VALUE;
    }

    private static long limit(Map<String, Object> properties, String name) {
        return properties.get(name) instanceof Number number ? Math.max(0, number.longValue()) : 0;
    }

    /** Keeps the first octets apart, passes others on, and drops what is too much. */
    private static final class SplitOutput extends FilterOutputStream {

        private final ByteArrayOutputStream head = new ByteArrayOutputStream();

        private final long headSize;

        private final CRC32C checksum = new CRC32C();

        private long size;

        private long room;

        /** Of our own disk; the broker's client would tell of it as if the message were to blame. */
        private IOException failure;

        SplitOutput(long headSize, long room) {
            super(null);
            this.headSize = headSize;
            this.room = room;
        }

        SplitOutput into(OutputStream rest) {
            out = rest;
            return this;
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] octets, int offset, int length) throws IOException {
            int mine = (int) Math.min(length, headSize - head.size());
            head.write(octets, offset, mine);
            int rest = (int) Math.min(length - mine, room);
            room -= rest;
            size += length - mine;
            checksum.update(octets, offset + mine, length - mine);
            try {
                out.write(octets, offset + mine, rest);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public void close() {
            // the cache is not the broker's to close
        }

        Body body(StreamCache kept) {
            return new Body(head.toByteArray(), kept, size, checksum.getValue());
        }

        void rethrow() throws IOException {
            if (failure != null) {
                throw failure;
            }
        }
    }
}
