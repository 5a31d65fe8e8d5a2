package io.smtpdup.server;

import java.io.IOException;

import io.smtpdup.message.Reply;

/**
 * BDAT, which we do not offer: a chunk's octets may follow at once and must never be read as commands, so the line is
 * closed (RFC 3030).
 */
final class BdatCommand extends SmtpCommand {

    private static final Reply NOT_OFFERED = Reply.of(502, "5.5.1", "CHUNKING is not offered here, closing connection");

    BdatCommand(SmtpService service) {
        super("BDAT", service);
    }

    @Override
    Reply execute(ClientSession session, String argument) throws IOException {
        session.settle();
        session.send(NOT_OFFERED);
        session.leave();
        return null;
    }

    @Override
    Reply refuse(ClientSession session, CommandLine.Flaw flaw) throws IOException {
        return execute(session, "");
    }
}
