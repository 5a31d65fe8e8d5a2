package io.smtpdup.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.smtpdup.message.Envelope;
import io.smtpdup.server.EnvelopeHeaders;
import io.smtpdup.server.SmtpServerConstants;
import io.smtpdup.spool.CopyConstants;
import org.apache.camel.Message;

/** A copy at its backup's {@link Gate}: waiting for its turn, or being sent. */
public final class Held {

    /** Of so many recipients an operator sees the addresses. */
    private static final int RECIPIENTS_SHOWN = 100;

    /** A copy that has lain in a spool for longer than this beyond its time has not: its time is wrong. */
    private static final Duration SENSIBLE = Duration.ofDays(90);

    private final String id;

    private final Instant acceptedAt;

    private final Instant since;

    private final String reversePath;

    private final List<String> recipients;

    private final int recipientCount;

    private final long size;

    private final int attempts;

    private volatile boolean trying;

    Held(Message copy, Instant since) {
        Envelope envelope = EnvelopeHeaders.read(copy).orElseThrow(() -> new IllegalArgumentException("no mail"));
        this.since = since;
        id = copy.getHeader(SmtpServerConstants.ID, "", String.class);
        Instant accepted = Instant.ofEpochMilli(copy.getHeader(CopyConstants.ACCEPTED_AT, since.toEpochMilli(), Long.class));
        acceptedAt = accepted.isAfter(since) ? since : accepted; // a time to come is none: the clock was wrong, or is
        reversePath = envelope.reversePath();
        recipientCount = envelope.recipients().size();
        recipients = envelope.recipients().subList(0, Math.min(RECIPIENTS_SHOWN, recipientCount));
        size = copy.getHeader(SmtpServerConstants.SIZE, 0L, Long.class);
        attempts = copy.getHeader(CopyConstants.ATTEMPTS, 0, Integer.class)
                + Math.max(0, copy.getHeader(CopyConstants.TAKEN, 1, Integer.class) - 1);
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

    boolean isOlderThan(Duration age, Instant now) {
        return now.isAfter(acceptedAt.plus(age));
    }

    void trying(boolean now) {
        trying = now;
    }

    /** The mail's id. */
    public String id() {
        return id;
    }

    public Instant acceptedAt() {
        return acceptedAt;
    }

    /** When it came out of its queue. */
    public Instant since() {
        return since;
    }

    /** True while it is being sent, false while it waits for its turn. */
    public boolean isTrying() {
        return trying;
    }

    public String reversePath() {
        return reversePath;
    }

    /** The first of them. */
    public List<String> recipients() {
        return recipients;
    }

    public int recipientCount() {
        return recipientCount;
    }

    /** In octets. */
    public long size() {
        return size;
    }

    /** How often it was taken out of its queue before. */
    public int attempts() {
        return attempts;
    }
}
