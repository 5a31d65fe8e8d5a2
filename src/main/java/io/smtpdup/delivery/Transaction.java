package io.smtpdup.delivery;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.Reply;
import org.eclipse.angus.mail.smtp.SMTPOutputStream;

/** One mail over one connection: MAIL, each RCPT, DATA, the content, the final dot. */
final class Transaction {

    private static final Reply BAD_PATH = Reply.of(553, "5.1.3", "A control character in an address");

    private static final Reply NO_RECIPIENTS = Reply.of(554, "5.5.1", "No valid recipients");

    private final RelayTransport server;
    private final Failures failures;
    private final Envelope envelope;
    private final MessageContent content;
    private final boolean reused;
    private boolean begun;

    /** @param reused whether the connection has carried a mail before, so that it may have died unnoticed since */
    Transaction(RelayTransport server, Failures failures, Envelope envelope, MessageContent content, boolean reused) {
        this.server = server;
        this.failures = failures;
        this.envelope = envelope;
        this.content = content;
        this.reused = reused;
    }

    Reply run() throws DeliveryException {
        checkPaths();
        String mail = new MailCommand(server, failures).of(envelope, content);
        begun = true;
        mail(mail);
        recipients();
        content();
        return finalDot();
    }

    /** Whether MAIL was sent, so that the server may hold a half-done transaction. */
    boolean isBegun() {
        return begun;
    }

    /** The failure for a reply that should have been positive and is not. */
    static DeliveryException refusalOf(Reply reply, Step step, Failures failures, RelayTransport server) {
        if (reply.code() >= 400) {
            return failures.refused(step, reply);
        }
        server.abandon();
        return failures.unclear(step, reply.toString());
    }

    /** Our own smtp-server lets none of these in; a route may have set one, and CR LF would be a command of its own. */
    private void checkPaths() throws DeliveryException {
        if (Stream.concat(Stream.of(envelope.reversePath()), envelope.recipients().stream())
                .anyMatch(path -> path.chars().anyMatch(Character::isISOControl))) {
            throw failures.impossible(BAD_PATH);
        }
        if (envelope.recipients().isEmpty()) {
            throw failures.impossible(NO_RECIPIENTS);
        }
    }

    private void mail(String command) throws DeliveryException {
        if (reused && server.isOutOfStep()) {
            throw new StaleConnectionException(failures.unclear(Step.MAIL, "spoke between two mails"));
        }
        try {
            Reply reply = server.command(Step.MAIL, command);
            if (reused && reply.isTransientNegative()) {
                server.spend(); // perhaps it takes so many mails on a connection and no more: the next mail gets another
            }
            require2xx(Step.MAIL, reply);
        } catch (DeliveryException e) {
            throw reused && isStale(e) ? new StaleConnectionException(e) : e;
        }
    }

    /** A refusal may be older than our MAIL: some servers say 451 or 554 to an idle connection, and close it. */
    private boolean isStale(DeliveryException failure) {
        return failure.reply().code() == 421 || failures.isLost(failure) || !server.isBroken() && !server.reset();
    }

    private void recipients() throws DeliveryException {
        String parameters = server.isToldNeverToNotify() ? " NOTIFY=NEVER" : ""; // RFC 3461 section 4.1
        List<RefusedRecipient> refused = new ArrayList<>();
        for (String recipient : envelope.recipients()) {
            Reply reply = server.command(Step.RCPT, "RCPT TO:<" + recipient + ">" + parameters);
            if (reply.code() < 400 || reply.code() == 421) {
                require2xx(Step.RCPT, reply);
            } else {
                refused.add(new RefusedRecipient(recipient, reply));
            }
        }
        if (!refused.isEmpty()) {
            throw failures.recipientsRefused(refused, envelope.recipients().size());
        }
    }

    private void content() throws DeliveryException {
        SMTPOutputStream out = server.startContent();
        LineGuardOutputStream guard = new LineGuardOutputStream(out);
        try {
            content.writeTo(guard);
            guard.finish();
        } catch (IOException | RuntimeException e) {
            server.abandon();
            if (guard.hasLoneLineEnd()) {
                throw failures.loneLineEnd();
            }
            if (guard.peerFailure() == null) {
                throw failures.unreadable(e);
            }
            throw failures.refused(Step.CONTENT, server.lastWords(Step.CONTENT, guard.peerFailure()));
        }
        try {
            out.ensureAtBOL();
        } catch (IOException e) {
            throw failures.refused(Step.CONTENT, server.lastWords(Step.CONTENT, e));
        }
    }

    private Reply finalDot() throws DeliveryException {
        Reply reply = server.command(Step.FINAL_DOT, ".");
        require2xx(Step.FINAL_DOT, reply);
        return reply;
    }

    private void require2xx(Step step, Reply reply) throws DeliveryException {
        if (!reply.isPositive()) {
            throw refusalOf(reply, step, failures, server);
        }
    }
}
