package io.smtpdup.delivery;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import io.smtpdup.delivery.BeginAnewException.Why;
import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Reply;
import org.eclipse.angus.mail.smtp.SMTPOutputStream;

/**
 * What we and one server say about one mail over one connection, from MAIL to the reply to the final dot. Commands are asked
 * for, and their replies are heard in the same order; whether they leave together (RFC 2920) or each waits for the reply to
 * the one before is decided here. What the connection itself may be to blame for is a {@link BeginAnewException}.
 *
 * <p>Call {@link #introduce}, then {@link #ask} and {@link #hear}, then {@link #send}, and in any case {@link #end}.
 */
final class Dialogue {

    /** How far the mail is, and with that who may say what. */
    private enum Phase {
        /** Nothing was said of the mail. */
        NEW,
        /** MAIL was said. Commands may follow, and what was asked is answered. */
        ENVELOPE,
        /** The server has asked for the content: whatever we say now is content, and there is no way back. */
        CONTENT,
        /** The final dot was said. */
        DOT,
        /** The server has taken the mail. */
        TAKEN
    }

    private record Command(Step step, String line) {
    }

    /** A final dot that took longer to be refused is not tried once more while the client waits. */
    private static final Duration SOON = Duration.ofMinutes(1);

    /** What a server says in a 421 when it waits for a command that has arrived long ago, or minds that it has. */
    private static final Pattern OUT_OF_STEP = Pattern.compile("pipelin|synchroni[sz]|4\\.4\\.2|time[d -]*out|idle|too early");

    /** What it says in any other refusal of commands that it did not want together. */
    private static final Pattern IN_WORDS = Pattern.compile("pipelin|synchroni[sz]");

    private final RelayTransport server;
    private final Failures failures;
    private final ClientIdentity client;
    private final Attempts attempts;
    private final Manners manners;
    /** Whether it lay in a pool, so that it may have died unnoticed. */
    private final boolean rested;
    /** Whether it carried other mails, so that the server may have had enough of it. */
    private final boolean carried;
    private final List<Command> owed = new LinkedList<>();
    private Phase phase = Phase.NEW;
    private int said;
    private int flight;
    private int heardOfFlight;
    private boolean takesSomebody;
    private boolean refused;

    /**
     * @param client whom the mail comes from; null when nobody knows
     * @param attempts of this mail
     */
    Dialogue(RelayTransport server, Failures failures, ClientIdentity client, Attempts attempts, Manners manners) {
        this.server = server;
        this.failures = failures;
        this.client = client;
        this.attempts = attempts;
        this.manners = manners;
        this.rested = server.isRested();
        this.carried = server.beginMail();
    }

    RelayTransport server() {
        return server;
    }

    /** Whether commands leave together. */
    boolean isPipelining() {
        return server.supportsExtension("PIPELINING") && manners.readsTogether() && !attempts.isOneByOne();
    }

    /** Has the connection speak for the client. What the server offers may be something else afterwards. */
    void introduce() throws DeliveryException {
        if (rested && server.isOutOfStep()) {
            throw new BeginAnewException(Why.LEFT, Step.MAIL, failures.unclear(Step.MAIL, "spoke between two mails"));
        }
        try {
            server.introduction().speakFor(client);
        } catch (DeliveryException e) {
            throw blamed(Step.XCLIENT, e);
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
                throw blamed(Step.XFORWARD, e);
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

    /** True when the connection has ended by itself, so that nothing more can be asked. */
    boolean isBroken() {
        return server.isBroken();
    }

    /**
     * Sends the content and the final dot.
     *
     * @param waited whether the server has waited for it as long as a client takes to say it, perhaps too long
     * @return 2xx
     */
    Reply send(MessageContent content, boolean waited) throws DeliveryException {
        try {
            sendContent(content);
        } catch (DeliveryException e) {
            boolean left = failures.isLost(e) && !Failures.isTimeout(e) || e.reply().code() == 421;
            throw waited && left ? new BeginAnewException(Why.WORN, Step.CONTENT, e) : e;
        }
        long begun = System.nanoTime();
        ask(Step.FINAL_DOT, ".");
        phase = Phase.DOT;
        Reply reply = next();
        phase = reply.isPositive() ? Phase.TAKEN : Phase.ENVELOPE;
        if (!reply.isPositive()) {
            DeliveryException failure = failures.refused(Step.FINAL_DOT, reply);
            boolean again = carried && reply.isTransientNegative() && System.nanoTime() - begun < SOON.toNanos();
            throw again ? new BeginAnewException(Why.WORN, Step.FINAL_DOT, failure) : failure;
        }
        return reply;
    }

    private void sendContent(MessageContent content) throws DeliveryException {
        SMTPOutputStream out;
        try {
            out = server.startContent();
        } catch (DeliveryException e) {
            throw blamed(Step.CONTENT, e);
        }
        LineGuardOutputStream guard = new LineGuardOutputStream(out);
        try {
            content.writeTo(guard);
            guard.finish();
        } catch (IOException | RuntimeException e) {
            server.abandon();
            if (guard.hasLoneLineEnd()) {
                throw failures.loneLineEnd();
            }
            if (guard.peerFailure() == null) {
                throw failures.unreadable(e);
            }
            throw cutShort(guard.peerFailure());
        }
        try {
            out.ensureAtBOL();
        } catch (IOException e) {
            throw cutShort(e);
        }
    }

    private DeliveryException cutShort(IOException failure) {
        try {
            return blamed(Step.CONTENT, failures.refused(Step.CONTENT, server.lastWords(Step.CONTENT, failure)));
        } catch (DeliveryException e) {
            return blamed(Step.CONTENT, e);
        }
    }

    /** Leaves the connection fit for another mail, or ended. To be called once, whatever happened. */
    void end() {
        if (phase == Phase.CONTENT || phase == Phase.DOT || said > 0) {
            server.abandon();
        } else if (phase == Phase.ENVELOPE || refused) {
            server.spend(); // a server counts what it refused and what came to nothing, and the next mail is not to blame
        }
    }

    private Reply next() throws DeliveryException {
        sayWhatMayBeSaid();
        Step step = owed.get(0).step();
        boolean following = flight > 1 && heardOfFlight > 0;
        boolean hurry = following && !manners.isSlow();
        long begun = System.nanoTime();
        Reply reply;
        try {
            reply = server.collect(step, hurry);
        } catch (DeliveryException e) {
            throw lost(step, following, hurry, e);
        }
        owed.remove(0);
        said--;
        heardOfFlight++;
        attempts.compare(step, reply, server.isSoon(step, Duration.ofNanos(System.nanoTime() - begun)), manners);
        judge(step, reply);
        if (said == 0 && flight > 1) {
            manners.hasReadTogether();
        }
        return reply;
    }

    /** A server that cannot read commands together answers some of them, or none, where its connection is not to blame. */
    private DeliveryException lost(Step step, boolean following, boolean hurry, DeliveryException failure) {
        boolean suspect = following ? hurry || !Failures.isTimeout(failure) : !manners.isKnownToReadTogether();
        boolean together = flight > 1 && failures.isLost(failure) && suspect;
        DeliveryException blamed = blamed(step, failure);
        boolean stale = !following && blamed instanceof BeginAnewException;
        return together && !stale ? new BeginAnewException(Why.TOGETHER, step, failure) : blamed;
    }

    /** Keeps the phase, and finds out whether that is what the server says to this mail. */
    private void judge(Step step, Reply reply) throws DeliveryException {
        if (reply.isIntermediate() && step == Step.DATA) {
            phase = Phase.CONTENT;
            return;
        }
        if (reply.isIntermediate() || reply.isPositive() && step == Step.DATA) {
            server.abandon();
            throw failures.unclear(step, reply.toString());
        }
        if (reply.isPositive()) {
            takesSomebody |= step == Step.RCPT;
            return;
        }
        if (step == Step.XFORWARD || step == Step.FINAL_DOT) {
            refused = step == Step.FINAL_DOT;
            return;
        }
        boolean first = !refused;
        refused = true;
        if (flight > 1 && isOutOfStep(step, reply, first)) {
            throw new BeginAnewException(Why.TOGETHER, step, true, failures.refused(step, reply));
        }
        if (carried && mayBeWorn(step, reply)) {
            throw new BeginAnewException(Why.WORN, step, failures.refused(step, reply));
        }
        if (rested && step == Step.MAIL && (server.isBroken() || said == 0 && server.hasLeft())) {
            throw new BeginAnewException(Why.LEFT, step, failures.refused(step, reply)); // it was said to nobody
        }
    }

    /** A reply that a server gives to commands it has read half, or not at all. The first refusal only: others follow from it. */
    private boolean isOutOfStep(Step step, Reply reply, boolean first) {
        String text = reply.toString().toLowerCase(Locale.ROOT);
        return switch (reply.code()) {
            case 421 -> OUT_OF_STEP.matcher(text).find();
            case 500, 502 -> first;
            case 501 -> first && step == Step.MAIL;
            case 503 -> first && (step != Step.DATA || takesSomebody);
            default -> first && IN_WORDS.matcher(text).find();
        };
    }

    /** A recipient that is refused for good is so for everybody; all else a server may say because it has had enough of us. */
    private boolean mayBeWorn(Step step, Reply reply) {
        return switch (step) {
            case RCPT -> reply.isTransientNegative();
            case DATA -> takesSomebody || reply.code() == 421;
            default -> true;
        };
    }

    private void sayWhatMayBeSaid() throws DeliveryException {
        while (said < owed.size() && (said == 0 || isPipelining())) {
            Command next = owed.get(said);
            if (said == 0) {
                flight = 0;
                heardOfFlight = 0;
                refuseWhatWasSaidUnasked(next.step());
            }
            phase = phase == Phase.NEW ? Phase.ENVELOPE : phase;
            try {
                server.post(next.step(), next.line());
            } catch (DeliveryException e) {
                throw blamed(next.step(), e);
            }
            said++;
            flight++;
        }
    }

    private void refuseWhatWasSaidUnasked(Step step) throws DeliveryException {
        Step known = step == Step.FINAL_DOT ? Step.CONTENT : step; // nothing of the mail is taken yet
        try {
            Reply spoken = server.unaskedRefusal(known);
            if (spoken != null) {
                throw failures.refused(known, spoken);
            }
        } catch (DeliveryException e) {
            throw blamed(known, e);
        }
    }

    private DeliveryException blamed(Step step, DeliveryException failure) {
        boolean first = step != Step.RCPT && step != Step.DATA && step != Step.CONTENT;
        if (!(first ? rested : carried) || failure instanceof BeginAnewException || failure.outcome() == Outcome.UNKNOWN) {
            return failure;
        }
        if (Failures.isTimeout(failure) && !first || step == Step.CONTENT && failure.outcome() == Outcome.FAILED) {
            return failure;
        }
        return new BeginAnewException(first ? Why.LEFT : Why.WORN, step, failure);
    }
}
