package io.smtpdup.delivery;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.NextHop;
import io.smtpdup.message.RecipientAnswers;
import io.smtpdup.message.Reply;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.Verdict;
import io.smtpdup.ops.DeliveryTry;
import io.smtpdup.ops.MailEvent;
import io.smtpdup.ops.MailLog;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.component.mail.JavaMailSender;
import org.apache.camel.component.mail.MailConstants;
import org.apache.camel.component.mail.MailProducer;

/**
 * Sends what a route gives it. A mail that an smtp-server received keeps its envelope and its octets and goes over a
 * pooled connection; any other message, such as an operator's notification, and everything for an endpoint that says to whom or
 * about what it writes, is composed and sent as camel-mail does.
 */
public class DeliveryProducer extends MailProducer {

    private ConnectionPool pool;

    public DeliveryProducer(DeliveryEndpoint endpoint, JavaMailSender stockSender) {
        super(endpoint, stockSender);
    }

    /**
     * On success the header {@value SmtpServerConstants#REPLY} holds the server's {@link Reply}; on failure the exchange
     * holds a {@link DeliveryException}. After a callout there is neither, but the property {@value RecipientAnswers#LATEST}.
     */
    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            Optional<Envelope> envelope = EnvelopeHeaders.read(exchange.getMessage());
            if (getEndpoint().isCallout()) {
                ask(envelope.orElseThrow(() -> new IllegalArgumentException("a callout needs an envelope")), exchange);
            } else if (envelope.isPresent() && !getEndpoint().composes()) {
                relay(envelope.get(), exchange);
            } else {
                compose(exchange);
            }
        } catch (Exception e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }

    @Override
    public DeliveryEndpoint getEndpoint() {
        return (DeliveryEndpoint) super.getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        pool = getEndpoint().pool().open();
    }

    @Override
    protected void doStop() throws Exception {
        if (pool != null) {
            getEndpoint().pool().close();
            pool = null;
        }
        super.doStop();
    }

    private void ask(Envelope envelope, Exchange exchange) {
        RecipientAnswers answers = new Callout(pool, envelope).run();
        if (answers.cutShort() == null) {
            getEndpoint().watch().answered();
        }
        exchange.setProperty(RecipientAnswers.LATEST, answers);
    }

    private void relay(Envelope envelope, Exchange exchange) throws DeliveryException {
        String id = exchange.getMessage().getHeader(SmtpServerConstants.ID, String.class);
        DestinationWatch watch = getEndpoint().watch();
        DeliveryTry delivery = DeliveryTry.begin(exchange, id, watch.address(), watch.role(), envelope,
                exchange.getMessage().getHeader(SmtpServerConstants.SIZE, Long.class));
        long begun = System.nanoTime();
        Optional<CheckedMail> checked = checked(exchange);
        Attempts attempts = checked.map(CheckedMail::attempts).orElseGet(Attempts::new);
        try {
            MessageContent content = content(exchange, envelope);
            Reply reply = deliver(checked, envelope, content, attempts);
            exchange.getMessage().setHeader(SmtpServerConstants.REPLY, reply);
            Verdict verdict = tell(exchange, envelope, reply, attempts);
            if ("primary".equals(watch.role()) && getEndpoint().getBackup() == null) { // of a left copy the primary of its time has spoken
                exchange.getMessage().setHeader(SmtpServerConstants.VERDICT, verdict);
                watch.took(envelope, exchange.getMessage().getHeader(SmtpServerConstants.SIZE, Long.class));
            }
            watch.delivered(System.nanoTime() - begun);
            accepted(exchange, watch, reply);
            MailLog.tried(MailEvent.DELIVERED, delivery, reply, null);
        } catch (DeliveryException e) {
            tell(exchange, envelope, attempts.taken() == null ? e.reply() : attempts.taken(), attempts);
            watch.failed(e, System.nanoTime() - begun);
            boolean partial = !e.deliveredRecipients().isEmpty() || "backup".equals(watch.role())
                    && !e.refusedRecipients().isEmpty() && e.refusedRecipients().size() < envelope.forwardPaths().size();
            MailLog.tried(partial ? MailEvent.PARTIAL : MailEvent.valueOf(e.outcome().name()), delivery, e.reply(), e.getMessage());
            throw e;
        }
    }

    private Verdict tell(Exchange exchange, Envelope envelope, Reply reply, Attempts attempts) {
        Verdict verdict = new Verdict(reply, pool.serverName(), attempts.waited(), envelope.recipients());
        exchange.setProperty(Verdict.LATEST, verdict);
        return verdict;
    }

    /** The client's mail is accepted now, and the log shall have that first. */
    @SuppressWarnings("unchecked")
    private static void accepted(Exchange exchange, DestinationWatch watch, Reply reply) {
        if ("primary".equals(watch.role()) && exchange.getProperty(NextHop.ACCEPTANCE) instanceof Consumer<?> acceptance) {
            ((Consumer<Reply>) acceptance).accept(reply);
        }
    }

    /** The mail's recipients may have been answered already, perhaps by this server: then it goes on where it is. */
    private Optional<CheckedMail> checked(Exchange exchange) {
        return !getEndpoint().isPartialDelivery() && exchange.getProperty(NextHop.CONVERSATION) instanceof CheckedMail checked
                && checked.isAt(pool.destination()) ? Optional.of(checked) : Optional.empty();
    }

    private Reply deliver(Optional<CheckedMail> checked, Envelope envelope, MessageContent content, Attempts attempts)
            throws DeliveryException {
        ClientIdentity client = envelope.origin().client();
        if (getEndpoint().isPartialDelivery()) {
            return new PartialDelivery(pool, envelope, client, content, attempts).run();
        }
        Optional<Reply> reply = checked.isPresent() ? checked.get().deliver(envelope, content) : Optional.empty();
        return reply.isPresent() ? reply.get() : pool.deliver(envelope, client, content, false, attempts).reply();
    }

    private MessageContent content(Exchange exchange, Envelope envelope) throws DeliveryException {
        try {
            return ExchangeContent.of(exchange, envelope.origin());
        } catch (IOException e) {
            throw new Failures(getEndpoint().getDestination()).unreadable(e);
        }
    }

    /** What the superclass does, but for its dump of the message into the log. */
    private void compose(Exchange exchange) throws MessagingException, IOException {
        JavaMailSender sender = getSender(exchange);
        MimeMessage message;
        if (exchange.getMessage().getBody() instanceof MimeMessage ready) {
            message = ready;
        } else {
            message = new MimeMessage(sender.getSession());
            getEndpoint().getBinding().populateMailMessage(getEndpoint(), message, exchange);
        }
        sender.send(message);
        exchange.getMessage().setHeader(MailConstants.MAIL_MESSAGE_ID, message.getMessageID());
    }
}
