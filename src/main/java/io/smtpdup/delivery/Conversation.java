package io.smtpdup.delivery;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import io.smtpdup.delivery.BeginAnewException.Why;
import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Reply;

/**
 * What we and one server say about one mail over one connection, from MAIL to the reply to the final dot. Who may say what, and what
 * becomes of the connection, follow from its {@link Phase}. Commands are asked for, and their replies are heard in the same order;
 * whether they leave together (RFC 2920) or each waits for the reply to the one before is decided here.
 *
 * <p>Call {@link #introduce}, {@link #mail}, then {@link #ask} and {@link #hear}, then {@link #send}, and in any case {@link #end}.
 */
final class Conversation {

    /** How far the mail is. */
    private enum Phase {
        /** Nothing was said of the mail. */
        NEW,
        /** MAIL was said. Commands may follow, and what was asked is answered. */
        ENVELOPE,
        /** The server has asked for the content: whatever we say now is content, and there is no way back. */
        CONTENT,
        /** The final dot was said: only its reply tells who has the mail. */
        DOT,
        /** The server has answered the final dot. */
        OVER
    }

    private record Command(Step step, String line) {
    }

    private static final Duration A_MOMENT = Duration.ofMillis(1);

    private final Connection server;
    private final Failures failures;
    private final ClientIdentity client;
    private final Attempts attempts;
    private final Blame blame;
    private final List<Command> owed = new ArrayList<>();
    private Phase phase = Phase.NEW;
    /** So many of those owed have been said. */
    private int said;
    private int flight;
    private int heardOfFlight;
    private boolean takenBack;

    /**
     * @param client whom the mail comes from; null when nobody knows
     * @param attempts of this mail
     */
    Conversation(Connection server, ClientIdentity client, Attempts attempts, Manners manners) {
        this.server = server;
        this.failures = server.failures();
        this.client = client;
        this.attempts = attempts;
        this.blame = new Blame(failures, attempts, manners, server.isRested(), server.beginMail());
    }

    Connection server() {
        return server;
    }

    /** Whether commands leave together. */
    boolean isPipelining() {
        return server.offers("PIPELINING") && blame.mayGoTogether();
    }

    /** Has the connection speak for the client. What the server offers may be something else afterwards. */
    void introduce() throws DeliveryException {
        try {
            server.introduction().speakFor(client);
        } catch (DeliveryException e) {
            throw blame.lost(Step.XCLIENT, e);
        }
    }

    /** Asks for MAIL, which tells the server about the client as well, if it shall be told. */
    void mail(String line) throws DeliveryException {
        for (String forward : server.introduction().forwardLines(client)) {
            ask(Step.XFORWARD, forward);
        }
        ask(Step.MAIL, line);
    }

    /** Asks for a command. It has left when {@link #hear} is called, unless an earlier one has to be answered first. */
    void ask(Step step, String line) throws DeliveryException {
        owed.add(new Command(step, line));
        sayWhatMayBeSaid();
    }

    /** Has what was asked leave now, although its reply is not awaited yet. */
    void flush() {
        try {
            server.wire().flush(server.limits().command());
        } catch (IOException e) {
            // who waits for the reply has the end of the connection, or what the server has said before that
        }
    }

    /**
     * Waits for the reply to the first command that has had none.
     *
     * @return 2xx, 4xx or 5xx; 3xx to DATA alone
     */
    Reply hear() throws DeliveryException {
        while (owed.get(0).step() == Step.XFORWARD) {
            try {
                server.introduction().judgeForward(next());
            } catch (DeliveryException e) {
                throw blame.lost(Step.XFORWARD, e);
            }
        }
        return next();
    }

    /** True when the server has asked for the content. */
    boolean isContentDue() {
        return phase == Phase.CONTENT;
    }

    /** True when replies are due that nobody has heard yet. */
    boolean isReplyDue() {
        return !owed.isEmpty();
    }

    /** Says DATA, unless that was asked already, and waits until the server asks for the content: any other reply is a failure. */
    void awaitGoAhead() throws DeliveryException {
        if (phase != Phase.CONTENT) {
            if (!isReplyDue()) {
                ask(Step.DATA, "DATA");
            }
            Reply reply = hear();
            if (!reply.isIntermediate()) {
                throw failures.refused(Step.DATA, reply);
            }
        }
    }

    /**
     * Sends the content and the final dot.
     *
     * @param waited whether the server has waited for it as long as a client takes to say it, perhaps too long
     * @return 2xx
     */
    Reply send(MessageContent content, boolean waited) throws DeliveryException {
        long begun = System.nanoTime();
        try {
            sendContent(content);
        } catch (DeliveryException e) {
            server.abandon();
            throw blame.lostInContent(waited, e);
        }
        long sent = System.nanoTime();
        attempts.waited(sent - begun);
        phase = Phase.DOT;
        flight = 1;
        heardOfFlight = 0;
        owed.add(new Command(Step.FINAL_DOT, "."));
        said = 1;
        Reply reply = next();
        phase = Phase.OVER;
        if (!reply.isPositive()) {
            throw blame.refusedAtTheDot(reply, Duration.ofNanos(System.nanoTime() - sent));
        }
        attempts.taken(reply);
        return reply;
    }

    private void sendContent(MessageContent content) throws DeliveryException {
        Wire wire = server.wire();
        ContentWriter writer = new ContentWriter(wire, server.limits().content());
        int writes = wire.writes();
        try {
            content.writeTo(writer);
            refuseWhatWasSaidUnasked(Step.CONTENT, wire.writes() > writes);
            writer.finish();
        } catch (IOException | RuntimeException e) {
            if (writer.hasLoneLineEnd()) {
                throw failures.loneLineEnd();
            }
            if (writer.isDotPerhapsSaid()) {
                throw failures.lost(Step.FINAL_DOT, writer.peerFailure());
            }
            throw writer.peerFailure() == null ? failures.unreadable(e) : blame.lost(Step.CONTENT, cutShort(writer.peerFailure()));
        }
    }

    /** What a server has said that did not read on: its refusal, if it is one. */
    private DeliveryException cutShort(IOException failure) {
        try {
            Reply reply = Failures.isTimeout(failure) ? null : server.wire().hear(server.limits().farewell());
            if (reply != null && reply.code() >= 400) {
                return failures.refused(Step.CONTENT, reply);
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        return failures.lost(Step.CONTENT, failure);
    }

    /**
     * Says RSET: there is no mail, its recipients were only to be asked about, so that what was refused is no reason to end the
     * connection before the server minds their number.
     *
     * @param refused so many recipients were not taken
     */
    void takeBack(int refused) throws DeliveryException {
        ask(Step.RSET, "RSET");
        if (hear().isPositive()) {
            phase = Phase.OVER;
            takenBack = true;
            server.haveRefused(refused);
        }
    }

    /** Leaves the connection fit for another mail, or not. To be called once, whatever happened. */
    void end() {
        if (phase == Phase.CONTENT || phase == Phase.DOT || said > 0) {
            server.abandon();
        } else if (phase == Phase.ENVELOPE || blame.hasRefused() && !takenBack) {
            server.spend(); // a server counts what it refused and what came to nothing, and the next mail is not to blame
        }
    }

    private void sayWhatMayBeSaid() throws DeliveryException {
        while (said < owed.size() && (said == 0 || isPipelining())) {
            Command next = owed.get(said);
            if (said == 0) {
                flight = 0;
                heardOfFlight = 0;
                refuseWhatWasSaidUnasked(next.step(), false);
            }
            phase = phase == Phase.NEW ? Phase.ENVELOPE : phase;
            try {
                server.say(next.step(), next.line());
            } catch (DeliveryException e) {
                throw blame.lost(next.step(), e);
            }
            said++;
            flight++;
        }
    }

    private void refuseWhatWasSaidUnasked(Step step, boolean hadTime) throws DeliveryException {
        try {
            server.refuseWhatWasSaidUnasked(step, hadTime);
        } catch (DeliveryException e) {
            throw blame.lost(step, e);
        }
    }

    private Reply next() throws DeliveryException {
        sayWhatMayBeSaid();
        Step step = owed.get(0).step();
        boolean together = flight > 1;
        boolean following = together && heardOfFlight > 0;
        long begun = System.nanoTime();
        Reply reply;
        try {
            reply = server.hear(step, blame.isInAHurry(following) ? server.limits().ofRest(step) : server.limit(step));
        } catch (DeliveryException e) {
            throw blame.silent(step, together, following, e);
        }
        long took = System.nanoTime() - begun;
        attempts.waited(took);
        owed.remove(0);
        said--;
        heardOfFlight++;
        if (reply.code() < 400 && reply.isIntermediate() != (step == Step.DATA)) {
            server.abandon(); // it asks for what we have not offered, or consents to what we have not asked
            throw failures.unclear(step, reply.toString());
        }
        phase = reply.isIntermediate() ? Phase.CONTENT : phase;
        blame.heard(step, reply, took < server.limits().ofRest(step).toNanos(), together);
        if (blame.isPerhapsSaidToNobody(step, reply) && hasLeft()) {
            throw new BeginAnewException(Why.LEFT, step, failures.refused(step, reply));
        }
        if (said == 0 && together) {
            blame.readTogether();
        }
        return reply;
    }

    /** The end may come a moment behind the last words. */
    private boolean hasLeft() {
        if (server.isBroken() || said > 0) {
            return server.isBroken();
        }
        LockSupport.parkNanos(A_MOMENT.toNanos());
        return !server.isQuiet(true);
    }
}
