package io.smtpdup.server;

import java.io.IOException;

import io.smtpdup.message.Reply;

/** QUIT: good-bye, and the line is closed. */
final class QuitCommand extends SmtpCommand {

    private static final Reply BYE = Reply.of(221, "2.0.0", "Bye");

    QuitCommand(SmtpService service) {
        super("QUIT", service);
    }

    @Override
    Reply execute(ClientSession session, String argument) throws IOException {
        session.send(BYE);
        session.leave();
        return null;
    }
}
