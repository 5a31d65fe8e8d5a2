package io.smtpdup.ops;

import java.time.Instant;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.SteadyClock;
import org.apache.camel.Exchange;

/**
 * One try to give a mail to a destination, for the log.
 *
 * @param id the mail's
 * @param destination host and port
 * @param role primary, backup or other
 * @param size in octets, our Received field included; null when not known
 * @param attempts how often this destination was tried, this time included
 * @param begun when the mail was accepted; for a mail that is not yet, when it was handed to the destination
 */
public record DeliveryTry(
        String id, String destination, String role, Envelope envelope, Long size, int attempts, Instant begun) {

    private static final String PROPERTY = "smtpdup.try";

    /** What is known of a copy before its destination is: how often it was tried, and since when it is on its way. */
    private record Story(int attempts, Instant begun) {
    }

    /** Tells the exchange, for who delivers it. */
    public static void tell(Exchange exchange, int attempts, Instant begun) {
        exchange.setProperty(PROPERTY, new Story(attempts, begun));
    }

    /** A try that begins now; of a mail of which nobody has told more it is the first. */
    public static DeliveryTry begin(
            Exchange exchange, String id, String destination, String role, Envelope envelope, Long size) {
        Story story = exchange.getProperty(PROPERTY, Story.class);
        return story == null
                ? new DeliveryTry(id, destination, role, envelope, size, 1, SteadyClock.system().instant())
                : new DeliveryTry(id, destination, role, envelope, size, story.attempts(), story.begun());
    }

    LogLine in(LogLine line) {
        long millis = SteadyClock.system().instant().toEpochMilli() - begun.toEpochMilli();
        return line.with("id", id).with("destination", destination).with("role", role)
                .with("from", envelope.reversePath()).withAll("to", envelope.recipients())
                .with("nrcpt", envelope.recipients().size()).with("size", size).with("attempts", attempts)
                .with("delay", Math.max(0, millis) / 1000.0);
    }
}
