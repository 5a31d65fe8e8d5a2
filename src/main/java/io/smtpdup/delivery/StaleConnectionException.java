package io.smtpdup.delivery;

/**
 * A reused connection turned out to be dead, mute, out of step, or closing with 421, at the first command of a mail. Nothing
 * was accepted, so the mail may go over another connection; nobody outside this package sees it.
 */
final class StaleConnectionException extends DeliveryException {

    StaleConnectionException(DeliveryException why) {
        super(why.outcome(), why.reply(), true, why.getMessage(), why.getCause());
    }

    /** Nothing came at all, within the whole timeout: the peer or a NAT in between has forgotten all it knew of us. */
    boolean isMute() {
        return Failures.isTimeout(this);
    }
}
