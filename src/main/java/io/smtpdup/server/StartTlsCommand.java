package io.smtpdup.server;

import java.io.IOException;

import io.smtpdup.message.Reply;
import org.subethamail.smtp.internal.command.StartTLSCommand;

/** STARTTLS: SubEtha shakes hands; we forget what was said in clear text (RFC 3207). */
final class StartTlsCommand extends SmtpCommand {

    private static final Reply NOT_OFFERED = Reply.of(502, "5.5.1", "STARTTLS is not offered here");

    private static final Reply ACTIVE = Reply.of(503, "5.5.1", "TLS is active already");

    private static final Reply NO_PARAMETERS = Reply.of(501, "5.5.4", "STARTTLS takes no parameters");

    private final StartTLSCommand handshake = new StartTLSCommand();

    StartTlsCommand(SmtpService service) {
        super("STARTTLS", service);
    }

    @Override
    Reply execute(ClientSession session, String argument) throws IOException {
        if (!service().offersTls()) {
            return NOT_OFFERED;
        }
        if (session.session().isTLSStarted()) {
            return ACTIVE;
        }
        if (!argument.isEmpty()) {
            return NO_PARAMETERS;
        }
        handshake.execute(getName(), session.session());
        if (session.session().isTLSStarted()) {
            session.resetAfterTls();
        } else {
            session.session().quit();
        }
        return null;
    }
}
