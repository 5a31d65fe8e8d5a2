package io.smtpdup.server;

import java.io.IOException;

import io.smtpdup.message.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.subethamail.smtp.internal.server.BaseCommand;
import org.subethamail.smtp.server.Session;

/**
 * A command of ours in SubEtha's table. It does what must be the same for all: the verb has to match whole, a failure of
 * ours is a 451, nonsense is counted, and a new command has its own deadline.
 */
abstract class SmtpCommand extends BaseCommand {

    static final Reply SYNTAX = Reply.of(501, "5.5.4", "Syntax error in parameters");

    static final Reply BAD_SEQUENCE = Reply.of(503, "5.5.1", "Bad sequence of commands");

    private static final Reply UNKNOWN = Reply.of(500, "5.5.2", "Command not recognized");

    static final Reply TOO_MANY_ERRORS = Reply.of(421, "4.7.0", "Too many errors, closing connection");

    private static final Reply OWN_FAILURE = Reply.of(451, "4.3.0", "Internal error, try again later");

    private static final Logger LOG = LoggerFactory.getLogger(SmtpCommand.class);

    private final SmtpService service;

    SmtpCommand(String verb, SmtpService service) {
        super(verb, verb);
        this.service = service;
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
     * @return the reply to send; null when the command has sent its replies itself
     */
    abstract Reply execute(ClientSession session, String argument) throws IOException;

    @Override
    public final void execute(String line, Session subetha) throws IOException {
        ClientSession session = service.sessions().of(subetha);
        if (!mayOvertake()) {
            session.settle();
        }
        if (session.isLeaving()) {
            subetha.quit();
            return;
        }
        Reply reply;
        try {
            reply = isWholeVerb(line) ? execute(session, blanksRemoved(line.substring(getName().length()))) : UNKNOWN;
        } catch (RuntimeException e) {
            LOG.error("{} failed: {}", getName(), e.toString());
            LOG.debug("stack trace", e);
            session.settle();
            session.reset();
            reply = OWN_FAILURE;
        }
        if (reply != null) {
            session.settle();
            session.answer(reply);
        }
        session.socket().expectWithin(configuration().commandTimeout(), configuration().commandTimeout());
    }

    /** Whether this command may be read before the replies to those in front of it are known. */
    boolean mayOvertake() {
        return false;
    }

    private boolean isWholeVerb(String line) {
        int length = getName().length();
        return line.length() == length || isBlank(line.charAt(length));
    }

    /** Only blanks and tabs: any other white space in an argument is part of it, and an error. */
    static String blanksRemoved(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isBlank(text.charAt(start))) {
            start++;
        }
        while (end > start && isBlank(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
