package io.smtpdup.delivery;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

import io.smtpdup.delivery.BeginAnewException.Why;
import io.smtpdup.message.Reply;

/**
 * Finds out, for one mail over one connection, whether what went wrong is the server's word to this mail. What the connection
 * itself may be to blame for, because it lay idle, has carried other mails, or was given commands together, is a
 * {@link BeginAnewException} (decision 18).
 */
final class Blame {

    /** A final dot that took longer to be refused is not tried once more while the client waits. */
    private static final Duration SOON = Duration.ofMinutes(1);

    /** What a server says in a 421 when it waits for a command that has arrived long ago, or minds that it has. */
    private static final Pattern OUT_OF_STEP = Pattern.compile("pipelin|synchroni[sz]|4\\.4\\.2|time[d -]*out|idle|too early");

    /** What it says in any other refusal of commands that it did not want together. */
    private static final Pattern IN_WORDS = Pattern.compile("pipelin|synchroni[sz]");

    private final Failures failures;
    private final Attempts attempts;
    private final Manners manners;
    private final boolean rested;
    private final boolean carried;
    private boolean takesSomebody;
    private boolean refused;

    /**
     * @param attempts of the mail
     * @param rested whether the connection lay in a pool, so that it may have died unnoticed
     * @param carried whether it carried other mails, so that the server may have had enough of it
     */
    Blame(Failures failures, Attempts attempts, Manners manners, boolean rested, boolean carried) {
        this.failures = failures;
        this.attempts = attempts;
        this.manners = manners;
        this.rested = rested;
        this.carried = carried;
    }

    /** Whether commands may leave together, where the server announces PIPELINING. */
    boolean mayGoTogether() {
        return manners.readsTogether() && !attempts.isOneByOne();
    }

    /** Whether what follows the first reply to a flight is not worth a long wait. */
    boolean isInAHurry(boolean following) {
        return following && !manners.isSlow();
    }

    /** Whether anything but an XFORWARD was refused: a server counts that, and the next mail is not to blame. */
    boolean hasRefused() {
        return refused;
    }

    /**
     * A reply was heard.
     *
     * @param soon whether it would have come in time as one of several
     * @param together whether the command has left together with others
     */
    void heard(Step step, Reply reply, boolean soon, boolean together) throws DeliveryException {
        attempts.compare(step, reply, soon, manners);
        if (reply.code() < 400) {
            takesSomebody |= step == Step.RCPT;
            return;
        }
        if (step == Step.XFORWARD || step == Step.FINAL_DOT) {
            refused |= step == Step.FINAL_DOT;
            return;
        }
        boolean first = !refused;
        refused = true;
        if (together && isOutOfStep(step, reply, first)) {
            throw new BeginAnewException(Why.TOGETHER, step, true, failures.refused(step, reply));
        }
        if (carried && mayBeWorn(step, reply)) {
            throw new BeginAnewException(Why.WORN, step, failures.refused(step, reply));
        }
    }

    /** Whether a refusal of MAIL has to be looked at: on a connection that had ended it was said to nobody. */
    boolean isPerhapsSaidToNobody(Step step, Reply reply) {
        return rested && step == Step.MAIL && reply.code() >= 400;
    }

    /** All that has left together was answered. */
    void readTogether() {
        manners.hasReadTogether();
    }

    /**
     * A reply did not come.
     *
     * @param together whether the command has left together with others
     * @param following whether one of those was answered: a server that cannot read commands together answers some of them, or none,
     *     where its connection is not to blame
     */
    DeliveryException silent(Step step, boolean together, boolean following, DeliveryException failure) {
        boolean suspect = following ? isInAHurry(true) || !Failures.isTimeout(failure) : !manners.isKnownToReadTogether();
        DeliveryException blamed = lost(step, failure);
        boolean stale = !following && blamed instanceof BeginAnewException;
        return together && failures.isLost(failure) && suspect && !stale
                ? new BeginAnewException(Why.TOGETHER, step, failure) : blamed;
    }

    /** The connection, or the word that was said over it unasked, ended the mail. */
    DeliveryException lost(Step step, DeliveryException failure) {
        boolean first = step != Step.RCPT && step != Step.DATA && step != Step.CONTENT;
        if (!(first ? rested : carried) || failure instanceof BeginAnewException || failure.outcome() == Outcome.UNKNOWN) {
            return failure;
        }
        if (Failures.isTimeout(failure) && !first || step == Step.CONTENT && failure.outcome() == Outcome.FAILED) {
            return failure;
        }
        return new BeginAnewException(first ? Why.LEFT : Why.WORN, step, failure);
    }

    /** As {@link #lost}, in the content: a server that has waited for it as long as a client takes may have waited too long. */
    DeliveryException lostInContent(boolean waited, DeliveryException failure) {
        boolean left = failures.isLost(failure) && !Failures.isTimeout(failure) || failure.reply().code() == 421;
        return waited && left && failure.outcome() != Outcome.UNKNOWN ? new BeginAnewException(Why.WORN, Step.CONTENT, failure) : failure;
    }

    /** The server has refused the mail as a whole, so long after its final dot. */
    DeliveryException refusedAtTheDot(Reply reply, Duration after) {
        DeliveryException failure = failures.refused(Step.FINAL_DOT, reply);
        return carried && reply.isTransientNegative() && after.compareTo(SOON) < 0
                ? new BeginAnewException(Why.WORN, Step.FINAL_DOT, failure) : failure;
    }

    /** A reply that a server gives to commands it has read half, or not at all. The first refusal only: others follow from it. */
    private boolean isOutOfStep(Step step, Reply reply, boolean first) {
        String text = reply.toString().toLowerCase(Locale.ROOT);
        return switch (reply.code()) {
            case 421 -> OUT_OF_STEP.matcher(text).find();
            case 500, 502 -> first;
            case 501 -> first && step == Step.MAIL;
            case 503 -> first && (step != Step.DATA || takesSomebody);
            default -> first && IN_WORDS.matcher(text).find();
        };
    }

    /** A recipient that is refused for good is so for everybody; all else a server may say because it has had enough of us. */
    private boolean mayBeWorn(Step step, Reply reply) {
        return switch (step) {
            case RCPT -> reply.isTransientNegative();
            case DATA -> takesSomebody || reply.code() == 421;
            default -> true;
        };
    }
}
