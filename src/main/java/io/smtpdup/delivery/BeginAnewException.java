package io.smtpdup.delivery;

import java.util.List;
import java.util.Set;

/**
 * What a connection said, or did, need not be what the server says to this mail, and nothing of the mail was taken: it may
 * begin anew over another connection. Nobody outside this package sees it.
 */
final class BeginAnewException extends DeliveryException {

    private final Why why;
    private final transient Step step;
    private final boolean answered;

    /** @param step at which it happened */
    BeginAnewException(Why why, Step step, DeliveryException failure) {
        this(why, step, false, failure);
    }

    /** @param answered whether the server said something that stands in no relation to the command */
    BeginAnewException(Why why, Step step, boolean answered, DeliveryException failure) {
        super(failure.outcome(), failure.reply(), failure.saidTo(), failure.isDestinationAway(), false, failure.getMessage(),
                failure.getCause(), List.of(), Set.of());
        this.why = why;
        this.step = step;
        this.answered = answered;
    }

    Why why() {
        return why;
    }

    Step step() {
        return step;
    }

    /** Whether it may have been a loss of the line, as happens to the best. */
    boolean isLineLost() {
        return !answered && !Failures.isTimeout(this);
    }

    /** Nothing came at all, within the whole limit: the peer or a NAT in between has forgotten all it knew of us. */
    boolean isMute() {
        return why == Why.LEFT && Failures.isTimeout(this);
    }

    /** The reason, which says how the next connection has to be. */
    enum Why {

        /** A connection that was reused had ended, was mute, or out of step. Another one of the pool may do. */
        LEFT,

        /** A refusal on a connection that carried other mails, and may have had enough of them. Only a fresh one tells. */
        WORN,

        /** Commands that left together, as the server announced it would take them, did not get their replies. */
        TOGETHER,

        /** The server takes fewer recipients in a transaction than it was asked to, and did not go on. */
        TOO_MANY
    }
}
