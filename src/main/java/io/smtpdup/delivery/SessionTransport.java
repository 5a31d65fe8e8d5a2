package io.smtpdup.delivery;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.smtpdup.message.Extensions;
import io.smtpdup.message.Reply;
import io.smtpdup.net.TlsMode;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import org.eclipse.angus.mail.smtp.SMTPTransport;

/**
 * The beginning of a connection: greeting, TLS, login. Angus Mail does the work; here is what it leaves open, such as
 * credentials that would go out in clear text, or a login that the server does not offer.
 */
abstract class SessionTransport extends SMTPTransport {

    /** Angus would trace the dialogue, content and all, to this logger. Kept in a field: loggers are held weakly. */
    private static final Logger TRACE = Logger.getLogger(SessionTransport.class.getPackageName() + ".protocol");

    static {
        TRACE.setLevel(Level.OFF);
    }

    private final Destination destination;
    private final ReplyBudget budget;
    private final boolean mayStartTls;
    private final boolean beenExtended;
    private PasswordAuthentication login;
    private boolean opening;
    private boolean extended;
    private boolean startingTls;
    private boolean tlsFailed;
    private volatile GuardedSocket wire;
    private Extensions extensions = Extensions.NONE;
    private volatile boolean cut;
    private boolean rested;
    private boolean asleep;

    /**
     * @param mayStartTls false to stay in clear text although STARTTLS is offered
     * @param beenExtended whether the server has answered EHLO on a connection before
     */
    SessionTransport(Destination destination, boolean mayStartTls, boolean beenExtended) {
        super(destination.session(), null, destination.protocol(), false);
        this.destination = destination;
        this.beenExtended = beenExtended;
        this.budget = new ReplyBudget(destination.limits().command());
        this.mayStartTls = destination.tls() == TlsMode.REQUIRED || mayStartTls && destination.tls() == TlsMode.OFFERED;
        setStartTLS(this.mayStartTls);
        setRequireStartTLS(destination.tls() == TlsMode.REQUIRED);
    }

    /**
     * Connects, greets, starts TLS and authenticates.
     *
     * @param within what all of it together may take
     */
    synchronized void open(InetAddress address, Duration within) throws SessionException {
        Socket socket = null;
        boolean connected = false;
        opening = true;
        try {
            budget.bound(within);
            login = destination.credentials().get();
            socket = new Dialer(destination, budget, this::opened).dial(address);
            budget.allow(destination.limits().command());
            connect(socket);
            connected = true;
        } catch (AuthenticationFailedException e) {
            // neither the server's text nor the cause: a server may say back what it was told
            throw new SessionException("authentication failed, reply code " + getLastReturnCode(), null, false,
                    getLastReturnCode() / 100 == 5);
        } catch (MessagingException | IOException e) {
            throw new SessionException(Failures.explain(e, getLastServerResponse()), e, tlsFailed, false);
        } finally {
            opening = false;
            budget.unbound();
            if (!connected) {
                GuardedSocket.closeQuietly(socket);
            }
        }
    }

    /** Ends the connection politely; nobody waits long for that. */
    @Override
    public synchronized void close() throws MessagingException {
        budget.allow(destination.limits().farewell());
        super.close();
    }

    /** Ends the connection at once, from any thread; whoever uses it sees it broken off. */
    void cut() {
        cut = true;
        GuardedSocket.closeQuietly(wire);
    }

    private void opened(GuardedSocket socket) {
        wire = socket;
        if (cut) {
            GuardedSocket.closeQuietly(socket);
        }
    }

    /** Whether it has logged in. */
    synchronized boolean hasLogin() {
        return login != null && login.getUserName() != null;
    }

    /** False when the server did not know EHLO and took HELO. It may have been a bad moment, so nothing is learned from it. */
    synchronized boolean isExtended() {
        return extended;
    }

    /** Whether the server has answered EHLO before, so that what it lacks here says nothing. */
    synchronized boolean isLessThanBefore() {
        return beenExtended && !extended;
    }

    /** What the server announced when it last answered EHLO. */
    synchronized Extensions extensions() {
        return extensions;
    }

    /** From now on a reply, and a write, may take as long as this step's. */
    void allow(Step step) {
        budget.allow(asleep ? destination.limits().ofFirst(step) : destination.limits().of(step));
    }

    /** From now on a reply, which is one of several to what has left together and not the first, may take that long. */
    void allowRest(Step step) {
        budget.allow(destination.limits().ofRest(step));
    }

    /** Whether a reply that took so long would have come in time as one of several. */
    boolean isSoon(Step step, Duration time) {
        return time.compareTo(destination.limits().ofRest(step)) < 0;
    }

    /** From now on the server may leave unnoticed: the connection lies in a pool. Nobody waits long for its next reply. */
    synchronized void rest() {
        rested = true;
        asleep = true;
    }

    /** True when it lay in a pool, so that it may not know what the server offers by now. */
    synchronized boolean isRested() {
        return rested;
    }

    /** What is sent from now on leaves together, when a reply is read. */
    void hold() {
        wire.hold();
    }

    /**
     * Reads a reply that has arrived although no command waits for one; {@link #getLastServerResponse} has it then. What
     * the server says next would be taken for the answer to the wrong command, and at worst to the wrong mail.
     */
    synchronized boolean hasUnaskedReply() {
        budget.expectNothing();
        try {
            return super.readServerResponse() >= 0 || !getLastServerResponse().equals("[EOF]");
        } catch (MessagingException e) {
            return false; // the usual case; a connection that is gone shows at the next command
        } finally {
            budget.expectReply();
        }
    }

    /** True when the server has closed the connection, or says something that nobody has asked. Takes a moment. */
    synchronized boolean hasLeft() {
        budget.expectTheEnd();
        try {
            super.readServerResponse();
            return true;
        } catch (MessagingException e) {
            return !Failures.isTimeout(e);
        } finally {
            budget.expectReply();
        }
    }

    @Override
    protected synchronized boolean protocolConnect(String host, int port, String user, String password)
            throws MessagingException {
        boolean loginNeeded = login.getUserName() != null;
        boolean connected = super.protocolConnect(destination.host(), destination.port(), login.getUserName(),
                loginNeeded && login.getPassword() == null ? "" : login.getPassword());
        if (loginNeeded && !supportsExtension("AUTH") && !supportsExtension("AUTH=LOGIN")) {
            throw new MessagingException("a user name is configured, but the server offers no AUTH");
        }
        return connected;
    }

    @Override
    protected boolean ehlo(String domain) throws MessagingException {
        boolean accepted = super.ehlo(domain);
        extensions = accepted ? announced() : Extensions.NONE;
        // RFC 5321 section 3.2: HELO is for a server that does not know EHLO. One that is busy, or leaves, is asked again later.
        if (!accepted && opening && getLastReturnCode() / 100 != 5) {
            throw new MessagingException("the server is not ready at EHLO");
        }
        extended = accepted;
        if (isSSL() && mayStartTls && !accepted) {
            throw new MessagingException("EHLO refused after STARTTLS"); // the extensions known are from before TLS
        }
        boolean clearText = !isSSL() && !(mayStartTls && supportsExtension("STARTTLS"));
        if (login.getUserName() != null && clearText && destination.tls() != TlsMode.OFF) {
            throw new MessagingException("the server offers no TLS, and credentials go in clear text only with tls=off");
        }
        return accepted;
    }

    @Override
    public boolean supportsExtension(String keyword) {
        return !destination.discarded().contains(keyword.split("=", 2)[0].toUpperCase(Locale.ROOT)) && super.supportsExtension(keyword);
    }

    /** Angus goes by the first line alone; a greeting of 220 and 521 is neither (RFC 5321 section 4.2.1). */
    private void requireOneCode() throws MessagingException {
        if (getLastServerResponse().lines().map(line -> line.substring(0, Math.min(3, line.length()))).distinct().count() > 1) {
            throw new MessagingException("no clear answer, its lines have different reply codes");
        }
    }

    private Extensions announced() throws MessagingException {
        try {
            return Extensions.of(Reply.parse(Wire.toText(getLastServerResponse()))).without(destination.discarded());
        } catch (IllegalArgumentException e) {
            throw new MessagingException("no clear answer to EHLO: " + e.getMessage());
        }
    }

    @Override
    protected void startTLS() throws MessagingException {
        if (!mayStartTls) {
            throw new MessagingException("the server demands STARTTLS"); // in answer to AUTH
        }
        startingTls = true;
        tlsFailed = true;
        super.startTLS();
        budget.allow(destination.limits().command());
        startingTls = false;
        tlsFailed = false;
    }

    @Override
    protected int readServerResponse() throws MessagingException {
        budget.expectReply();
        int code = super.readServerResponse();
        asleep = false;
        if (opening && code >= 0) {
            requireOneCode();
        }
        if (startingTls) {
            budget.allow(destination.limits().connect());
            budget.expectHandshake();
        }
        return code;
    }
}
