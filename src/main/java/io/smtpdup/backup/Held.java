package io.smtpdup.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.Verdict;
import io.smtpdup.spool.CopyConstants;
import io.smtpdup.spool.QueuedCopy;
import org.apache.camel.Message;

/** A copy at its backup's {@link Gate}: waiting for its turn, or being sent. */
public final class Held {

    /** Of so many recipients an operator sees the addresses. */
    private static final int RECIPIENTS_SHOWN = 100;

    /** A copy that has lain in a spool for longer than this beyond its time has not: its time is wrong. */
    private static final Duration SENSIBLE = Duration.ofDays(90);

    private final QueuedCopy copy;

    private volatile boolean trying;

    private volatile Supplier<Taking> taking = () -> Taking.ON;

    Held(Message copy, Instant now) {
        Envelope envelope = EnvelopeHeaders.read(copy).orElseThrow(() -> new IllegalArgumentException("no mail"));
        Instant accepted = Instant.ofEpochMilli(copy.getHeader(CopyConstants.ACCEPTED_AT, now.toEpochMilli(), Long.class));
        List<String> recipients = envelope.recipients();
        this.copy = new QueuedCopy(
                null,
                copy.getHeader(SmtpServerConstants.ID, "", String.class),
                envelope.reversePath(),
                recipients.subList(0, Math.min(RECIPIENTS_SHOWN, recipients.size())),
                recipients.size(),
                copy.getHeader(SmtpServerConstants.SIZE, 0L, Long.class),
                accepted.isAfter(now) ? now : accepted, // a time to come is none: the clock was wrong, or is
                copy.getHeader(CopyConstants.ATTEMPTS, 0, Integer.class)
                        + Math.max(0, copy.getHeader(CopyConstants.TAKEN, 1, Integer.class) - 1),
                null, null, null, null,
                envelope.origin().client() == null ? null : envelope.origin().client().address().getAddress().getHostAddress(),
                copy.getHeader(SmtpServerConstants.VERDICT) instanceof Verdict verdict ? verdict.reply().toString() : null);
    }

    /**
     * Has a copy begin anew whose age makes no sense: a clock was wrong when it was accepted, or is now. To give it up for
     * that would be to lose it; so it is as old as what we know for sure, which is nothing.
     */
    static void mindAge(Message copy, Duration retryFor, Instant now) {
        Long accepted = copy.getHeader(CopyConstants.ACCEPTED_AT, Long.class);
        Instant oldest = now.minus(retryFor).minus(SENSIBLE);
        if (accepted != null && (accepted > now.toEpochMilli() || accepted < oldest.toEpochMilli())) {
            copy.setHeader(CopyConstants.ACCEPTED_AT, now.toEpochMilli());
        }
    }

    /** As it lies in its queue: the first of its recipients, and how often it was taken out before; nothing of how that ended. */
    public QueuedCopy copy() {
        return copy;
    }

    String id() {
        return copy.id();
    }

    Instant acceptedAt() {
        return copy.acceptedAt();
    }

    boolean isOlderThan(Duration age, Instant now) {
        return now.isAfter(acceptedAt().plus(age));
    }

    /** @param others what they do with copies */
    Held takenBy(Supplier<Taking> others) {
        taking = others;
        return this;
    }

    /** Whether it is being sent by who takes no further copies, because a reload has others do that. */
    boolean isLeftOver() {
        return trying && taking.get() == Taking.ENDED;
    }

    void trying(boolean now) {
        trying = now;
    }

    /** True while it is being sent, false while it waits for its turn. */
    public boolean isTrying() {
        return trying;
    }
}
