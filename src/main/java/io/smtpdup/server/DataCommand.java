package io.smtpdup.server;

import java.io.IOException;

import io.smtpdup.message.Reply;

/** DATA: the content is read to its end, whatever becomes of it, and gets its one reply (RFC 5321 section 4.1.1.4). */
final class DataCommand extends SmtpCommand {

    private static final Reply MAIL_FIRST = Reply.of(503, "5.5.1", "Send MAIL first");

    private static final Reply NO_RECIPIENTS = Reply.of(554, "5.5.1", "No valid recipients");

    private static final Reply NO_PARAMETERS = Reply.of(501, "5.5.4", "DATA takes no parameters");

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
        session.setReceiving(true);
        try {
            session.send(GO_ON);
            session.socket().expectWithin(configuration().dataTimeout(), configuration().commandTimeout());
            Reply reply = service().receiver().receive(session);
            session.send(reply);
            session.socket().sendHeldReplies();
            if (reply.code() == 421) {
                session.session().quit();
            }
        } finally {
            session.reset();
            session.setReceiving(false);
        }
        return null;
    }
}
