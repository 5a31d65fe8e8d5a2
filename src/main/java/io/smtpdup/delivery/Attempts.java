package io.smtpdup.delivery;

import java.time.Duration;

import io.smtpdup.delivery.BeginAnewException.Why;
import io.smtpdup.message.Reply;
import org.jspecify.annotations.Nullable;

/**
 * How often one mail has begun anew, and what kind of connection it needs next. It ends: each reason counts so often only. And what the
 * server let it wait, and said to it.
 */
final class Attempts {

    /** So many dead connections one mail may meet before it gets one of its own. */
    static final int REUSED = 3;

    private int reused;
    private BeginAnewException together;
    private long waited;
    private @Nullable Reply taken;

    /** Learns from an attempt that got nowhere. */
    void failed(BeginAnewException why) {
        reused = why.why() == Why.LEFT && !why.isMute() ? reused + 1 : REUSED;
        if (why.why() == Why.TOGETHER) {
            together = why;
        }
    }

    /** Whether a connection that has carried other mails may be tried. */
    boolean mayReuse() {
        return reused < REUSED;
    }

    /** Whether each command has to wait for the reply to the one before, whatever the server announces. */
    boolean isOneByOne() {
        return together != null;
    }

    /**
     * Compares what the server says one by one with what it did when the commands came together.
     *
     * @param soon whether the reply came as soon as it would have had to come then
     */
    void compare(Step step, Reply reply, boolean soon, Manners manners) {
        if (together == null || together.step() != step) {
            return;
        }
        if (Failures.isTimeout(together) && !soon) {
            manners.isOnlySlow();
        } else if (reply.code() != together.reply().code()) {
            manners.stumblesOverTogether(!together.isLineLost());
        }
        together = new BeginAnewException(Why.TOGETHER, null, together); // compared once
    }

    /** The server let us wait so many nanoseconds more. */
    void waited(long nanos) {
        waited += nanos;
    }

    /** How long we have waited for the server's replies, and for its reading the content. */
    Duration waited() {
        return Duration.ofNanos(waited);
    }

    /** The server took the mail, for all of its recipients or for some. */
    void taken(Reply reply) {
        taken = reply;
    }

    /** What the server said to the final dot when it took the mail; null when it did not. */
    @Nullable Reply taken() {
        return taken;
    }

    /** Counts what another transaction of the same mail took. */
    void add(Attempts other) {
        waited += other.waited;
    }
}
