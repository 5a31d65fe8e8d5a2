package io.smtpdup.delivery;

import java.util.Optional;

import io.smtpdup.message.DsnParameters;
import io.smtpdup.message.Path;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;

/** The RCPT command for a recipient, with what the sender wants to be told of it if the server understands that (RFC 3461). */
final class RcptLine {

    private static final Reply NEEDS_DSN =
            Reply.of(455, "4.3.3", "A receipt was requested, and the next mail server does not offer DSN at the moment, try again later");

    private final Connection server;
    private final boolean smtpUtf8;

    /** @param smtpUtf8 whether the mail was declared SMTPUTF8 */
    RcptLine(Connection server, boolean smtpUtf8) {
        this.server = server;
        this.smtpUtf8 = smtpUtf8 && server.offers("SMTPUTF8");
    }

    /** The command. */
    String of(Recipient recipient) {
        StringBuilder command = new StringBuilder("RCPT TO:<").append(recipient.address()).append('>');
        if (server.offers("DSN")) {
            String notifyOn = server.isToldNeverToNotify() ? "NEVER" : recipient.notifyOn();
            if (notifyOn != null) {
                command.append(" NOTIFY=").append(notifyOn);
            }
            if (recipient.orcpt() != null) {
                command.append(" ORCPT=")
                        .append(smtpUtf8 ? recipient.orcpt() : DsnParameters.sevenBit(recipient.orcpt()));
            }
        }
        return command.toString();
    }

    /**
     * Why the recipient cannot be offered to a server that the client has been told of: the address needs SMTPUTF8, or the
     * sender wants to hear of a delivery, the server makes no such report, and neither do we (RFC 3461 section 5.2.2). Either
     * happens only when the server offered more a moment ago, so that another try may find it again.
     */
    Optional<Reply> refusal(Recipient recipient) {
        if (!server.offers("SMTPUTF8") && !Path.isAscii(recipient.address())) {
            return Optional.of(server.isLessThanBefore() ? Failures.NOT_NOW : MailLine.NEEDS_SMTPUTF8);
        }
        return server.mayNotify() && !server.offers("DSN") && DsnParameters.isSuccessWanted(recipient.notifyOn())
                ? Optional.of(NEEDS_DSN) : Optional.empty();
    }
}
