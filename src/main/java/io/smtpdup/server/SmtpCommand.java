package io.smtpdup.server;

import java.io.IOException;

import io.smtpdup.message.Reply;
import io.smtpdup.server.CommandLine.Flaw;
import io.smtpdup.server.Conduct.Kind;

/** A command of the {@link CommandTable}. A RuntimeException out of one is a failure of ours, and a 451. */
abstract class SmtpCommand {

    static final Reply SYNTAX = Reply.of(501, "5.5.4", "Syntax error in parameters");

    private final String verb;
    private final SmtpService service;

    /** @param verb in upper case */
    SmtpCommand(String verb, SmtpService service) {
        this.verb = verb;
        this.service = service;
    }

    final String verb() {
        return verb;
    }

    final SmtpService service() {
        return service;
    }

    final SmtpServerConfiguration configuration() {
        return service.configuration();
    }

    /**
     * Does the command.
     *
     * @param session the client's session
     * @param argument what followed the verb, blanks around it removed
     * @return the reply to send; null when the command has sent its replies itself, or will when they are known
     */
    abstract Reply execute(ClientSession session, String argument) throws IOException;

    /** Refuses the command because of its line; the session goes on, unless the flaw is the last (RFC 5321 section 3.8). */
    Reply refuse(ClientSession session, Flaw flaw) throws IOException {
        return flawed(flaw == Flaw.TOO_LONG ? 500 : 501, "5.5.2", flaw);
    }

    static Reply flawed(int code, String enhanced, Flaw flaw) {
        return Reply.of(code, enhanced, flaw.words());
    }

    /** Whether this command may be read before the replies to those in front of it are known. */
    boolean mayOvertake() {
        return false;
    }

    /** Whether the command, with the session as it is after it, has brought no mail nearer. */
    boolean isEmpty(ClientSession session) {
        return false;
    }

    /** What a negative reply of this command counts as. */
    Kind blame(ClientSession session, Reply reply) {
        return reply.isPermanentNegative() ? Kind.ERROR : Kind.REFUSAL;
    }

    /** What the log shows of a refused line: the verb alone, unless the rest can hold no secret. */
    String shown(CommandLine line) {
        return verb;
    }
}
