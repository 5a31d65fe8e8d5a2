package io.smtpdup.server;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;

import io.smtpdup.message.Reply;
import io.smtpdup.ops.MailLog;
import io.smtpdup.server.Conduct.Kind;
import io.smtpdup.server.MailReceiver.Answer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DATA: the content is read to its end, whatever becomes of it, and gets its reply (RFC 5321 section 4.1.1.4), or with LMTP
 * one for each recipient (RFC 2033 section 4.2). The next hop is asked for it at the same time: when it has refused before we
 * say 354, that is the reply to DATA, and when it does so later, to the content.
 */
final class DataCommand extends SmtpCommand {

    private static final Reply MAIL_FIRST = Reply.of(503, "5.5.1", "Send MAIL first");

    private static final Reply NO_RECIPIENTS = Reply.of(554, "5.5.1", "No valid recipients");

    /** RFC 2033 section 4.2. */
    private static final Reply NO_RECIPIENTS_IN_LMTP = Reply.of(503, "5.5.1", "No valid recipients");

    private static final Reply NO_PARAMETERS = Reply.of(501, "5.5.4", "DATA takes no parameters");

    /** Perhaps from within the content, the rest of which must never be taken for commands: so the line is closed. */
    private static final Reply BROKEN_OFF = Reply.of(421, "4.3.0", "Internal error, closing connection");

    private static final Logger LOG = LoggerFactory.getLogger(DataCommand.class);

    private static final Reply GO_AHEAD = new Reply(354, List.of("End data with <CR><LF>.<CR><LF>"));

    DataCommand(SmtpService service) {
        super("DATA", service);
    }

    @Override
    Reply execute(ClientSession session, String argument) throws IOException {
        if (argument.isEmpty() && session.transaction() != null) {
            session.transaction().askForContent();
        }
        session.settle();
        if (session.isLeaving()) {
            return null;
        }
        if (!argument.isEmpty()) {
            return NO_PARAMETERS;
        }
        MailTransaction transaction = session.transaction();
        if (transaction == null) {
            return MAIL_FIRST;
        }
        boolean forNobody = transaction.recipientCount() == 0;
        Reply heard = transaction.contentReply(forNobody).orElse(GO_AHEAD);
        if (forNobody) {
            return session.isLmtp() ? NO_RECIPIENTS_IN_LMTP : heard.code() >= 400 ? heard : NO_RECIPIENTS;
        }
        if (!heard.isIntermediate()) {
            return refused(session, heard);
        }
        if (!session.startReceiving()) {
            return Drain.SHUTTING_DOWN;
        }
        transaction.askForContent(); // of a server that is asked one thing at a time
        try {
            converse(session);
        } catch (RuntimeException e) {
            LOG.error("DATA failed: {}", e.toString());
            LOG.debug("stack trace", e);
            return BROKEN_OFF;
        } finally {
            session.reset();
            session.endReceiving();
        }
        return null;
    }

    /** The next hop has refused the mail before it saw any of it. */
    private Reply refused(ClientSession session, Reply reply) {
        MailTransaction transaction = session.transaction();
        if (configuration().isMailLog()) {
            MailLog.rejected(
                    transaction.id(), session.identity().address(), transaction.answer(), transaction.envelope(), reply);
        }
        session.reset();
        return reply;
    }

    /** Behind recipients that the next hop has not answered, DATA can leave with them. */
    @Override
    boolean mayOvertake() {
        return true;
    }

    /** Whatever is said behind a MAIL, or behind recipients, that were refused is no error of the client's. */
    @Override
    Kind blame(ClientSession session, Reply reply) {
        boolean own = reply == NO_PARAMETERS
                || reply == MAIL_FIRST && !session.isMailRefused()
                || (reply == NO_RECIPIENTS || reply == NO_RECIPIENTS_IN_LMTP) && !session.transaction().hasRefusedRecipients();
        return own ? Kind.ERROR : Kind.REFUSAL;
    }

    private void converse(ClientSession session) throws IOException {
        try {
            session.send(GO_AHEAD);
            session.socket().expectWithin(configuration().dataTimeout(), configuration().commandTimeout());
            answer(session, service().receiver().receive(session));
        } catch (SocketTimeoutException e) {
            throw e; // the client hears 421
        } catch (IOException e) {
            LOG.debug("the client left within the content", e);
            session.socket().abandon();
            session.quit();
        }
    }

    private static void answer(ClientSession session, Answer answer) throws IOException {
        try {
            for (Reply reply : answer.replies()) {
                session.send(reply);
            }
            session.socket().sendHeldReplies();
        } catch (IOException e) {
            MailLog.unheard(answer.id(), session.identity().address(), answer.replies().get(0), e.toString());
            throw e;
        }
        session.contentAnswered(answer.replies().stream().anyMatch(Reply::isPositive));
        if (answer.last()) {
            session.quit();
        }
    }
}
