package io.smtpdup.server;

import io.smtpdup.message.Reply;

/** RSET: the transaction never was. */
final class ResetCommand extends SmtpCommand {

    private static final Reply OK = Reply.of(250, "2.0.0", "Ok");

    ResetCommand(SmtpService service) {
        super("RSET", service);
    }

    @Override
    Reply execute(ClientSession session, String argument) {
        session.reset();
        return OK;
    }

    @Override
    boolean isEmpty(ClientSession session) {
        return true;
    }
}
