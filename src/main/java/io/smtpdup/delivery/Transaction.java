package io.smtpdup.delivery;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import org.eclipse.angus.mail.smtp.SMTPOutputStream;

/**
 * One mail over one connection: MAIL, each RCPT, DATA, the content, the final dot. Where the server announces PIPELINING,
 * all up to DATA leaves in one flight (RFC 2920), so that a mail costs two round trips.
 */
final class Transaction {

    /** So many RCPT leave together: their replies must fit into what we can receive without reading. */
    private static final int FLIGHT = 100;

    private static final Reply BAD_PATH = Reply.of(553, "5.1.3", "A control character in an address");

    private static final Reply NO_RECIPIENTS = Reply.of(554, "5.5.1", "No valid recipients");

    private final RelayTransport server;
    private final Failures failures;
    private final Envelope envelope;
    private final ClientIdentity client;
    private final boolean reused;
    private final List<RefusedRecipient> refused = new ArrayList<>();
    private boolean begun;
    private boolean leftAfterMail;

    /**
     * @param client whom the mail comes from; null when nobody knows
     * @param reused whether the connection lay in a pool, so that it may have died unnoticed since
     */
    Transaction(RelayTransport server, Failures failures, Envelope envelope, ClientIdentity client, boolean reused) {
        this.server = server;
        this.failures = failures;
        this.envelope = envelope;
        this.client = client;
        this.reused = reused;
    }

    /** Does the whole of it. Returns what the server said to the final dot. */
    Reply run(MessageContent content) throws DeliveryException {
        checkPaths();
        start();
        String mail = new MailCommand(server, failures).of(envelope, content);
        if (server.isPipelining()) {
            inFlights(mail);
        } else {
            oneByOne(mail);
        }
        return send(content, server.startContent());
    }

    /**
     * To be called before anything else: has the connection speak for the client.
     *
     * @throws StaleConnectionException when the connection is not fit for another mail
     */
    void start() throws DeliveryException {
        if (reused && server.isOutOfStep()) {
            throw new StaleConnectionException(failures.unclear(Step.MAIL, "spoke between two mails"));
        }
        try {
            server.introduction().speakFor(client);
        } catch (DeliveryException e) {
            throw staleOr(e);
        }
    }

    /** To be called right before MAIL is sent. */
    void begin() throws DeliveryException {
        begun = true;
        try {
            server.introduction().forward(client);
        } catch (DeliveryException e) {
            throw staleOr(e);
        }
    }

    /** Whether MAIL was sent, so that the server may hold a half-done transaction. */
    boolean isBegun() {
        return begun;
    }

    /**
     * Reads the reply to MAIL, which was posted.
     *
     * @param rest reads the replies to what was posted behind MAIL, which count for nothing when MAIL was refused
     * @return 2xx
     * @throws StaleConnectionException when the connection was dead, so that another may fare better
     */
    Reply mailReply(Rest rest) throws DeliveryException {
        try {
            server.introduction().hear();
            Reply reply = server.collect(Step.MAIL);
            if (!reply.isPositive() && !server.isBroken()) {
                hear(rest);
            }
            return judgeMail(reply);
        } catch (DeliveryException e) {
            throw staleOr(e);
        }
    }

    private void hear(Rest rest) {
        try {
            rest.hear();
        } catch (DeliveryException e) {
            server.abandon();
            leftAfterMail = true;
        }
    }

    /** Replies behind one that decides: they have to be read, or the next command would get them. */
    @FunctionalInterface
    interface Rest {

        void hear() throws DeliveryException;
    }

    /**
     * Sends the content, once MAIL and RCPT, and perhaps DATA, have been answered long before.
     *
     * @throws StaleConnectionException when the server has left meanwhile, and has nothing of the content
     */
    Reply finish(MessageContent content) throws DeliveryException {
        new MailCommand(server, failures).check(envelope, content);
        boolean waited = server.isContentDue();
        if (server.isOutOfStep() || waited && server.hasLeft()) {
            throw new StaleConnectionException(failures.unclear(Step.DATA, "spoke before it was asked, or left"));
        }
        try {
            return send(content, startContent());
        } catch (DeliveryException e) {
            throw waited && isLeftBeforeTheDot(e) ? new StaleConnectionException(e) : e;
        }
    }

    /** It has waited for the content as long as a client takes to send it, perhaps too long; it has nothing of the mail. */
    private boolean isLeftBeforeTheDot(DeliveryException failure) {
        return failures.isLost(failure) && failure.outcome() == Outcome.DEFERRED && !Failures.isTimeout(failure);
    }

    private SMTPOutputStream startContent() throws DeliveryException {
        try {
            return server.startContent();
        } catch (DeliveryException e) {
            throw e.reply().code() == 421 || failures.isLost(e) ? new StaleConnectionException(e) : e;
        }
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
        if (envelope.forwardPaths().isEmpty()) {
            throw failures.impossible(NO_RECIPIENTS);
        }
    }

    private void oneByOne(String mail) throws DeliveryException {
        begin();
        try {
            judgeMail(server.command(Step.MAIL, mail));
        } catch (DeliveryException e) {
            throw staleOr(e);
        }
        RcptCommand rcpt = new RcptCommand(server, envelope.smtpUtf8());
        for (Recipient recipient : envelope.forwardPaths()) {
            judgeRecipient(recipient, server.command(Step.RCPT, rcpt.of(recipient)));
        }
        requireAll();
    }

    private void inFlights(String mail) throws DeliveryException {
        RcptCommand rcpt = new RcptCommand(server, envelope.smtpUtf8());
        List<Recipient> recipients = envelope.forwardPaths();
        for (int from = 0; from < recipients.size(); from += FLIGHT) {
            List<Recipient> flight = recipients.subList(from, Math.min(recipients.size(), from + FLIGHT));
            boolean last = from + flight.size() == recipients.size();
            Step step = from == 0 ? Step.MAIL : Step.RCPT;
            Reply spoken = server.unaskedRefusal(step);
            if (spoken != null) {
                throw failures.refused(step, spoken);
            }
            if (from == 0) {
                begin();
                server.post(Step.MAIL, mail);
            }
            for (Recipient recipient : flight) {
                server.post(Step.RCPT, rcpt.of(recipient));
            }
            if (last) {
                server.postData();
            }
            if (from == 0) {
                mailReply(() -> skip(flight.size(), last));
            }
            for (Recipient recipient : flight) {
                judgeRecipient(recipient, server.collect(Step.RCPT));
            }
        }
        if (!refused.isEmpty()) {
            hear(() -> skip(0, true));
        }
        requireAll();
    }

    /**
     * Reads replies that do not count any more. A server that would take content now must not get any, not even an empty
     * message for the recipients it did take: there is no way back but to end the connection.
     */
    private void skip(int recipients, boolean data) throws DeliveryException {
        for (int i = 0; i < recipients; i++) {
            server.collect(Step.RCPT);
        }
        if (data && server.collectGoAhead().code() < 400) {
            server.abandon();
        }
    }

    private Reply judgeMail(Reply reply) throws DeliveryException {
        if (server.hasCarried() && reply.isTransientNegative()) {
            server.spend(); // perhaps it takes so many mails on a connection and no more: the next mail gets another
        }
        require2xx(Step.MAIL, reply);
        return reply;
    }

    private DeliveryException staleOr(DeliveryException failure) {
        return failure instanceof StaleConnectionException ? failure : reused && isStale(failure) ? new StaleConnectionException(failure) : failure;
    }

    /** A refusal may be older than our MAIL: some servers say 451 or 554 to an idle connection, and close it. */
    private boolean isStale(DeliveryException failure) {
        return failure.reply().code() == 421 || failures.isLost(failure) || leftAfterMail
                || !server.isBroken() && !server.reset();
    }

    private void judgeRecipient(Recipient recipient, Reply reply) throws DeliveryException {
        if (reply.code() < 400 || reply.code() == 421) {
            require2xx(Step.RCPT, reply);
        } else {
            refused.add(new RefusedRecipient(recipient.address(), reply));
        }
    }

    private void requireAll() throws DeliveryException {
        if (!refused.isEmpty()) {
            throw failures.recipientsRefused(refused, envelope.forwardPaths().size());
        }
    }

    private Reply send(MessageContent content, SMTPOutputStream out) throws DeliveryException {
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
        return finalDot();
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
