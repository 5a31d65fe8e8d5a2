package io.smtpdup.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

import io.smtpdup.message.Reply;
import org.subethamail.smtp.server.Session;

/**
 * One client's connection: what it said in EHLO, the transaction it is in, and how many times it talked nonsense. SubEtha's
 * own session keeps the socket and the command loop.
 */
final class ClientSession {

    private final Session session;

    private final ClientSocket socket;

    private boolean esmtp;

    private MailTransaction transaction;

    private int errors;

    private volatile boolean receiving;

    ClientSession(Session session, ClientSocket socket) {
        this.session = session;
        this.socket = socket;
    }

    Session session() {
        return session;
    }

    ClientSocket socket() {
        return socket;
    }

    InetSocketAddress client() {
        return session.getRemoteAddress();
    }

    /** What the client called itself; null before EHLO or HELO. */
    String helo() {
        return session.getHelo().orElse(null);
    }

    /** Whether it was EHLO, so that parameters may follow. */
    boolean isEsmtp() {
        return esmtp;
    }

    void greet(String helo, boolean esmtp) {
        session.setHelo(helo);
        this.esmtp = esmtp;
        transaction = null;
    }

    /** The transaction the client is in; null outside of one. */
    MailTransaction transaction() {
        return transaction;
    }

    void begin(MailTransaction started) {
        transaction = started;
    }

    void reset() {
        transaction = null;
    }

    /** Back to the state after the greeting: what was said in clear text does not count under TLS (RFC 3207 4.2). */
    void resetAfterTls() {
        transaction = null;
        esmtp = false;
    }

    /** Counts a command that made no sense. Returns how many there have been on this connection. */
    int countError() {
        return ++errors;
    }

    /** True from the 354 until the reply to the content is on its way: a time at which nobody may cut the line. */
    boolean isReceiving() {
        return receiving;
    }

    void setReceiving(boolean receiving) {
        this.receiving = receiving;
    }

    /**
     * Writes a reply in UTF-8, as SMTPUTF8 has it (RFC 6531 section 3.7.4.1); SubEtha's own writer would use the
     * platform's charset.
     */
    void send(Reply reply) throws IOException {
        send(reply.toWire());
    }

    void send(String wire) throws IOException {
        session.getSocket().getOutputStream().write(wire.getBytes(StandardCharsets.UTF_8));
    }
}
