package io.smtpdup.delivery;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import io.smtpdup.message.ReplyingException;
import org.jspecify.annotations.Nullable;

/**
 * A mail was not delivered, or nobody knows whether it was. {@link #outcome()} says what to do about it,
 * {@link #reply()} what a waiting client shall hear; message and cause are for the log and hold neither credentials nor
 * message content.
 */
public class DeliveryException extends Exception implements ReplyingException {

    private static final Deque<Reply> NONE = new ArrayDeque<>(0);

    private final Outcome outcome;
    private final transient Reply reply;
    private final @Nullable Step saidTo;
    private final boolean destinationAway;
    private final boolean withinMail;
    private final transient List<RefusedRecipient> refusedRecipients;
    private final transient Set<Integer> delivered;

    /** @param outcome anything but {@link Outcome#DELIVERED} */
    public DeliveryException(Outcome outcome, Reply reply, boolean destinationAway, String message, Throwable cause) {
        this(outcome, reply, null, destinationAway, false, message, cause, List.of(), Set.of());
    }

    DeliveryException(Outcome outcome, Reply reply, @Nullable Step saidTo, boolean destinationAway, boolean withinMail, String message,
                      Throwable cause, List<RefusedRecipient> refusedRecipients, Set<Integer> delivered) {
        super(message, cause);
        if (outcome == Outcome.DELIVERED || reply.code() < 400) {
            throw new IllegalArgumentException("no failure: " + outcome + " " + reply);
        }
        this.outcome = outcome;
        this.reply = Objects.requireNonNull(reply, "reply");
        this.saidTo = saidTo;
        this.destinationAway = destinationAway;
        this.withinMail = withinMail;
        this.refusedRecipients = List.copyOf(refusedRecipients);
        this.delivered = Set.copyOf(delivered);
    }

    /** The same, where it is about some of the recipients only. */
    DeliveryException ofEach(List<Recipient> recipients, Set<Integer> concerned, List<RefusedRecipient> refused) {
        List<RefusedRecipient> all = Stream.concat(refused.stream(), concerned.stream()
                .map(position -> new RefusedRecipient(position, recipients.get(position).address(), reply, outcome, saidTo)))
                .sorted(Comparator.comparingInt(RefusedRecipient::position)).toList();
        return new DeliveryException(outcome, reply, saidTo, destinationAway, withinMail, getMessage(), getCause(), all, Set.of());
    }

    /** Deferred, failed or unknown; never delivered. */
    public Outcome outcome() {
        return outcome;
    }

    @Override
    public Reply reply() {
        return reply;
    }

    /** To which step the server gave that reply; null when the reply is ours, because the server has said nothing, or not that. */
    public @Nullable Step saidTo() {
        return saidTo;
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
    public List<Reply> recipientReplies(List<String> recipients) {
        Map<String, Deque<Reply>> own = new HashMap<>();
        refusedRecipients.forEach(one -> own.computeIfAbsent(one.recipient(), address -> new ArrayDeque<>()).add(one.reply()));
        return recipients.stream().map(address -> own.getOrDefault(address, NONE).poll())
                .map(refusal -> refusal == null ? reply : refusal).toList();
    }

    /** The recipients the server refused, in their order; empty when no RCPT was refused, or nobody asks for each. */
    public List<RefusedRecipient> refusedRecipients() {
        return refusedRecipients;
    }

    /**
     * The positions of the recipients that have the mail all the same, where a mail may be delivered in part. Those who are
     * neither here nor refused may have it at once when they are asked for again.
     */
    public Set<Integer> deliveredRecipients() {
        return delivered;
    }
}
