package io.smtpdup.spool;

import java.time.Clock;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.message.ReplyingException;
import io.smtpdup.ops.DestinationName;
import io.smtpdup.ops.MailLog;
import io.smtpdup.server.SmtpServerConstants;
import jakarta.jms.JMSException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.jms.JmsMessage;

/**
 * The bean {@code deadLetters}: writes on a copy that its backup has refused why it goes to the dead letters, and tells the
 * log once it is there.
 */
public final class DeadLetters {

    /** What the backup said. */
    static final String REPLY = "DeadLetterReply";

    /** When it said so, as ISO 8601 in UTC. */
    static final String TIME = "DeadLetterTime";

    /** How often the copy was tried. */
    static final String ATTEMPTS = "DeadLetterAttempts";

    private static final String DESTINATION = "smtpdup.dead-letter.destination";

    private final Clock clock;

    public DeadLetters(Clock clock) {
        this.clock = clock;
    }

    /** Before the copy goes into its queue: the headers that tell why. */
    public void address(Exchange exchange) {
        Message copy = exchange.getMessage();
        ReplyingException refusal = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, ReplyingException.class);
        copy.setHeader(REPLY, refusal == null ? "" : String.valueOf(refusal.reply()));
        copy.setHeader(TIME, clock.instant().toString());
        copy.setHeader(ATTEMPTS, attempts(copy));
        exchange.setProperty(DESTINATION, exchange.getProperty(Exchange.FAILURE_ENDPOINT));
    }

    /** After it: the line in the log, and the count. */
    public void log(Exchange exchange) {
        Message copy = exchange.getMessage();
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        MailLog.deadLettered(
                copy.getHeader(SmtpServerConstants.ID, String.class),
                DestinationName.of(exchange.getProperty(DESTINATION, String.class)),
                copy.getHeader(REPLY),
                copy.getHeader(ATTEMPTS, Integer.class),
                cause == null ? null : cause.getMessage());
        MeterRegistry meters = exchange.getContext().getRegistry().findSingleByType(MeterRegistry.class);
        if (meters != null) {
            meters.counter("smtpdup.copies.dead").increment();
        }
    }

    /** Deliveries from the queue, and those that were tried again without giving the copy back. */
    private static int attempts(Message copy) {
        int again = copy.getHeader(Exchange.REDELIVERY_COUNTER, 0, Integer.class);
        try {
            return again + (copy instanceof JmsMessage queued && queued.getJmsMessage() != null
                    ? Math.max(1, queued.getJmsMessage().getIntProperty("JMSXDeliveryCount")) : 1);
        } catch (JMSException e) {
            return again + 1;
        }
    }
}
