package io.smtpdup.delivery;

/**
 * A reused connection turned out to be dead, out of step, or closing with 421, at the first command of a mail. Nothing was accepted,
 * so the mail may go over another connection; nobody outside this package sees it.
 */
final class StaleConnectionException extends DeliveryException {

    StaleConnectionException(DeliveryException why) {
        super(why.outcome(), why.reply(), true, why.getMessage(), why.getCause());
    }
}
