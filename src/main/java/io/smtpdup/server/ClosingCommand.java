package io.smtpdup.server;

import java.io.IOException;

import io.smtpdup.message.Reply;

/**
 * A command behind whose reply the line is closed: QUIT, and BDAT, which we do not offer. A chunk's octets may follow BDAT at
 * once and must never be read as commands, whatever is wrong with the line (RFC 3030).
 */
final class ClosingCommand extends SmtpCommand {

    private final Reply reply;
    private final boolean evenFlawed;

    /** @param evenFlawed whether a line with a flaw gets that reply as well */
    ClosingCommand(String verb, SmtpService service, Reply reply, boolean evenFlawed) {
        super(verb, service);
        this.reply = reply;
        this.evenFlawed = evenFlawed;
    }

    @Override
    Reply execute(ClientSession session, String argument) throws IOException {
        session.send(reply);
        session.leave();
        return null;
    }

    @Override
    Reply refuse(ClientSession session, CommandLine.Flaw flaw) throws IOException {
        return evenFlawed ? execute(session, "") : super.refuse(session, flaw);
    }
}
