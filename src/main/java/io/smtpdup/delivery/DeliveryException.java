package io.smtpdup.delivery;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import io.smtpdup.message.Reply;
import io.smtpdup.message.ReplyingException;

/**
 * A mail was not delivered, or nobody knows whether it was. {@link #outcome()} says what to do about it,
 * {@link #reply()} what a waiting client shall hear; message and cause are for the log and hold neither credentials nor
 * message content.
 */
public class DeliveryException extends Exception implements ReplyingException {

    private final Outcome outcome;
    private final transient Reply reply;
    private final boolean destinationAway;
    private final boolean withinMail;
    private final transient List<RefusedRecipient> refusedRecipients;

    /** @param outcome anything but {@link Outcome#DELIVERED} */
    public DeliveryException(Outcome outcome, Reply reply, boolean destinationAway, String message, Throwable cause) {
        this(outcome, reply, destinationAway, false, message, cause, List.of());
    }

    DeliveryException(Outcome outcome, Reply reply, boolean destinationAway, boolean withinMail, String message,
                      Throwable cause, List<RefusedRecipient> refusedRecipients) {
        super(message, cause);
        if (outcome == Outcome.DELIVERED || reply.code() < 400) {
            throw new IllegalArgumentException("no failure: " + outcome + " " + reply);
        }
        this.outcome = outcome;
        this.reply = Objects.requireNonNull(reply, "reply");
        this.destinationAway = destinationAway;
        this.withinMail = withinMail;
        this.refusedRecipients = List.copyOf(refusedRecipients);
    }

    /** Deferred, failed or unknown; never delivered. */
    public Outcome outcome() {
        return outcome;
    }

    @Override
    public Reply reply() {
        return reply;
    }

    /**
     * True when the server is the trouble (unreachable, silent, shutting down, talking nonsense), so that other mail will
     * fare no better now; false when it refused this mail.
     */
    public boolean isDestinationAway() {
        return destinationAway;
    }

    /** True when the server had spoken with us, and the trouble came while this mail was on its way, perhaps because of it. */
    public boolean isWithinMail() {
        return withinMail;
    }

    @Override
    public Map<String, Reply> recipientReplies() {
        return refusedRecipients.stream().collect(
                Collectors.toMap(RefusedRecipient::recipient, RefusedRecipient::reply, (one, same) -> one));
    }

    /** The recipients the server refused, in their order; empty when no RCPT was refused. */
    public List<RefusedRecipient> refusedRecipients() {
        return refusedRecipients;
    }
}
