package io.smtpdup.delivery;

import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.Reply;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import org.eclipse.angus.mail.smtp.SMTPOutputStream;
import org.eclipse.angus.mail.smtp.SMTPTransport;

/**
 * One connection to one server, which carries mails one after the other exactly as their envelope and content say. Angus
 * Mail greets, starts TLS and authenticates; its {@code sendMessage}, which rewrites header fields, is not used.
 *
 * <p>Call {@link #open} once, then {@link #deliver} until {@link #isBroken} says yes, then {@link #close}.
 */
public class RelayTransport extends SMTPTransport {

    /** Angus would trace the dialogue, content and all, to this logger. Kept in a field: loggers are held weakly. */
    private static final Logger TRACE = Logger.getLogger(RelayTransport.class.getPackageName() + ".protocol");

    static {
        TRACE.setLevel(Level.OFF);
    }

    private final Destination destination;
    private final Failures failures;
    private final ReplyBudget budget;
    private final boolean mayStartTls;
    private PasswordAuthentication login;
    private boolean startingTls;
    private boolean tlsFailed;
    private boolean expectsGoAhead;
    private boolean hungUp;
    private boolean broken;
    private int messages;
    private final Instant openedAt = Instant.now();

    /** @param mayStartTls false to stay in clear text although STARTTLS is offered */
    RelayTransport(Destination destination, boolean mayStartTls) {
        super(destination.session(), null, destination.protocol(), false);
        this.destination = destination;
        this.failures = new Failures(destination.toString());
        this.budget = new ReplyBudget(destination.timeout());
        this.mayStartTls = destination.tls() == TlsMode.REQUIRED || mayStartTls && destination.tls() == TlsMode.OFFERED;
        setStartTLS(this.mayStartTls);
        setRequireStartTLS(destination.tls() == TlsMode.REQUIRED);
    }

    /**
     * Connects, greets, starts TLS and authenticates.
     *
     * @throws DeliveryException deferred with 451 4.4.1, whatever the reason: no mail is to blame
     */
    public synchronized void open() throws DeliveryException {
        Socket socket = null;
        boolean connected = false;
        try {
            login = destination.credentials().get();
            socket = new Dialer(destination, budget).dial();
            connect(socket);
            connected = true;
        } catch (UnknownHostException e) {
            throw failures.unreachable("unknown host", e);
        } catch (AuthenticationFailedException e) {
            // neither the server's text nor the cause: a server may say back what it was told
            throw failures.unreachable("authentication failed, reply code " + getLastReturnCode(), null);
        } catch (MessagingException | IOException e) {
            throw failures.unreachable(Failures.explain(e, getLastServerResponse()), e);
        } finally {
            if (!connected) {
                broken = true;
                GuardedSocket.closeQuietly(socket);
            }
        }
    }

    /**
     * Delivers one mail.
     *
     * @return what the server said to the final dot: 2xx
     * @throws DeliveryException any other end; the connection is clean again, or {@link #isBroken}
     */
    public synchronized Reply deliver(Envelope envelope, MessageContent content) throws DeliveryException {
        Transaction transaction = new Transaction(this, failures, envelope, content, messages > 0);
        messages++;
        boolean clean = false;
        try {
            Reply reply = transaction.run();
            clean = !broken;
            return reply;
        } catch (DeliveryException e) {
            clean = !broken && (!transaction.isBegun() || reset());
            throw e;
        } finally {
            if (!clean) {
                abort();
            }
        }
    }

    /** True when this connection must not carry another mail. */
    public synchronized boolean isBroken() {
        return broken;
    }

    /** True after so many mails or so much time: long-lived connections outlive changes of the DNS or a load balancer. */
    synchronized boolean isWornOut(int maxMessages, Duration maxAge) {
        return messages >= maxMessages || messages > 0 && Instant.now().isAfter(openedAt.plus(maxAge));
    }

    /** True when the server offered STARTTLS and could not do it, so that clear text may be worth a try. */
    synchronized boolean isTlsFailed() {
        return tlsFailed;
    }

    /** No QUIT any more, only the end of the connection: inside a message's content QUIT would be content. */
    synchronized void abandon() {
        broken = true;
    }

    /** Sends a command and reads its reply, which is any from 200 to 599. */
    synchronized Reply command(Step step, String command) throws DeliveryException {
        try {
            sendCommand(Wire.toOctets(command));
            readServerResponse();
        } catch (MessagingException e) {
            throw lost(step, e);
        }
        return lastReply(step);
    }

    /** Sends DATA and returns the stream for the content, which stuffs dots. */
    synchronized SMTPOutputStream startContent() throws DeliveryException {
        expectsGoAhead = true;
        try {
            return (SMTPOutputStream) data();
        } catch (NoGoAheadException e) {
            throw Transaction.refusalOf(lastReply(Step.DATA), Step.DATA, failures, this);
        } catch (MessagingException e) {
            throw lost(Step.DATA, e);
        } finally {
            expectsGoAhead = false;
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
    protected void startTLS() throws MessagingException {
        if (!mayStartTls) {
            throw new MessagingException("the server demands STARTTLS"); // in answer to AUTH
        }
        startingTls = true;
        tlsFailed = true;
        super.startTLS();
        startingTls = false;
        tlsFailed = false;
    }

    @Override
    protected void sendCommand(String command) throws MessagingException {
        if (!(broken && "QUIT".equals(command))) {
            super.sendCommand(command);
        }
    }

    @Override
    protected int readServerResponse() throws MessagingException {
        budget.expectReply();
        int code = super.readServerResponse();
        hungUp = code < 0 && Wire.isCutShort(getLastServerResponse());
        if (startingTls) {
            budget.expectHandshake();
        }
        if (expectsGoAhead && code != 354) {
            throw new NoGoAheadException(); // or Angus sends RSET at once, and its failure would hide the reply
        }
        return code;
    }

    private Reply lastReply(Step step) throws DeliveryException {
        if (hungUp) {
            throw lost(step, new EOFException("end of stream"));
        }
        try {
            Reply reply = Reply.parse(Wire.toText(getLastServerResponse()));
            broken |= reply.code() == 421;
            return reply;
        } catch (IllegalArgumentException e) {
            broken = true;
            throw failures.unclear(step, e.getMessage());
        }
    }

    private DeliveryException lost(Step step, Exception cause) {
        broken = true;
        return failures.lost(step, cause);
    }

    private boolean reset() {
        try {
            return command(Step.RSET, "RSET").isPositive() && !broken;
        } catch (DeliveryException e) {
            return false; // the connection is thrown away; what matters is why the mail failed
        }
    }

    private void abort() {
        broken = true;
        try {
            close();
        } catch (MessagingException ignored) {
            // it is gone either way
        }
    }

    /** DATA was answered with anything but 354. */
    private static final class NoGoAheadException extends MessagingException {
    }
}
