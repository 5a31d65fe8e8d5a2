package io.smtpdup.spool;

import java.io.IOException;
import java.util.Map;

import io.smtpdup.server.EnvelopeHeaders;
import io.smtpdup.server.SmtpServerConstants;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.component.jms.JmsBinding;
import org.apache.camel.component.jms.JmsEndpoint;

/**
 * Makes a queue's message of an exchange that carries a mail, and the exchange again of the message. camel-jms alone would
 * drop the envelope, whose headers are Camel's own, and load the content. A mail that is damaged has the header
 * {@link CopyConstants#DAMAGE}. A message that is no mail, such as an operator's
 * notification, goes the way camel-jms has for it.
 */
final class MailBinding extends JmsBinding {

    /** Set on an exchange whose mail has been read from its message, which can be done once. */
    private static final String READ = "smtpdup.spool.read";

    private final Room room;

    MailBinding(JmsEndpoint endpoint, Room room) {
        super(endpoint);
        this.room = room;
    }

    @Override
    protected Message createJmsMessage(
            Exchange exchange, org.apache.camel.Message mail, Session session, CamelContext context) throws JMSException {
        boolean damaged = mail.getHeader(CopyConstants.DAMAGE) != null;
        if (!damaged && !EnvelopeHeaders.areIn(mail)) {
            return super.createJmsMessage(exchange, mail, session, context);
        }
        try {
            if (damaged) {
                return DamagedMail.write(mail, session);
            }
            if (mail.getHeader(CopyConstants.ACCEPTED_AT) == null) {
                // A copy that comes out of a queue may always go into another: that is what the reserve is for.
                room.require(mail.getHeader(SmtpServerConstants.SIZE, 0L, Long.class));
            }
            return QueuedMail.write(mail, session);
        } catch (IOException e) {
            throw failure("cannot queue the mail", e);
        }
    }

    @Override
    public Map<String, Object> extractHeadersFromJms(Message message, Exchange exchange) {
        try {
            return headers(message, exchange);
        } catch (RuntimeCamelException e) {
            throw e;
        } catch (RuntimeException e) {
            // What the broker's client says to properties that are none, for example since a bit of its journal fell over.
            return DamagedMail.unreadable(message, e).remember(exchange, "its properties cannot be read: " + e);
        }
    }

    private Map<String, Object> headers(Message message, Exchange exchange) {
        Map<String, Object> headers = super.extractHeadersFromJms(message, exchange);
        if (QueuedMail.isIn(message)) {
            headers.keySet().removeIf(MailProperties::isOfStorage);
            headers.putAll(read(message, exchange).headers());
        }
        return headers;
    }

    @Override
    public Object extractBodyFromJms(Exchange exchange, Message message) {
        return QueuedMail.isIn(message) ? read(message, exchange).content() : super.extractBodyFromJms(exchange, message);
    }

    private static QueuedMail read(Message message, Exchange exchange) {
        QueuedMail mail = exchange.getProperty(READ, QueuedMail.class);
        if (mail == null) {
            try {
                mail = QueuedMail.read((BytesMessage) message, exchange);
            } catch (JMSException | IOException e) {
                throw new RuntimeCamelException("cannot read a mail from its queue: " + e, e);
            }
            exchange.setProperty(READ, mail);
        }
        return mail;
    }

    private static JMSException failure(String text, Exception cause) {
        JMSException failure = new JMSException(text);
        failure.initCause(cause);
        failure.setLinkedException(cause); // what Spring's message shows, when it is another text
        return failure;
    }
}
