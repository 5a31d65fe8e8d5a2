package io.smtpdup.server;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

import io.smtpdup.message.Reply;
import io.smtpdup.ops.MailLog;
import io.smtpdup.server.CommandLine.Flaw;
import io.smtpdup.server.Conduct.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every command that a client may say, by verb. */
final class CommandTable {

    private static final Reply UNKNOWN = Reply.of(500, "5.5.2", "Command not recognized");

    private static final Reply NOT_SMTP = Reply.of(421, "4.7.0", "This is a mail server, closing connection");

    private static final Reply OWN_FAILURE = Reply.of(451, "4.3.0", "Internal error, try again later");

    private static final Logger LOG = LoggerFactory.getLogger(CommandTable.class);

    private final Map<String, SmtpCommand> commands = new HashMap<>();
    private final SmtpService service;

    CommandTable(SmtpService service) {
        this.service = service;
    }

    void add(SmtpCommand command) {
        commands.put(command.verb(), command);
    }

    /** Does what the client's line says, and answers it. */
    void execute(ClientSession session) throws IOException {
        CommandLine line = session.line();
        SmtpCommand command = commands.get(line.verb());
        if (command == null || !command.mayOvertake()) {
            session.settle();
        }
        if (session.isLeaving()) {
            return;
        }
        Reply reply = reply(command, line, session);
        if (reply != null) {
            session.settle();
            answer(session, command, line, reply);
        }
        session.socket().expectWithin(
                service.configuration().commandTimeout(), service.configuration().commandTimeout());
    }

    private Reply reply(SmtpCommand command, CommandLine line, ClientSession session) throws IOException {
        if (command == null) {
            return line.isHttp() ? NOT_SMTP : line.flaw().isLast() ? SmtpCommand.flawed(501, "5.5.2", line.flaw()) : UNKNOWN;
        }
        try {
            return line.flaw() == Flaw.NONE
                    ? command.execute(session, line.argument()) : command.refuse(session, line.flaw());
        } catch (RuntimeException e) {
            LOG.error("{} failed: {}", command.verb(), e.toString());
            LOG.debug("stack trace", e);
            session.settle();
            session.reset();
            return OWN_FAILURE;
        }
    }

    private void answer(ClientSession session, SmtpCommand command, CommandLine line, Reply reply) throws IOException {
        if (reply.isPositive()) {
            session.answer(reply, command.isEmpty(session) ? Kind.EMPTY : null);
        } else {
            boolean flawed = command == null || line.flaw() != Flaw.NONE;
            Kind kind = flawed ? Kind.ERROR : command.blame(session, reply);
            if (kind == Kind.ERROR && session.mayLog()) {
                MailLog.commandRefused(session.identity().address().getAddress(),
                        command == null ? "" : command.shown(line), reply);
            }
            session.answer(reply, kind);
        }
        if (line.flaw().isLast()) {
            session.leave();
        }
    }
}
