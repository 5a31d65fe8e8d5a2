package io.smtpdup.delivery;

import java.io.EOFException;
import java.time.Duration;

import io.smtpdup.message.Reply;
import jakarta.mail.MessagingException;
import org.eclipse.angus.mail.smtp.SMTPOutputStream;

/**
 * One connection to one server, which carries mails one after the other exactly as their envelope and content say. Angus
 * Mail's {@code sendMessage}, which rewrites header fields, is not used; its commands, replies and dot-stuffing are.
 *
 * <p>Call {@link #open} once, then have a {@link Dialogue} for each mail until {@link #isBroken} says yes, then {@link #close}.
 */
public class RelayTransport extends SessionTransport {

    private final Failures failures;
    private final boolean notifyNever;
    private final Introduction introduction;
    private final long openedAt = System.nanoTime();
    private boolean goingAhead;
    private boolean hungUp;
    private boolean broken;
    private boolean spent;
    private int messages;

    /**
     * @param mayStartTls false to stay in clear text although STARTTLS is offered
     * @param beenExtended whether the server has answered EHLO on a connection before
     */
    RelayTransport(Destination destination, boolean mayStartTls, boolean beenExtended) {
        super(destination, mayStartTls, beenExtended);
        this.failures = new Failures(destination.toString());
        this.notifyNever = destination.notifyNever();
        this.introduction = new Introduction(this, failures, destination.identity());
    }

    /**
     * One more mail is about to be said over it.
     *
     * @return whether it was not the first
     */
    synchronized boolean beginMail() {
        return messages++ > 0;
    }

    /** What tells the server whom its mails come from. */
    Introduction introduction() {
        return introduction;
    }

    /**
     * Says EHLO once more, on a connection that the server has begun anew.
     *
     * @param name null for our own
     */
    synchronized Reply greetAs(String name) throws DeliveryException {
        try {
            ehlo(name == null ? getLocalHost() : name);
        } catch (MessagingException e) {
            throw lost(Step.EHLO, e);
        }
        return lastReply(Step.EHLO);
    }

    /** True when this connection must not carry another mail. */
    public synchronized boolean isBroken() {
        return broken;
    }

    /** False when no mail over this connection shall make a report: what is sent here are copies. */
    boolean mayNotify() {
        return !notifyNever;
    }

    /** True when no mail over this connection shall make a report, and the server knows how to be asked for that. */
    synchronized boolean isToldNeverToNotify() {
        return notifyNever && supportsExtension("DSN");
    }

    /** True when the server has spoken since the last mail was done; the connection is broken then. */
    synchronized boolean isOutOfStep() {
        broken |= hasUnaskedReply();
        return broken;
    }

    /** True after so many mails or so much time: long-lived connections outlive changes of the DNS or a load balancer. */
    synchronized boolean isWornOut(int maxMessages, Duration maxAge) {
        return spent || messages >= maxMessages || messages > 0 && System.nanoTime() - openedAt > maxAge.toNanos();
    }

    /** Takes no further mail after this one, and ends with QUIT. */
    synchronized void spend() {
        spent = true;
    }

    /** No QUIT any more, only the end of the connection: inside a message's content QUIT would be content. */
    synchronized void abandon() {
        broken = true;
    }

    /**
     * Sends a command and reads its reply, which is any from 200 to 599. When the server has spoken already, the command is
     * not sent and the connection ends: what it said counts as a refusal if it is one, and never as consent.
     */
    synchronized Reply command(Step step, String command) throws DeliveryException {
        Reply spoken = unaskedRefusal(step);
        if (spoken != null) {
            return spoken;
        }
        post(step, command);
        return collect(step, false);
    }

    /**
     * Sends a command together with others: it leaves when {@link #collect} is called, at the latest. Each command posted
     * must be followed by one collect, in the same order.
     */
    synchronized void post(Step step, String command) throws DeliveryException {
        hold();
        allow(step);
        try {
            sendCommand(Wire.toOctets(command));
        } catch (MessagingException e) {
            throw lost(step, e);
        }
    }

    /**
     * Reads the reply to the first command posted that has had none: any from 200 to 599.
     *
     * @param following whether others of those that left together were answered, so that this one is not worth a long wait
     */
    synchronized Reply collect(Step step, boolean following) throws DeliveryException {
        if (following) {
            allowRest(step);
        } else {
            allow(step);
        }
        try {
            readServerResponse();
        } catch (MessagingException e) {
            throw lost(step, e);
        }
        return lastReply(step);
    }

    /** The refusal of a server that spoke before it was asked; null when it did not. The connection has ended then. */
    synchronized Reply unaskedRefusal(Step step) throws DeliveryException {
        return hasUnaskedReply() ? unasked(step) : null;
    }

    /**
     * The refusal of a server that said no and closed the connection while we were still writing.
     *
     * @throws DeliveryException when it said nothing, or nothing negative
     */
    synchronized Reply lastWords(Step step, Exception failure) throws DeliveryException {
        broken = true;
        allow(Step.RSET);
        if (!Failures.isTimeout(failure)) {
            try {
                readServerResponse();
                Reply reply = lastReply(step);
                if (reply.code() >= 400) {
                    return reply;
                }
            } catch (MessagingException | DeliveryException e) {
                failure.addSuppressed(e);
            }
        }
        throw lost(step, failure);
    }

    /** The stream for the content, which stuffs dots. To be called when the server has answered DATA with 3xx. */
    synchronized SMTPOutputStream startContent() throws DeliveryException {
        goingAhead = true;
        try {
            SMTPOutputStream content = (SMTPOutputStream) data();
            allow(Step.CONTENT);
            return content;
        } catch (MessagingException e) {
            throw lost(Step.CONTENT, e);
        } finally {
            goingAhead = false;
        }
    }

    @Override
    protected void sendCommand(String command) throws MessagingException {
        boolean said = goingAhead || broken && "QUIT".equals(command);
        if (!said) {
            super.sendCommand(command);
        }
    }

    @Override
    protected int readServerResponse() throws MessagingException {
        if (goingAhead) {
            return 354; // or another 3xx, which Angus does not know to mean the same (RFC 5321 section 4.3.2)
        }
        int code = super.readServerResponse();
        hungUp = code < 0 && Wire.isCutShort(getLastServerResponse());
        return code;
    }

    private Reply lastReply(Step step) throws DeliveryException {
        if (hungUp) {
            throw lost(step, new EOFException("end of stream"));
        }
        // Angus closes the connection when a reply does not begin with a number; ours would read " 250 Ok" as 250.
        broken |= getLastReturnCode() < 0;
        try {
            Reply reply = Reply.parse(Wire.toText(getLastServerResponse()));
            broken |= reply.code() == 421;
            if (getLastReturnCode() < 0) {
                throw failures.unclear(step, "not an SMTP reply: blanks before " + reply);
            }
            return reply;
        } catch (IllegalArgumentException e) {
            broken = true;
            throw failures.unclear(step, e.getMessage());
        }
    }

    /** Nothing of the mail is accepted yet, whatever the step: before the final dot it is content, of no more use. */
    private Reply unasked(Step step) throws DeliveryException {
        broken = true;
        hungUp = false;
        Step known = step == Step.FINAL_DOT ? Step.CONTENT : step;
        Reply reply = lastReply(known);
        if (reply.code() < 400) {
            throw failures.unclear(known, "not asked yet, and said " + reply);
        }
        return reply;
    }

    private DeliveryException lost(Step step, Exception cause) {
        broken = true;
        return failures.lost(step, cause);
    }
}
