package io.smtpdup.delivery;

import java.io.IOException;

import io.smtpdup.message.DsnParameters;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;

/**
 * The MAIL command for an envelope, with those parameters of the client's that the server understands. What the server
 * does not understand is left out when the mail can travel without it, and is a reason to refuse when it cannot.
 */
final class MailLine {

    private static final Reply NEEDS_8BITMIME =
            Reply.of(554, "5.6.3", "The message needs 8BITMIME, which the next mail server does not offer");

    static final Reply NEEDS_SMTPUTF8 =
            Reply.of(550, "5.6.7", "The message needs SMTPUTF8, which the next mail server does not offer");

    private static final Reply BAD_PARAMETER = Reply.of(554, "5.5.4", "A malformed parameter in the envelope");

    private final Connection server;
    private final Failures failures;

    MailLine(Connection server, Failures failures) {
        this.server = server;
        this.failures = failures;
    }

    /** The command for a mail that is here as a whole. */
    String of(Envelope envelope, MessageContent content) throws DeliveryException {
        checkParameters(envelope);
        check(envelope, content);
        return of(envelope, content.size());
    }

    /**
     * The command for a mail whose content is not known yet. {@link #check} is still to be asked.
     *
     * @param size what the client declared; -1 when nothing
     */
    String opening(Envelope envelope, long size) throws DeliveryException {
        checkParameters(envelope);
        if (!server.offers("SMTPUTF8") && envelope.isInternational()) {
            throw lacking(NEEDS_SMTPUTF8);
        }
        return of(envelope, size);
    }

    private String of(Envelope envelope, long size) {
        StringBuilder command = new StringBuilder("MAIL FROM:<").append(envelope.reversePath()).append('>');
        if (size >= 0 && server.offers("SIZE")) {
            command.append(" SIZE=").append(size);
        }
        if (envelope.body() != null && server.offers("8BITMIME")) {
            command.append(" BODY=").append(envelope.body().keyword());
        }
        if (envelope.smtpUtf8() && server.offers("SMTPUTF8")) {
            command.append(" SMTPUTF8");
        }
        if (server.offers("DSN")) {
            dsn(envelope, command);
        }
        return command.toString();
    }

    /**
     * Asks whether the mail can travel on to this server.
     *
     * @throws DeliveryException failed, when it has octets that the server does not take: with 554 5.6.3 or 550 5.6.7
     * @throws BeginAnewException when a fresh connection may know better
     */
    void check(Envelope envelope, MessageContent content) throws DeliveryException {
        try {
            if (envelope.smtpUtf8() && !server.offers("SMTPUTF8")
                    && (envelope.isInternational() || content.isHeaderEightBit())) {
                throw lacking(NEEDS_SMTPUTF8);
            }
            // Declared or not: RFC 6152 section 3 lets no such octet pass to a server that did not ask for them.
            if (!server.offers("8BITMIME") && content.isEightBit()) {
                throw lacking(NEEDS_8BITMIME);
            }
        } catch (IOException e) {
            throw failures.unreadable(e);
        }
    }

    /**
     * The server does not offer what the mail needs, as far as this connection knows. Only a fresh answer to EHLO is the
     * server's last word: it may have been restarted since, or may not have been itself when it took HELO.
     */
    private DeliveryException lacking(Reply reply) {
        if (server.isRested()) {
            return new BeginAnewException(BeginAnewException.Why.WORN, Step.MAIL, failures.impossible(reply));
        }
        return server.isLessThanBefore() ? failures.notNow(reply) : failures.impossible(reply);
    }

    private void dsn(Envelope envelope, StringBuilder command) {
        if (envelope.ret() != null && !server.isToldNeverToNotify()) {
            command.append(" RET=").append(envelope.ret());
        }
        if (envelope.envid() != null) {
            command.append(" ENVID=").append(envelope.envid());
        }
    }

    /** Our own smtp-server and spool let nothing malformed in; a route may have, and CR LF would be a command of its own. */
    private void checkParameters(Envelope envelope) throws DeliveryException {
        boolean wellFormed = (envelope.ret() == null || DsnParameters.isRet(envelope.ret()))
                && (envelope.envid() == null || DsnParameters.isEnvid(envelope.envid()));
        for (Recipient one : envelope.forwardPaths()) {
            wellFormed &= (one.notifyOn() == null || DsnParameters.isNotify(one.notifyOn()))
                    && (one.orcpt() == null || DsnParameters.isOrcpt(one.orcpt(), true));
        }
        if (!wellFormed) {
            throw failures.impossible(BAD_PARAMETER);
        }
    }
}
