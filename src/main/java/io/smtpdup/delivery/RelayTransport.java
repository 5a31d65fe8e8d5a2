package io.smtpdup.delivery;

import java.io.EOFException;
import java.time.Duration;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Reply;
import jakarta.mail.MessagingException;
import org.eclipse.angus.mail.smtp.SMTPOutputStream;

/**
 * One connection to one server, which carries mails one after the other exactly as their envelope and content say. Angus
 * Mail's {@code sendMessage}, which rewrites header fields, is not used; its commands, replies and dot-stuffing are.
 *
 * <p>Call {@link #open} once, then {@link #deliver} until {@link #isBroken} says yes, then {@link #close}.
 */
public class RelayTransport extends SessionTransport {

    private final Failures failures;
    private final boolean notifyNever;
    private final Introduction introduction;
    private final long openedAt = System.nanoTime();
    private boolean expectsGoAhead;
    private boolean dataPosted;
    private boolean contentDue;
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
     * Delivers one mail.
     *
     * @param client whom it comes from; null when nobody knows
     * @return what the server said to the final dot: 2xx
     * @throws DeliveryException any other end; the connection is clean again, or {@link #isBroken}
     */
    public Reply deliver(Envelope envelope, ClientIdentity client, MessageContent content) throws DeliveryException {
        Transaction transaction = begin(envelope, client);
        return carry(transaction, () -> transaction.run(content));
    }

    /** A transaction of one more mail, for {@link #carry}. */
    synchronized Transaction begin(Envelope envelope, ClientIdentity client) {
        messages++;
        return new Transaction(this, failures, envelope, client, isRested());
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

    /**
     * Does the last part of a transaction, up to its end.
     *
     * @throws DeliveryException when it did not end well; the connection is clean again, or {@link #isBroken}
     */
    synchronized Reply carry(Transaction transaction, Delivery rest) throws DeliveryException {
        boolean clean = false;
        try {
            Reply reply = rest.run();
            clean = !broken;
            return reply;
        } catch (DeliveryException e) {
            clean = end(transaction);
            throw e;
        } finally {
            if (!clean) {
                abort();
            }
        }
    }

    /** Something that ends with the server's word, or fails. */
    @FunctionalInterface
    interface Delivery {

        Reply run() throws DeliveryException;
    }

    /** Ends a transaction that got nowhere. Returns false when the connection is of no more use. */
    synchronized boolean end(Transaction transaction) {
        broken |= contentDue; // RSET would be content
        return !broken && (!transaction.isBegun() || reset());
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

    /** True when the mail it carries now is not its first. */
    synchronized boolean hasCarried() {
        return messages > 1;
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
        if (hasUnaskedReply()) {
            return unasked(step);
        }
        try {
            allow(step == Step.FINAL_DOT ? Step.CONTENT : step);
            sendCommand(Wire.toOctets(command));
        } catch (MessagingException e) {
            return lastWords(step, e);
        }
        return collect(step);
    }

    /** True when commands may leave together with those before them (RFC 2920). */
    synchronized boolean isPipelining() {
        return supportsExtension("PIPELINING");
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

    /** Posts DATA, whose answer {@link #startContent} reads, or {@link #collect}. */
    synchronized void postData() throws DeliveryException {
        post(Step.DATA, "DATA");
        dataPosted = true;
    }

    /** Reads the reply to the first command posted that has had none: any from 200 to 599. */
    synchronized Reply collect(Step step) throws DeliveryException {
        dataPosted &= step != Step.DATA;
        allow(step);
        try {
            readServerResponse();
        } catch (MessagingException e) {
            throw lost(step, e);
        }
        return lastReply(step);
    }

    /** Reads the reply to DATA, which was posted. After 354 there is nothing but {@link #startContent}, or the end. */
    synchronized Reply collectGoAhead() throws DeliveryException {
        Reply reply = collect(Step.DATA);
        contentDue = reply.code() == 354;
        return reply;
    }

    /** True when the server has said 354 and waits. */
    synchronized boolean isContentDue() {
        return contentDue;
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

    /** Sends DATA, unless it was posted or answered already, and returns the stream for the content, which stuffs dots. */
    synchronized SMTPOutputStream startContent() throws DeliveryException {
        expectsGoAhead = true;
        allow(Step.DATA);
        try {
            SMTPOutputStream content = (SMTPOutputStream) data();
            allow(Step.CONTENT);
            return content;
        } catch (NoGoAheadException e) {
            throw Transaction.refusalOf(lastReply(Step.DATA), Step.DATA, failures, this);
        } catch (MessagingException e) {
            throw lost(Step.DATA, e);
        } finally {
            expectsGoAhead = false;
            dataPosted = false;
        }
    }

    @Override
    protected void sendCommand(String command) throws MessagingException {
        boolean sent = expectsGoAhead && (dataPosted || contentDue) && "DATA".equals(command);
        if (!sent && !(broken && "QUIT".equals(command))) {
            super.sendCommand(command);
        }
    }

    @Override
    protected int readServerResponse() throws MessagingException {
        if (expectsGoAhead && contentDue) {
            contentDue = false;
            return 354;
        }
        int code = super.readServerResponse();
        hungUp = code < 0 && Wire.isCutShort(getLastServerResponse());
        if (expectsGoAhead && code != 354) {
            throw new NoGoAheadException(); // or Angus sends RSET at once, and its failure would hide the reply
        }
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

    /** Ends a half-done transaction. Returns false when the connection is of no more use. */
    synchronized boolean reset() {
        try {
            broken |= !command(Step.RSET, "RSET").isPositive();
        } catch (DeliveryException e) {
            broken = true; // what matters is why the mail failed
        }
        return !broken;
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
