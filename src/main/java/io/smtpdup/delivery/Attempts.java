package io.smtpdup.delivery;

import io.smtpdup.delivery.BeginAnewException.Why;
import io.smtpdup.message.Reply;

/** How often one mail has begun anew, and what kind of connection it needs next. It ends: each reason counts so often only. */
final class Attempts {

    /** So many dead connections one mail may meet before it gets one of its own. */
    static final int REUSED = 3;

    private int reused;
    private BeginAnewException together;

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
}
