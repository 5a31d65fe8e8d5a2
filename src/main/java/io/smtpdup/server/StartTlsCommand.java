package io.smtpdup.server;

import java.io.IOException;
import java.time.Duration;

import javax.net.ssl.SSLSocket;

import io.smtpdup.message.Reply;
import io.smtpdup.ops.MailLog;

/**
 * STARTTLS: shakes hands, and forgets what was said in clear text, also what has been read of it already (RFC 3207). A
 * handshake that fails ends the connection.
 */
final class StartTlsCommand extends SmtpCommand {

    private static final Reply NOT_OFFERED = Reply.of(502, "5.5.1", "STARTTLS is not offered here");

    private static final Reply ACTIVE = Reply.of(503, "5.5.1", "TLS is already active");

    private static final Reply NO_PARAMETERS = Reply.of(501, "5.5.4", "STARTTLS takes no parameters");

    private static final Reply READY = Reply.of(220, "2.0.0", "Ready to start TLS");

    /** Whoever tries out ports and protocols would fill the log. */
    private final LineBudget failures =
            new LineBudget(20, Duration.ofMinutes(1), count -> MailLog.unlogged("TLS handshakes that failed", count));

    StartTlsCommand(SmtpService service) {
        super("STARTTLS", service);
    }

    @Override
    Reply execute(ClientSession session, String argument) throws IOException {
        if (service().tls() == null) {
            return NOT_OFFERED;
        }
        if (session.isSecure()) {
            return ACTIVE;
        }
        if (!argument.isEmpty()) {
            return NO_PARAMETERS;
        }
        session.send(READY);
        try {
            session.secure(handshake(session.socket()));
        } catch (IOException e) {
            if (configuration().isMailLog() && failures.take()) {
                MailLog.tlsFailed(session.client().getAddress(), e.getMessage() == null ? e.toString() : e.getMessage());
            }
            session.leave();
        }
        return null;
    }

    private SSLSocket handshake(ClientSocket socket) throws IOException {
        Duration timeout = configuration().commandTimeout();
        socket.expectWithin(timeout, timeout);
        SSLSocket secured = (SSLSocket) service().tls().getSocketFactory()
                .createSocket(socket, socket.getInetAddress().getHostAddress(), socket.getPort(), true);
        secured.setUseClientMode(false);
        TlsPolicy.applyTo(secured);
        secured.startHandshake();
        return secured;
    }
}
