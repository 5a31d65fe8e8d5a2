package io.smtpdup.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;

import javax.net.ssl.SSLSocket;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Reply;
import io.smtpdup.ops.MailLog;
import io.smtpdup.server.Conduct.Kind;

/** One client's connection: what it said in EHLO, the transaction it is in, and how it behaves. */
final class ClientSession {

    private static final Reply TOO_MANY = Reply.of(421, "4.7.0", "Too many errors, closing connection");

    /** What a drain has to know. */
    private enum Phase { TALKING, RECEIVING, SENT_AWAY }

    private final ClientSocket socket;
    private final InetSocketAddress client;
    private final Attendance attendance;
    private final Conduct conduct;
    private LineBudget logLines;
    private SmtpServerConfiguration configuration;
    private String helo;
    private boolean esmtp;
    private Announcement offered = Announcement.NONE;
    private final ClientAttributes spokenFor = new ClientAttributes();
    private final ClientAttributes forwarded = new ClientAttributes();
    private int greetings;
    private MailTransaction transaction;
    private boolean mailRefused;
    private boolean leaving;
    private boolean over;
    private CommandLine line;
    private ClientInput input;
    private CommandReader lines;
    private final OwedReplies owed = new OwedReplies();
    private volatile Socket connection;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.TALKING);

    /** @param client who has connected; behind a proxy, for whom the proxy has */
    ClientSession(ClientSocket socket, InetSocketAddress client, LineBudget logLines, SmtpServerConfiguration configuration,
            Function<ClientSession, Attendance> attendance) {
        this.socket = socket;
        this.client = client;
        this.logLines = logLines;
        this.configuration = configuration;
        this.conduct = new Conduct(configuration);
        this.connection = socket;
        this.input = socket.input();
        this.lines = new CommandReader(input, this);
        this.attendance = attendance.apply(this);
    }

    /** Whether it has said that it speaks for somebody else. */
    boolean speaksForAnother() {
        return !spokenFor.isEmpty() || !forwarded.isEmpty();
    }

    /** Whom it talks to. */
    Attendance attendance() {
        return attendance;
    }

    /** Has other limits from now on. Not within a mail, and not while anything is done for the client. */
    void goOnUnder(SmtpServerConfiguration other, LineBudget otherLines) {
        configuration = other;
        logLines = otherLines;
        conduct.limits(other);
    }

    /** Whether a mail has begun and not ended, or an answer is owed. */
    boolean isWithinMail() {
        return transaction != null || !owed.isEmpty() || over;
    }

    ClientSocket socket() {
        return socket;
    }

    /** What we write to: the socket itself, or TLS on top of it. */
    Socket connection() {
        return connection;
    }

    /** Who has connected; behind a proxy, for whom the proxy has. */
    InetSocketAddress client() {
        return client;
    }

    /** What the client called itself; null before EHLO or HELO. */
    String helo() {
        return helo;
    }

    /** Whether each recipient has a reply to the content of its own (RFC 2033). */
    boolean isLmtp() {
        return configuration.isLmtp();
    }

    /** What the client speaks: SMTP, ESMTP or LMTP. */
    String protocol() {
        return isLmtp() ? "LMTP" : esmtp ? "ESMTP" : "SMTP";
    }

    void greet(String helo, boolean esmtp) {
        reset();
        greetings++;
        this.helo = helo;
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
        mailRefused = false;
    }

    /** Keeps in mind that MAIL was refused: what the client has pipelined behind it fails, and is no error of its own. */
    void mailRefused() {
        mailRefused = true;
    }

    /** Whether the last MAIL was refused, and no other has been taken since. */
    boolean isMailRefused() {
        return mailRefused;
    }

    /** How often the client has said EHLO or HELO since its session began, or began anew. */
    int greetings() {
        return greetings;
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
        beginAnew();
        conduct.anotherClient();
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
        if (owed.isFull()) {
            settle();
        }
    }

    /** Before we wait for more of the client, it gets the answers that we owe: it may be waiting for just those. */
    void settleBeforeWaiting() throws IOException {
        if (!owed.isEmpty() && !input.hasMore()) {
            settle();
            Duration timeout = configuration.commandTimeout();
            socket.expectWithin(timeout, timeout); // what the next server took is not the client's
        }
    }

    /** Waits for the replies that other servers owe us, and answers the client with them. */
    void settle() throws IOException {
        while (!owed.isEmpty() && !leaving) {
            answer(owed.next(), Kind.REFUSAL);
        }
        if (transaction != null && transaction.isRefused()) {
            reset();
            mailRefused();
        }
    }

    /**
     * Sends the reply to a command; the line ends with a 421, and when it was one command too many of its kind.
     *
     * @param kind what the command counts as; null when it is what a mail client says. A positive reply of another server's
     *     counts as nothing
     */
    void answer(Reply reply, Kind kind) throws IOException {
        boolean counts = kind == Kind.EMPTY || kind != null && !reply.isPositive();
        if (counts && conduct.count(kind)) {
            cutOff();
            return;
        }
        send(reply);
        if (reply.code() == 421) {
            leave();
        }
    }

    /** Counts what became of a mail's content, whose replies are on their way. */
    void contentAnswered(boolean taken) throws IOException {
        conduct.contentSent();
        if (taken) {
            conduct.mailTaken();
        } else if (conduct.count(Kind.REFUSAL)) {
            cutOff();
        }
    }

    private void cutOff() throws IOException {
        if (configuration.isMailLog()) {
            MailLog.cutOff(identity().address().getAddress(), TOO_MANY, conduct.errors(), conduct.emptyCommands(),
                    conduct.refusals(), conduct.unlogged());
        }
        send(TOO_MANY);
        leave();
    }

    /** Whether the log has room for one more refusal of this client's, and of all clients together. */
    boolean mayLog() {
        return configuration.isMailLog() && conduct.mayLog() && logLines.take();
    }

    /** Ends the session after the replies that are on their way. Nothing that the client has sent further is done. */
    void leave() {
        leaving = true;
        quit();
    }

    /** Ends the session, perhaps in the middle of what the client says. */
    void quit() {
        over = true;
        Dialogue.hangUp(connection);
    }

    /** Whether the client has heard that this is the end, so that nothing it has sent further is answered. */
    boolean isLeaving() {
        return leaving;
    }

    /** The connection is gone. */
    void end() {
        reset();
        if (configuration.isMailLog() && !leaving && conduct.unlogged() > 0) {
            MailLog.unlogged(client().getAddress(), conduct.unlogged());
        }
    }

    /** Waits for the next line, which {@link #line} then has. Returns false when the client has hung up, or was cut off. */
    boolean nextLine() throws IOException {
        line = over ? null : lines.next();
        return line != null;
    }

    /** What the client has said last. */
    CommandLine line() {
        return line;
    }

    /** What the client sends, from behind the line that it has said last. */
    ClientInput input() {
        return input;
    }

    /** Whether the client goes on under TLS. */
    boolean isSecure() {
        return connection != socket;
    }

    /** Goes on under TLS, where nothing counts that was said in clear text (RFC 3207 section 4.2). */
    void secure(SSLSocket secured) throws IOException {
        connection = secured;
        input = new ClientInput(secured.getInputStream());
        lines = new CommandReader(input, this);
        reset();
        beginAnew();
        spokenFor.clear();
    }

    private void beginAnew() {
        helo = null;
        esmtp = false;
        offered = Announcement.NONE;
        greetings = 0;
        mailRefused = false;
    }

    /** From now until the reply to the content is on its way nobody may cut the line. Returns false when the client was sent away. */
    boolean startReceiving() {
        return phase.compareAndSet(Phase.TALKING, Phase.RECEIVING);
    }

    void endReceiving() {
        phase.compareAndSet(Phase.RECEIVING, Phase.TALKING);
    }

    boolean isReceiving() {
        return phase.get() == Phase.RECEIVING;
    }

    /** Marks the client as sent away, so that it cannot begin to send a message. Returns false when it has begun. */
    boolean startSendingAway() {
        return phase.compareAndSet(Phase.TALKING, Phase.SENT_AWAY);
    }

    /** Writes a reply in UTF-8, as SMTPUTF8 has it (RFC 6531 section 3.7.4.1). */
    void send(Reply reply) throws IOException {
        send(reply.toWire());
    }

    void send(String wire) throws IOException {
        connection.getOutputStream().write(wire.getBytes(StandardCharsets.UTF_8));
    }
}
