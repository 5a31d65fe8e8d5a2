package io.smtpdup.server;

import io.smtpdup.message.Path.MalformedPathException;
import io.smtpdup.message.Reply;

/** RCPT: one more recipient for the transaction (RFC 5321 section 4.1.1.3). */
final class RcptCommand extends SmtpCommand {

    private static final Reply MAIL_FIRST = Reply.of(503, "5.5.1", "Send MAIL first");

    private static final Reply TOO_MANY = Reply.of(452, "4.5.3", "Too many recipients");

    private static final Reply MALFORMED = Reply.of(501, "5.1.3", "Bad recipient address syntax");

    private static final Reply OK = Reply.of(250, "2.1.5", "Ok");

    RcptCommand(SmtpService service) {
        super("RCPT", service);
    }

    @Override
    Reply execute(ClientSession session, String argument) {
        if (session.transaction() == null) {
            return MAIL_FIRST;
        }
        if (session.transaction().recipientCount() >= configuration().getMaxRecipients()) {
            return TOO_MANY;
        }
        try {
            return PathArgument.parse(argument, "TO:").map(rcpt -> add(session.transaction(), rcpt)).orElse(SYNTAX);
        } catch (MalformedPathException e) {
            return MALFORMED;
        }
    }

    private static Reply add(MailTransaction transaction, PathArgument rcpt) {
        if (!rcpt.parameters().isEmpty()) {
            return MailCommand.UNSUPPORTED_PARAMETER;
        }
        if (rcpt.path().address().isEmpty()) {
            return MALFORMED;
        }
        if (rcpt.path().isInternational() && !transaction.isSmtpUtf8()) {
            return MailCommand.NEEDS_SMTPUTF8;
        }
        transaction.addRecipient(rcpt.path().address());
        return OK;
    }
}
