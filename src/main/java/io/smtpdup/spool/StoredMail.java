package io.smtpdup.spool;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.LinkedHashMap;
import java.util.Map;

import io.netty.buffer.ByteBuf;
import io.smtpdup.message.CheckedContent;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.utils.UUIDGenerator;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;
import org.apache.camel.converter.stream.InputStreamCache;

/**
 * A mail in the form in which it lies in a queue or in the overflow: a bytes message, or a pair of files. The body is the list
 * of recipients and then the mail's octets, because there may be ten thousand of them, and the journal has no room for so
 * much in a property.
 *
 * <p>A damaged one is kept as it was found, so that nothing of it is lost and nobody takes it for a whole mail.
 *
 * @param properties those of {@link MailProperties}, and of a damaged one all that may be written again
 * @param recipients as many octets of the body as there are, or should be, of the list of recipients
 * @param content the other octets, or what is left of them; gone with the exchange they are of
 */
record StoredMail(Map<String, Object> properties, byte[] recipients, StreamCache content) {

    /** Where an exchange has a damaged mail as it was found. */
    static final String FOUND = "smtpdup.spool.damaged";

    /** Octets of a message besides its body and its properties, at most. */
    private static final int HEADER = 400;

    /** Of each property, besides its name and its text. */
    private static final int PROPERTY = 20;

    /**
     * Of a mail that is not stored yet, or of one that was and goes elsewhere.
     *
     * @param mail with the headers of an envelope, or with {@link CopyConstants#DAMAGE}
     * @throws IOException when the content cannot be read
     */
    static StoredMail of(Message mail) throws IOException {
        String damage = mail.getHeader(CopyConstants.DAMAGE, String.class);
        if (damage != null) {
            StoredMail found = mail.getExchange().getProperty(FOUND, StoredMail.class);
            return (found == null ? new StoredMail(Map.of(), new byte[0], contentOf(mail)) : found)
                    .damaged(damage, MailCodec.due(mail));
        }
        Envelope envelope = EnvelopeHeaders.read(mail).orElseThrow(() -> new IOException("it is no mail, and the spool keeps nothing else"));
        byte[] recipients = MailCodec.recipients(envelope);
        CheckedContent content = contentOf(mail);
        return new StoredMail(MailCodec.of(mail, envelope, recipients, content), recipients, content);
    }

    /** A reader of its own: the other queues' threads read the same body at the same time. */
    private static CheckedContent contentOf(Message mail) throws IOException {
        if (mail.getBody() instanceof StreamCache shared && shared instanceof InputStream) {
            return CheckedContent.of(shared.copy(mail.getExchange()));
        }
        byte[] octets = mail.getBody(byte[].class);
        if (octets == null) {
            throw new IOException("the exchange has no message body");
        }
        return CheckedContent.of(new InputStreamCache(octets));
    }

    /**
     * The same, set aside.
     *
     * @param due further properties, which say when it is given out; empty for at once
     */
    StoredMail damaged(String reason, Map<String, Object> due) {
        Map<String, Object> all = new LinkedHashMap<>(properties);
        all.put(MailProperties.DAMAGE, reason);
        all.putAll(due);
        content.reset();
        return new StoredMail(all, recipients, content);
    }

    /** Whether it is streamed. */
    boolean isLarge() {
        return recipients.length + content.length() >= Spool.STREAMED_FROM;
    }

    /** All that a message's body has. */
    InputStream body() {
        return new SequenceInputStream(new ByteArrayInputStream(recipients), (InputStream) content);
    }

    /** The message for it. A large one reads the content when it is sent, not before. */
    ClientMessage message(ClientSession session) throws IOException {
        ClientMessage message = session.createMessage(org.apache.activemq.artemis.api.core.Message.BYTES_TYPE, true);
        describe(message);
        if (isLarge()) {
            message.setBodyInputStream(body());
        } else {
            writeBody(message);
        }
        return message;
    }

    /** Gives a message all but its body. */
    void describe(ICoreMessage message) {
        message.setUserID((Object) UUIDGenerator.getInstance().generateUUID());
        message.setRoutingType(RoutingType.ANYCAST);
        properties.forEach(message::putObjectProperty);
    }

    /** Of one that is not large. */
    void writeBody(ICoreMessage message) throws IOException {
        ByteBuf body = message.getBodyBuffer().byteBuf();
        // What the broker makes of a buffer that is too small is twice as large.
        body.capacity(HEADER + recipients.length + (int) content.length() + propertiesSize());
        body.writeBytes(recipients);
        InputStream octets = (InputStream) content;
        int read;
        do {
            read = body.writeBytes(octets, Math.max(1, (int) (content.length() - content.position())));
        } while (read >= 0);
    }

    /** In octets; a character takes two of them. */
    private int propertiesSize() {
        int size = 0;
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            size += PROPERTY + 2 * property.getKey().length()
                    + (property.getValue() instanceof String text ? 2 * text.length() : 0);
        }
        return size;
    }
}
