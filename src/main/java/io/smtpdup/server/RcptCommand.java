package io.smtpdup.server;

import java.io.IOException;
import java.util.Optional;

import io.smtpdup.message.DsnParameters;
import io.smtpdup.message.Path.MalformedPathException;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import io.smtpdup.message.ServerAnswer;
import io.smtpdup.ops.MailLog;
import io.smtpdup.server.Conduct.Kind;

/** RCPT: one more recipient for the transaction, with what the sender wants to be told of it (RFC 5321 section 4.1.1.3). */
final class RcptCommand extends SmtpCommand {

    private static final Reply MAIL_FIRST = Reply.of(503, "5.5.1", "Send MAIL first");

    private static final Reply TOO_MANY = Reply.of(452, "4.5.3", "Too many recipients");

    private static final Reply NO_ROOM = Reply.of(452, "4.3.1", "Too many recipients in progress, try again later");

    private static final Reply MALFORMED = Reply.of(501, "5.1.3", "Bad recipient address syntax");

    private static final Reply OK = Reply.of(250, "2.1.5", "Ok");

    RcptCommand(SmtpService service) {
        super("RCPT", service);
    }

    @Override
    boolean mayOvertake() {
        return true;
    }

    @Override
    Reply execute(ClientSession session, String argument) throws IOException {
        if (session.transaction() == null) {
            return MAIL_FIRST;
        }
        if (session.transaction().recipientCount() >= configuration().getMaxRecipients()) {
            return TOO_MANY;
        }
        try {
            Optional<PathArgument> rcpt = PathArgument.parse(argument, "TO:");
            return rcpt.isPresent() ? add(session, rcpt.get()) : SYNTAX;
        } catch (MalformedPathException e) {
            return MALFORMED;
        }
    }

    @Override
    Reply refuse(ClientSession session, CommandLine.Flaw flaw) throws IOException {
        return flaw == CommandLine.Flaw.NOT_UTF8 ? flawed(501, "5.1.3", flaw) : super.refuse(session, flaw);
    }

    @Override
    Kind blame(ClientSession session, Reply reply) {
        if (reply == TOO_MANY || reply == NO_ROOM) {
            return Kind.SURPLUS;
        }
        return reply == MAIL_FIRST && session.isMailRefused() ? Kind.REFUSAL : super.blame(session, reply);
    }

    @Override
    String shown(CommandLine line) {
        return line.text();
    }

    private Reply add(ClientSession session, PathArgument rcpt) throws IOException {
        MailTransaction transaction = session.transaction();
        for (var parameter : rcpt.parameters().entrySet()) {
            boolean wellFormed;
            switch (session.offered().covers(parameter.getKey()) ? parameter.getKey() : "") {
                case "NOTIFY" -> wellFormed = DsnParameters.isNotify(parameter.getValue());
                case "ORCPT" -> wellFormed = DsnParameters.isOrcpt(parameter.getValue(), transaction.isSmtpUtf8());
                default -> {
                    return MailCommand.UNSUPPORTED_PARAMETER;
                }
            }
            if (!wellFormed) {
                return SYNTAX;
            }
        }
        if (rcpt.path().address().isEmpty()) {
            return MALFORMED;
        }
        if (rcpt.path().isInternational() && !transaction.isSmtpUtf8()) {
            return MailCommand.NEEDS_SMTPUTF8;
        }
        Recipient recipient = new Recipient(
                rcpt.path().address(), rcpt.parameters().get("NOTIFY"), rcpt.parameters().get("ORCPT"));
        if (!transaction.hasRoomFor(recipient)) {
            return NO_ROOM;
        }
        if (transaction.conversation() == null) {
            transaction.accept(recipient);
            return OK;
        }
        transaction.ask(recipient);
        session.defer(() -> decided(session, transaction, recipient));
        return null;
    }

    private Reply decided(ClientSession session, MailTransaction transaction, Recipient recipient) {
        Reply reply = transaction.decide(recipient);
        if (!reply.isPositive() && !transaction.isRefused()) {
            if (session.mayLog()) {
                MailLog.recipientRejected(
                        transaction.id(), session.identity().address(), transaction.answer(), transaction.reversePath(),
                        recipient.address(), reply);
            }
            tell(session, transaction, recipient, reply);
        }
        return reply;
    }

    /** Whoever wants to know what others would say to a recipient that the primary will never take; of another server nobody wants to. */
    private void tell(ClientSession session, MailTransaction transaction, Recipient recipient, Reply reply) {
        ServerAnswer answer = transaction.answer();
        if (service().refusals() != null && reply.isPermanentNegative() && answer.isTheServers()
                && "primary".equals(answer.role())) {
            service().refusals().refused(new Refusal(
                    transaction.id(), transaction.envelopeFor(recipient, session.identity()), reply, answer.name()));
        }
    }
}
