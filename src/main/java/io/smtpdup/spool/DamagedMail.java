package io.smtpdup.spool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.apache.camel.component.jms.JmsMessage;
import org.apache.camel.converter.stream.InputStreamCache;

/**
 * A message out of a queue that is not, or is not any more, the mail that a relay has queued, as it was found. It is set aside
 * in this very form, so that nothing of it is lost, nobody takes it for a whole mail, and nobody waits behind it.
 *
 * @param properties all that we may write again
 * @param recipients the first octets of the body, as many as there should be of the list of recipients
 * @param rest of the body; gone with its exchange
 */
record DamagedMail(Map<String, Object> properties, byte[] recipients, StreamCache rest) {

    /** Where an exchange has it. */
    private static final String FOUND = "smtpdup.spool.damaged";

    /** The properties of a message, without those that the broker makes itself. */
    static Map<String, Object> properties(Message message) throws JMSException {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Object name : Collections.list(message.getPropertyNames())) {
            String property = name.toString();
            if (!property.startsWith("JMS") && !property.startsWith("_") && message.getObjectProperty(property) != null) {
                properties.put(property, message.getObjectProperty(property));
            }
        }
        return properties;
    }

    /** Has the exchange know it, and returns the headers that can still be told, {@link CopyConstants#DAMAGE} among them. */
    Map<String, Object> remember(Exchange exchange, String reason) {
        exchange.setProperty(FOUND, this);
        Map<String, Object> headers = MailProperties.headersLeft(properties);
        headers.put(CopyConstants.DAMAGE, reason);
        return headers;
    }

    /** The message for a copy with the header {@link CopyConstants#DAMAGE}, as it was found. */
    static Message write(org.apache.camel.Message copy, Session session) throws JMSException, IOException {
        DamagedMail found = copy.getExchange().getProperty(FOUND, DamagedMail.class);
        if (found == null) {
            found = copy instanceof JmsMessage jms && jms.getJmsMessage() != null ? foreign(jms.getJmsMessage())
                    : new DamagedMail(Map.of(), new byte[0], QueuedMail.content(copy));
        }
        return found.write(copy.getHeader(CopyConstants.DAMAGE, String.class), MailProperties.due(copy), session);
    }

    /**
     * The message for it.
     *
     * @param due further properties, which say when it is given out; empty for at once
     */
    Message write(String reason, Map<String, Object> due, Session session) throws JMSException, IOException {
        Map<String, Object> all = new LinkedHashMap<>(properties);
        all.put(MailProperties.DAMAGE, reason);
        all.putAll(due);
        rest.reset();
        return QueuedMail.write(all, recipients, rest, session);
    }

    /** What another program has put into a queue of ours. */
    private static DamagedMail foreign(Message message) throws JMSException {
        Map<String, Object> properties = properties(message);
        properties.putIfAbsent(MailProperties.ID, String.valueOf(message.getJMSMessageID()));
        properties.put(MailProperties.SIZE, (long) body(message).length);
        return new DamagedMail(properties, new byte[0], new InputStreamCache(body(message)));
    }

    /** Of what even the properties cannot be told. */
    static DamagedMail unreadable(Message message, RuntimeException why) {
        Map<String, Object> properties = new LinkedHashMap<>();
        byte[] body = new byte[0];
        try {
            properties.put(MailProperties.ID, String.valueOf(message.getJMSMessageID()));
            body = body(message);
        } catch (JMSException | RuntimeException e) {
            why.addSuppressed(e); // then this is all that is left
        }
        return new DamagedMail(properties, new byte[0], new InputStreamCache(body));
    }

    private static byte[] body(Message message) throws JMSException {
        if (message instanceof TextMessage text) {
            return text.getText() == null ? new byte[0] : text.getText().getBytes(StandardCharsets.UTF_8);
        }
        if (message instanceof ActiveMQMessage artemis) {
            ActiveMQBuffer body = artemis.getCoreMessage().getDataBuffer();
            byte[] octets = new byte[body.readableBytes()];
            body.readBytes(octets);
            return octets;
        }
        return new byte[0];
    }
}
