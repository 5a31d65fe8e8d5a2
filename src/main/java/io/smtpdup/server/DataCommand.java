package io.smtpdup.server;

import java.io.IOException;
import java.net.SocketTimeoutException;

import io.smtpdup.message.Reply;
import io.smtpdup.ops.MailLog;
import io.smtpdup.server.MailReceiver.Answer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** DATA: the content is read to its end, whatever becomes of it, and gets its one reply (RFC 5321 section 4.1.1.4). */
final class DataCommand extends SmtpCommand {

    private static final Reply MAIL_FIRST = Reply.of(503, "5.5.1", "Send MAIL first");

    private static final Reply NO_RECIPIENTS = Reply.of(554, "5.5.1", "No valid recipients");

    private static final Reply NO_PARAMETERS = Reply.of(501, "5.5.4", "DATA takes no parameters");

    /** Perhaps from within the content, the rest of which must never be taken for commands: so the line is closed. */
    private static final Reply BROKEN_OFF = Reply.of(421, "4.3.0", "Internal error, closing connection");

    private static final Logger LOG = LoggerFactory.getLogger(DataCommand.class);

    private static final String GO_ON = "354 End data with <CR><LF>.<CR><LF>\r\n";

    DataCommand(SmtpService service) {
        super("DATA", service);
    }

    @Override
    Reply execute(ClientSession session, String argument) throws IOException {
        if (!argument.isEmpty()) {
            return NO_PARAMETERS;
        }
        if (session.transaction() == null) {
            return MAIL_FIRST;
        }
        if (session.transaction().recipientCount() == 0) {
            return NO_RECIPIENTS;
        }
        if (!session.startReceiving()) {
            return Drain.SHUTTING_DOWN;
        }
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

    private void converse(ClientSession session) throws IOException {
        try {
            session.send(GO_ON);
            session.socket().expectWithin(configuration().dataTimeout(), configuration().commandTimeout());
            answer(session, service().receiver().receive(session));
        } catch (SocketTimeoutException e) {
            // The library says 421, and closes.
            throw e;
        } catch (IOException e) {
            LOG.debug("the client left within the content", e);
            session.socket().abandon();
            session.session().quit();
        }
    }

    private static void answer(ClientSession session, Answer answer) throws IOException {
        try {
            session.send(answer.reply());
            session.socket().sendHeldReplies();
        } catch (IOException e) {
            MailLog.unheard(answer.id(), session.client(), answer.reply(), e.toString());
            throw e;
        }
        if (answer.reply().isPositive()) {
            session.forgiveErrors();
        }
        if (answer.last()) {
            session.session().quit();
        }
    }
}
