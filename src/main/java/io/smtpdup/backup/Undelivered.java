package io.smtpdup.backup;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

import io.smtpdup.backup.Setbacks.Setback;
import io.smtpdup.delivery.DeliveryException;
import io.smtpdup.delivery.Outcome;
import io.smtpdup.delivery.RefusedRecipient;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.Verdict;
import io.smtpdup.spool.BrokerFailure;
import io.smtpdup.spool.CopyConstants;
import io.smtpdup.spool.QueueNames;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultMessage;

/**
 * Tells the error handler of a backup's route what to do with a copy that was not delivered, and writes on the copy what happened;
 * the bean {@code undelivered}, by way of {@link EarlierRoutes}.
 */
public class Undelivered {

    /** After so many tries of which nobody knows the end, another would most likely be one more mail in a mailbox. */
    private static final int UNKNOWN_TRIES = 3;

    private final Clock clock;

    private final Duration firstPause;

    private final Duration longestPause;

    private final AtomicLong longestAsked = new AtomicLong();

    /**
     * @param firstPause after the first failure of a copy that is tried again; doubles with each further one
     * @param longestPause the longest such pause
     */
    public Undelivered(Duration firstPause, Duration longestPause, Clock clock) {
        this.firstPause = firstPause;
        this.longestPause = longestPause;
        this.clock = clock;
    }

    /** The server is the trouble, so that the queue waits; not for a copy it stumbles over again and again. */
    public boolean isAway(Exchange exchange) {
        Exception failure = Passage.failure(exchange);
        if (Passage.of(exchange) != null) {
            Passage.of(exchange).note(failure);
        }
        if (failure instanceof BackToQueueException) {
            return true;
        }
        if (!(failure instanceof DeliveryException delivery) || !Passage.isAway(delivery) || isOld(exchange) || isMixed(exchange)) {
            return false;
        }
        Passage passage = Passage.of(exchange);
        return passage == null || !delivery.isWithinMail() || !passage.gate().isStumblingOver(passage.held());
    }

    /** Some recipients have it and others not, or the server refused some for good and others for now. */
    public boolean isMixed(Exchange exchange) {
        return Passage.failure(exchange) instanceof DeliveryException delivery
                && (!delivery.deliveredRecipients().isEmpty() || groups(exchange, delivery).size() > 1);
    }

    /** The server will never take it, or it was tried for long enough, or perhaps has it several times by now. */
    public boolean isDead(Exchange exchange) {
        return Passage.failure(exchange) instanceof DeliveryException delivery && delivery.outcome() == Outcome.FAILED
                || isOld(exchange) || unknownTries(exchange) >= UNKNOWN_TRIES;
    }

    /** How often nobody knew what became of the copy, this time included; 0 when this time is known. */
    private static int unknownTries(Exchange exchange) {
        Passage passage = Passage.of(exchange);
        boolean ourDoing = passage != null && passage.isOurDoing();
        return !ourDoing && Passage.failure(exchange) instanceof DeliveryException delivery && delivery.outcome() == Outcome.UNKNOWN
                ? exchange.getMessage().getHeader(CopyConstants.UNKNOWN, 0, Integer.class) + 1 : 0;
    }

    /** Whether the server has decided, at least for some recipients, so that it must not be asked the same again. */
    static boolean isFinal(DeliveryException failure) {
        return failure.outcome() == Outcome.FAILED || !failure.deliveredRecipients().isEmpty()
                || failure.refusedRecipients().stream().anyMatch(refused -> refused.reply().isPermanentNegative());
    }

    private boolean isOld(Exchange exchange) {
        Passage passage = Passage.of(exchange);
        return passage != null && passage.held().isOlderThan(passage.gate().policy().retryFor(), clock.instant());
    }

    /** Writes on the copy that it is to be tried again. */
    public void defer(Exchange exchange) {
        deferFor(exchange, firstPause, longestPause);
    }

    void deferFor(Exchange exchange, Duration first, Duration longest) {
        putOff(exchange);
        defer(exchange.getMessage(), reply(exchange), unknownTries(exchange), first, longest);
    }

    /** Writes on the copy that it was given up. */
    public void giveUp(Exchange exchange) {
        Passage passage = Passage.of(exchange);
        if (passage != null) {
            passage.ending().givenUp(exchange, recipients(exchange));
        }
        giveUp(exchange.getMessage(), reply(exchange), unknownTries(exchange));
    }

    /** The longest pause that the settings or a route have asked for. */
    Duration longestPause() {
        return Duration.ofMillis(Math.max(longestAsked.get(), longestPause.toMillis()));
    }

    /**
     * Makes several copies of one, each for the recipients that fare alike: those that the server may be given at once,
     * those that it wants later, and those it refuses for good. Those who have the mail are in none.
     *
     * @return for each of them a message with the header {@link CopyConstants#QUEUE}
     */
    public List<Message> parts(Exchange exchange) {
        return partsFor(exchange, firstPause, longestPause);
    }

    List<Message> partsFor(Exchange exchange, Duration first, Duration longest) {
        String backup = exchange.getProperty("backup", String.class);
        DeliveryException failure = (DeliveryException) Passage.failure(exchange);
        Ending ending = Passage.of(exchange) == null ? null : Passage.of(exchange).ending();
        if (ending != null) {
            ending.taken(exchange, failure.deliveredRecipients());
        }
        boolean timed = ending != null && ending.isTimed();
        List<Message> parts = new ArrayList<>();
        groups(exchange, failure).forEach((fate, recipients) -> {
            Message part = new DefaultMessage(exchange.getContext());
            part.copyFrom(exchange.getMessage());
            if ((timed || !parts.isEmpty()) && part.getHeader(SmtpServerConstants.VERDICT) instanceof Verdict verdict) {
                part.setHeader(SmtpServerConstants.VERDICT, verdict.withoutTime());
            }
            EnvelopeHeaders.write(envelope(exchange).withForwardPaths(List.copyOf(recipients.values())), part);
            String reply = reply(failure, recipients.keySet());
            int unknown = fate == Outcome.UNKNOWN ? unknownTries(exchange) : 0;
            boolean dead = fate == Outcome.FAILED || unknown >= UNKNOWN_TRIES || fate != Outcome.DELIVERED && isOld(exchange);
            if (dead) {
                if (ending != null) {
                    ending.givenUp(exchange, recipients);
                }
                giveUp(part, reply, unknown);
            } else if (fate != Outcome.DELIVERED) {
                putOff(exchange, part, recipients);
                defer(part, reply, unknown, first, longest);
            }
            part.setHeader(CopyConstants.QUEUE, (dead ? QueueNames.DEAD : QueueNames.WAITING) + backup);
            parts.add(part);
        });
        return parts;
    }

    /**
     * The recipients of the copy, with their positions, by what shall become of them; delivered stands for those that may have
     * it at once.
     */
    private static Map<Outcome, Map<Integer, Recipient>> groups(Exchange exchange, DeliveryException failure) {
        Map<Integer, Outcome> refused = new HashMap<>();
        failure.refusedRecipients().forEach(one -> refused.put(one.position(), one.outcome()));
        Map<Outcome, Map<Integer, Recipient>> groups = new LinkedHashMap<>();
        List<Recipient> recipients = envelope(exchange).forwardPaths();
        for (int position = 0; position < recipients.size(); position++) {
            if (!failure.deliveredRecipients().contains(position)) {
                groups.computeIfAbsent(refused.getOrDefault(position, Outcome.DELIVERED), fate -> new TreeMap<>())
                        .put(position, recipients.get(position));
            }
        }
        return groups;
    }

    /** Writes on the copy what the backup itself has said, so that it is known when it has taken the copy in the end, or has not. */
    static void putOff(Exchange exchange) {
        putOff(exchange, exchange.getMessage(), recipients(exchange));
    }

    private static void putOff(Exchange exchange, Message copy, Map<Integer, Recipient> recipients) {
        Deferrals.write(copy, recipients.values(), LastWord.deferrals(Passage.failure(exchange), recipients));
    }

    private static Map<Integer, Recipient> recipients(Exchange exchange) {
        Map<Integer, Recipient> recipients = new TreeMap<>();
        envelope(exchange).forwardPaths().forEach(one -> recipients.put(recipients.size(), one));
        return recipients;
    }

    private static Envelope envelope(Exchange exchange) {
        return EnvelopeHeaders.read(exchange.getMessage()).orElseThrow();
    }

    /** Writes on a copy that it waits because it could not be put where it belongs. */
    void putAside(Message copy, Setback setback) {
        copy.setHeader(CopyConstants.TAKEN, copy.getHeader(CopyConstants.TAKEN, 1, Integer.class) - 1); // not for a try
        stamp(copy, "cannot be put away: " + setback.cause()
                + (setback.verdict() == null ? "" : "; the backup said: " + setback.verdict().reply()));
        copy.setHeader(CopyConstants.DUE_AT, setback.due().toEpochMilli());
    }

    private void defer(Message copy, String reply, int unknown, Duration first, Duration longest) {
        if (unknown > 0) {
            copy.setHeader(CopyConstants.UNKNOWN, unknown);
        }
        int attempts = stamp(copy, reply);
        longestAsked.accumulateAndGet(longest.toMillis(), Math::max);
        Duration pause = Backoff.withJitter(Backoff.pause(first, longest, attempts - 1));
        copy.setHeader(CopyConstants.DUE_AT, clock.instant().plus(pause).toEpochMilli());
    }

    private void giveUp(Message copy, String reply, int unknown) {
        stamp(copy, unknown < UNKNOWN_TRIES ? reply
                : "tried %d times without a clear answer after the final dot, so that the backup may have it: %s"
                        .formatted(unknown, reply));
        copy.setHeader(CopyConstants.DEAD_AT, clock.instant().toEpochMilli());
    }

    private int stamp(Message copy, String reply) {
        Instant now = clock.instant();
        int attempts = copy.getHeader(CopyConstants.ATTEMPTS, 0, Integer.class)
                + Math.max(1, copy.getHeader(CopyConstants.TAKEN, 1, Integer.class));
        copy.setHeader(CopyConstants.ATTEMPTS, attempts);
        if (copy.getHeader(CopyConstants.FIRST_ATTEMPT_AT) == null) {
            copy.setHeader(CopyConstants.FIRST_ATTEMPT_AT, now.toEpochMilli());
        }
        copy.setHeader(CopyConstants.LAST_ATTEMPT_AT, now.toEpochMilli());
        copy.setHeader(CopyConstants.LAST_REPLY, reply);
        return attempts;
    }

    private static String reply(Exchange exchange) {
        Exception failure = Passage.failure(exchange);
        if (failure instanceof DeliveryException delivery && !delivery.isDestinationAway()) {
            return delivery.refusedRecipients().isEmpty()
                    ? delivery.reply().toString() : delivery.refusedRecipients().get(0).reply().toString();
        }
        return failure == null ? "" : text(failure);
    }

    /** The innermost reason, on one line; never the text of the mail. */
    static String text(Exception failure) {
        return failure instanceof DeliveryException ? failure.getMessage() : BrokerFailure.reason(failure);
    }

    /** What the server said to the first of the recipients at these positions. */
    private static String reply(DeliveryException failure, Set<Integer> positions) {
        return failure.refusedRecipients().stream()
                .filter(refused -> positions.contains(refused.position()))
                .map(RefusedRecipient::reply).map(Reply::toString).findFirst().orElse(failure.reply().toString());
    }
}
