package io.smtpdup.delivery;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.smtpdup.delivery.Wire.Unasked;
import io.smtpdup.message.Extensions;
import io.smtpdup.message.Reply;

/**
 * One connection to one server, for mails one after the other: what the server offers over it, how long its replies may take, and
 * whether another mail may follow.
 *
 * <p>Call {@link #open} once, then have a {@link Conversation} for each mail while {@link #isFit}, and in any case {@link #close}.
 * For one thread at a time, except for {@link #cut}.
 */
final class Connection {

    /** In less time than this since the last word nothing has changed but what has come along with that. */
    private static final long JUST_NOW = TimeUnit.MILLISECONDS.toNanos(1);

    /** In less time than this in the pool hardly any server leaves. */
    private static final long A_WHILE = TimeUnit.MILLISECONDS.toNanos(100);

    /** Postfix lets a client wait at each command after ten errors, and leaves after twenty; a callout may add ten at a time. */
    private static final int PATIENCE = 5;

    private final MailServer destination;
    private final Failures failures;
    private final boolean beenExtended;
    private final Wire wire = new Wire();
    private final Introduction introduction;
    private final long openedAt = System.nanoTime();
    /** What the server announced when it last answered EHLO; null when it did not know that, and took HELO. */
    private Extensions announced;
    private String name = "";
    private long heardAt;
    private long restedAt;
    private boolean rested;
    private boolean asleep;
    private boolean spent;
    private boolean broken = true;
    private int mails;
    private int refused;

    /** @param beenExtended whether the server has answered EHLO on a connection before */
    Connection(MailServer destination, Failures failures, boolean beenExtended) throws IOException {
        this.destination = destination;
        this.failures = failures;
        this.beenExtended = beenExtended;
        this.introduction = new Introduction(this, failures, destination.identity());
    }

    /**
     * Connects, greets, starts TLS and logs in.
     *
     * @param within what all of it together may take
     * @param mayStartTls false to stay in clear text although STARTTLS is offered
     */
    void open(InetAddress address, Duration within, boolean mayStartTls) throws SessionException {
        Opening opening = new Opening(wire, destination, mayStartTls);
        announced = opening.run(address, within);
        name = opening.name();
        broken = false;
        heardAt = System.nanoTime();
    }

    /** What the server called itself when it was opened. */
    String name() {
        return name;
    }

    /** Ends it: politely, for which nobody waits long, unless it is broken. */
    void close() {
        if (!broken) {
            wire.part("QUIT", destination.limits().farewell());
        }
        broken = true;
        wire.end();
    }

    /** Ends it at once, from any thread; whoever uses it sees it broken off. */
    void cut() {
        wire.cut();
    }

    Wire wire() {
        return wire;
    }

    TimeLimits limits() {
        return destination.limits();
    }

    Failures failures() {
        return failures;
    }

    /** What tells the server whom its mails come from. */
    Introduction introduction() {
        return introduction;
    }

    /** What the server announced when it last answered EHLO, but for what is discarded. */
    Extensions extensions() {
        return announced == null ? Extensions.NONE : announced;
    }

    boolean offers(String keyword) {
        return announced != null && announced.has(keyword);
    }

    /** False when the server did not know EHLO and took HELO. It may have been a bad moment, so nothing is learned from it. */
    boolean isExtended() {
        return announced != null;
    }

    /** Whether the server has answered EHLO before, so that what it lacks here says nothing. */
    boolean isLessThanBefore() {
        return beenExtended && announced == null;
    }

    boolean hasLogin() {
        return destination.hasLogin();
    }

    /** False when no mail over this connection shall make a report: what is sent here are copies. */
    boolean mayNotify() {
        return !destination.notifyNever();
    }

    /** True when no mail over this connection shall make a report, and the server knows how to be asked for that. */
    boolean isToldNeverToNotify() {
        return destination.notifyNever() && offers("DSN");
    }

    /**
     * One more mail is about to be said over it.
     *
     * @return whether it was not the first
     */
    boolean beginMail() {
        return mails++ > 0;
    }

    /** From now on the server may leave unnoticed: the connection lies in a pool. Nobody waits long for its next reply. */
    void rest() {
        restedAt = System.nanoTime();
        rested = true;
        asleep = true;
    }

    boolean isIdleLongerThan(Duration idle) {
        return System.nanoTime() - restedAt > idle.toNanos();
    }

    /** True when it lay in a pool, so that it may not know what the server offers by now. */
    boolean isRested() {
        return rested;
    }

    /** Whether another mail may follow: no answer is owed, none was a refusal, and it has not carried too many for too long. */
    boolean isFit(int maxMails, Duration maxAge) {
        return !broken && !spent && mails < maxMails && !wire.hasMore()
                && (mails == 0 || System.nanoTime() - openedAt <= maxAge.toNanos());
    }

    /** So many more recipients that were only asked about were refused. Servers count that, and keep nobody for long who guesses. */
    void haveRefused(int recipients) {
        refused += recipients;
        spent |= refused > PATIENCE;
    }

    /** Takes no further mail after this one, and ends with QUIT. */
    void spend() {
        spent = true;
    }

    /** Nothing is to be said over it any more, not even QUIT, which may be taken for content. */
    void abandon() {
        broken = true;
    }

    boolean isBroken() {
        return broken;
    }

    /**
     * Whether the server has neither said anything unasked nor left; otherwise it is broken now. Does not wait.
     *
     * @param hadTime whether it had time to, even if it was heard just now
     */
    boolean isQuiet(boolean hadTime) {
        broken |= look(hadTime, true) != Unasked.NOTHING;
        return !broken;
    }

    /** As {@link #isQuiet}, for a connection of the pool: one that has just come there shows at MAIL that it has ended. */
    boolean isStillQuiet() {
        broken |= look(true, System.nanoTime() - restedAt > A_WHILE) != Unasked.NOTHING;
        return !broken;
    }

    private Unasked look(boolean hadTime, boolean forTheEnd) {
        boolean nothingNew = !hadTime && System.nanoTime() - heardAt < JUST_NOW;
        if (nothingNew) {
            return wire.hasMore() ? Unasked.WORDS : Unasked.NOTHING;
        }
        Unasked unasked = wire.look(forTheEnd);
        heardAt = System.nanoTime();
        return unasked;
    }

    /**
     * What a server says before it is asked counts as a refusal if it is one, and never as consent.
     *
     * @param step whose command is next
     * @param hadTime whether it had time to say something, even if it was heard just now
     */
    void refuseWhatWasSaidUnasked(Step step, boolean hadTime) throws DeliveryException {
        // The reply to a command shows that the line has ended, too; behind the final dot it is too late for that.
        Unasked unasked = look(hadTime, step == Step.CONTENT);
        if (unasked != Unasked.NOTHING) {
            Reply spoken = unasked == Unasked.WORDS ? hear(step, limits().farewell()) : null;
            broken = true;
            throw spoken == null ? failures.lost(step, new EOFException("end of stream"))
                    : spoken.code() >= 400 ? failures.refused(step, spoken)
                    : failures.unclear(step, "not asked yet, and said " + spoken);
        }
    }

    /** Says a command, which leaves with others when a reply is awaited. */
    void say(Step step, String line) throws DeliveryException {
        try {
            wire.say(line, limit(step));
        } catch (IOException e) {
            throw lost(step, e);
        }
    }

    /** How long the reply to a step may take: not long, when the server may have forgotten us. */
    Duration limit(Step step) {
        return asleep ? limits().ofFirst(step) : limits().of(step);
    }

    /** Waits for a reply: any from 200 to 599. */
    Reply hear(Step step, Duration limit) throws DeliveryException {
        try {
            Reply reply = wire.hear(limit);
            heardAt = System.nanoTime();
            asleep = false;
            broken |= reply.code() == 421;
            return reply;
        } catch (IOException e) {
            throw lost(step, e);
        }
    }

    private DeliveryException lost(Step step, IOException cause) {
        broken = true;
        return failures.lost(step, cause);
    }

    /** Says a command between two mails, and waits for its reply. */
    Reply command(Step step, String line) throws DeliveryException {
        refuseWhatWasSaidUnasked(step, false);
        say(step, line);
        return hear(step, limit(step));
    }

    /**
     * Says EHLO once more, over a connection that the server has begun anew.
     *
     * @param name null for our own
     */
    Reply greetAs(String name) throws DeliveryException {
        Reply reply = command(Step.EHLO, "EHLO " + (name == null ? destination.localName() : name));
        announced = reply.code() == 250 ? Opening.announced(destination, reply) : null;
        return reply;
    }
}
