package io.smtpdup.server;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import javax.net.ssl.SSLSocket;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Reply;
import org.subethamail.smtp.server.Session;

/**
 * One client's connection: what it said in EHLO, the transaction it is in, and how many times it talked nonsense. SubEtha's
 * own session keeps the socket and the command loop.
 */
final class ClientSession {

    /** What Postfix allows by default: after that many errors a client is no mail client. */
    private static final int MAX_ERRORS = 20;

    /** So many replies may be owed to a client at a time, MAIL and a hundred RCPT; it may pipeline thousands of them. */
    private static final int MOST_OWED = 101;

    /** What a drain has to know. */
    private enum Phase { TALKING, RECEIVING, SENT_AWAY }

    private final Session session;

    private final ClientSocket socket;

    private final boolean lmtp;

    private boolean esmtp;

    private Announcement offered = Announcement.NONE;

    private final ClientAttributes spokenFor = new ClientAttributes();

    private final ClientAttributes forwarded = new ClientAttributes();

    private MailTransaction transaction;

    private int errors;

    private boolean leaving;

    private final Queue<Supplier<Reply>> owed = new ArrayDeque<>();

    private volatile OutputStream replies;

    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.TALKING);

    ClientSession(Session session, ClientSocket socket, boolean lmtp) throws IOException {
        this.session = session;
        this.socket = socket;
        this.lmtp = lmtp;
        talkThrough(socket);
    }

    Session session() {
        return session;
    }

    ClientSocket socket() {
        return socket;
    }

    /** Who has connected; behind a proxy, for whom the proxy has. */
    InetSocketAddress client() {
        return session.getRemoteAddress();
    }

    /** What the client called itself; null before EHLO or HELO. */
    String helo() {
        return session.getHelo().orElse(null);
    }

    /** Whether each recipient has a reply to the content of its own (RFC 2033). */
    boolean isLmtp() {
        return lmtp;
    }

    /** What the client speaks: SMTP, ESMTP or LMTP. */
    String protocol() {
        return lmtp ? "LMTP" : esmtp ? "ESMTP" : "SMTP";
    }

    void greet(String helo, boolean esmtp) {
        reset();
        session.setHelo(helo);
        this.esmtp = esmtp;
        offered = Announcement.NONE;
    }

    /** Keeps what the client is told that it may use, until it greets anew or goes on under TLS. */
    void offer(Announcement announced) {
        offered = announced;
    }

    /** What the client may use. */
    Announcement offered() {
        return offered;
    }

    /** The transaction the client is in; null outside of one. */
    MailTransaction transaction() {
        return transaction;
    }

    void begin(MailTransaction started) {
        transaction = started;
    }

    void reset() {
        MailTransaction ended = transaction;
        transaction = null;
        forwarded.clear();
        if (ended != null) {
            ended.end();
        }
    }

    /** Begins anew, as a session of the client for whom the peer speaks (XCLIENT). */
    void speakFor(ClientAttributes client) {
        reset();
        session.resetSmtpProtocol();
        esmtp = false;
        offered = Announcement.NONE;
        spokenFor.add(client);
    }

    /** Keeps, until the next mail has ended, whom it comes from (XFORWARD). */
    void forward(ClientAttributes client) {
        forwarded.add(client);
    }

    /** Whose session this is: the peer's, or the client's for whom it speaks. */
    ClientIdentity owner() {
        return spokenFor.over(new ClientIdentity(client(), null, helo(), esmtp ? "ESMTP" : "SMTP"));
    }

    /** Whom mail of this session comes from. */
    ClientIdentity identity() {
        return forwarded.over(owner());
    }

    /**
     * Keeps a reply that another server owes us, so that the next question can leave with this one. It is waited for in
     * {@link #settle}.
     */
    void defer(Supplier<Reply> reply) throws IOException {
        owed.add(reply);
        if (owed.size() >= MOST_OWED) {
            settle();
        }
    }

    /** Waits for the replies that other servers owe us, and answers the client with them. */
    void settle() throws IOException {
        while (!owed.isEmpty()) {
            answer(owed.remove().get());
        }
        if (transaction != null && transaction.isRefused()) {
            reset();
        }
    }

    /** Sends the reply to a command; the line ends with a 421, and when the client has talked too much nonsense. */
    void answer(Reply reply) throws IOException {
        boolean nonsense = reply.code() >= 500 && reply.code() <= 504;
        if (nonsense && countError()) {
            send(SmtpCommand.TOO_MANY_ERRORS);
            leave();
            return;
        }
        send(reply);
        if (reply.code() == 421) {
            leave();
        }
    }

    private void leave() {
        leaving = true;
        session.quit();
    }

    /** True when the client has heard that this is the end, so that nothing it has sent further is answered. */
    boolean isLeaving() {
        return leaving || hasTooManyErrors();
    }

    /** Goes on under TLS, where nothing counts that was said in clear text (RFC 3207 section 4.2). */
    void secure(SSLSocket secured) throws IOException {
        talkThrough(secured);
        session.setTlsStarted(true);
        session.resetSmtpProtocol();
        reset();
        esmtp = false;
        offered = Announcement.NONE;
        spokenFor.clear();
    }

    /** Has the library read from this connection, and us and the library write to it. */
    private void talkThrough(Socket connection) throws IOException {
        replies = connection.getOutputStream();
        session.setSocket(new SessionSocket(connection, this));
    }

    /** Counts a command that made no sense. Returns true when it was one too many. */
    boolean countError() {
        errors++;
        return hasTooManyErrors();
    }

    /** A mail was taken: this is a mail client, whatever it got wrong before. */
    void forgiveErrors() {
        errors = 0;
    }

    boolean hasTooManyErrors() {
        return errors > MAX_ERRORS;
    }

    /**
     * Begins the time at which nobody may cut the line: from the 354 until the reply to the content is on its way.
     *
     * @return false when the client has been sent away already
     */
    boolean startReceiving() {
        return phase.compareAndSet(Phase.TALKING, Phase.RECEIVING);
    }

    void endReceiving() {
        phase.compareAndSet(Phase.RECEIVING, Phase.TALKING);
    }

    boolean isReceiving() {
        return phase.get() == Phase.RECEIVING;
    }

    /** Marks the client as sent away; from now on it cannot begin to send a message. Returns false when it has begun. */
    boolean startSendingAway() {
        return phase.compareAndSet(Phase.TALKING, Phase.SENT_AWAY);
    }

    /**
     * Writes a reply in UTF-8, as SMTPUTF8 has it (RFC 6531 section 3.7.4.1); SubEtha's own writer would use the
     * platform's charset.
     */
    void send(Reply reply) throws IOException {
        send(reply.toWire());
    }

    void send(String wire) throws IOException {
        replies.write(wire.getBytes(StandardCharsets.UTF_8));
    }
}
