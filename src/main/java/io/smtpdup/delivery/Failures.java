package io.smtpdup.delivery;

import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Set;

import io.smtpdup.message.Reply;

/**
 * The one place that decides what a failure means: its outcome and what the client hears. When in doubt 451, so that the
 * client keeps its mail.
 */
final class Failures {

    private static final Reply UNREACHABLE = Reply.of(451, "4.4.1", "The next mail server cannot be reached, try again later");

    private static final Reply NO_ANSWER = Reply.of(451, "4.4.2", "The next mail server did not answer, try again later");

    private static final Reply UNCLEAR = Reply.of(451, "4.5.0", "The next mail server gave no clear answer, try again later");

    private static final Reply CROWDED = Reply.of(451, "4.4.5", "Too many connections to the next mail server, try again later");

    private static final Reply UNREADABLE = Reply.of(451, "4.3.0", "The message cannot be read, try again later");

    private static final Reply LONE_LINE_END = Reply.of(451, "4.6.0", "The message has a lone CR or LF");

    static final Reply NOT_NOW =
            Reply.of(451, "4.3.3", "The next mail server does not offer what the message needs at the moment, try again later");

    private static final Reply NOT_TRUSTED =
            Reply.of(451, "4.3.5", "The next mail server does not accept the client's identity from this relay, try again later");

    private static final Reply THE_REST_NEXT = Reply.of(452, "4.5.3", "The other recipients go in the next transaction");

    private final String destination;

    /** @param destination host and port, as the log shows them */
    Failures(String destination) {
        this.destination = destination;
    }

    String destination() {
        return destination;
    }

    /** No session: no address, no connection, a bad greeting, EHLO, TLS or AUTH failed. Never 5xx: the mail is not to blame. */
    DeliveryException unreachable(String why, Throwable cause) {
        return new DeliveryException(Outcome.DEFERRED, UNREACHABLE, true, "cannot use " + destination + ": " + why, cause);
    }

    /** Every place of the pool stayed taken. */
    DeliveryException crowded(String why, Throwable cause) {
        return new DeliveryException(Outcome.DEFERRED, CROWDED, false, destination + ": " + why, cause);
    }

    /** Timed out, hung up, reset, or drowned us in words. */
    DeliveryException lost(Step step, Throwable cause) {
        if (cause instanceof NoReplyException) {
            return unclear(step, cause.getMessage());
        }
        String what = isTimeout(cause) ? " did not answer in time at " : " closed the connection at ";
        return within(outcomeOfLoss(step), NO_ANSWER, null, true, destination + what + step, cause);
    }

    /** Answered with something that is no reply, or no reply to this command. */
    DeliveryException unclear(Step step, String answer) {
        return within(outcomeOfLoss(step), UNCLEAR, null, true,
                destination + " gave no clear answer to " + step + ": " + answer, null);
    }

    /** It offers XCLIENT, and then does not take it from us. */
    DeliveryException notTrusted(Step step, Reply reply) {
        return within(Outcome.DEFERRED, NOT_TRUSTED, null, true, destination + " offers XCLIENT and answered " + step + " with "
                + reply, null);
    }

    /** The server's own 4xx or 5xx, passed on word for word. */
    DeliveryException refused(Step step, Reply reply) {
        return within(reply.isPermanentNegative() ? Outcome.FAILED : Outcome.DEFERRED, reply, step,
                reply.code() == 421, destination + " refused " + step + ": " + reply, null);
    }

    /**
     * Some or all recipients refused. All by 5xx: the first 5xx. All, some of them by 4xx: the first 4xx. Only some: nobody
     * gets the mail, because one reply to the final dot could not tell the client who did.
     */
    DeliveryException recipientsRefused(List<RefusedRecipient> refused, int recipients) {
        Reply reply;
        boolean some = refused.size() < recipients;
        if (some) {
            reply = Reply.of(451, "4.5.0", "The server refused %d of %d recipients".formatted(refused.size(), recipients));
        } else {
            reply = refused.stream().map(RefusedRecipient::reply).filter(Reply::isTransientNegative).findFirst()
                    .orElse(refused.get(0).reply());
        }
        Outcome outcome = reply.isPermanentNegative() ? Outcome.FAILED : Outcome.DEFERRED;
        return new DeliveryException(outcome, reply, some ? null : Step.RCPT, false, true,
                "%s refused %d of %d recipients: %s".formatted(destination, refused.size(), recipients, refused), null, refused, Set.of());
    }

    /**
     * Some recipients have the mail, and not all. Those who are neither delivered nor refused can have it at once.
     *
     * @param last what ended it; null when nothing did
     */
    DeliveryException inPart(int recipients, Set<Integer> delivered, List<RefusedRecipient> refused, DeliveryException last) {
        boolean over = delivered.size() + refused.size() == recipients
                && refused.stream().allMatch(one -> one.reply().isPermanentNegative());
        Outcome outcome = last != null && last.outcome() == Outcome.UNKNOWN ? Outcome.UNKNOWN
                : over ? Outcome.FAILED : Outcome.DEFERRED;
        Reply reply = last != null ? last.reply() : refused.isEmpty() ? THE_REST_NEXT : refused.get(0).reply();
        return new DeliveryException(outcome, reply, last == null ? null : last.saidTo(), last != null && last.isDestinationAway(), true,
                "%s took the mail for %d of %d recipients%s%s".formatted(destination, delivered.size(), recipients,
                        refused.isEmpty() ? "" : ", refused " + refused, last == null ? "" : ", and then: " + last.getMessage()),
                last == null ? null : last.getCause(), refused, delivered);
    }

    /** The server lacks what this mail needs, or the mail is not fit to travel. */
    DeliveryException impossible(Reply reply) {
        return new DeliveryException(Outcome.FAILED, reply, false, destination + ": " + reply, null);
    }

    /** As {@link #impossible}, of a server that has offered it before, so that it will again. */
    DeliveryException notNow(Reply lacking) {
        return new DeliveryException(Outcome.DEFERRED, NOT_NOW, false,
                destination + " did not accept EHLO this time, and offers too little without it: " + lacking, null);
    }

    /**
     * A lone CR or LF is where smuggling starts. No client's mail has one when it comes here, so a route changed the body:
     * the operator can repair that, and the mail shall not bounce before.
     */
    DeliveryException loneLineEnd() {
        return new DeliveryException(Outcome.DEFERRED, LONE_LINE_END, false,
                "not sent to " + destination + ": a lone CR or LF in the message; a route must have changed it", null);
    }

    /** Our own side failed to read the message, for example its file in the spool. */
    DeliveryException unreadable(Throwable cause) {
        return new DeliveryException(Outcome.DEFERRED, UNREADABLE, false,
                "cannot read the message while sending it to " + destination, cause);
    }

    static boolean isTimeout(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketTimeoutException) {
                return true;
            }
        }
        return false;
    }

    /** True for a connection that ended, as opposed to one that stayed silent. */
    boolean isLost(DeliveryException failure) {
        return failure.reply() == NO_ANSWER;
    }

    /** One line for the log on a connection that could not be set up. */
    static String explain(Exception failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof SocketTimeoutException)) {
            root = root.getCause();
        }
        String text = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        String line = text.strip().replaceAll("\\p{Cntrl}+", " ");
        return line.substring(0, Math.min(300, line.length()));
    }

    private static DeliveryException within(
            Outcome outcome, Reply reply, Step said, boolean away, String message, Throwable cause) {
        return new DeliveryException(outcome, reply, said, away, true, message, cause, List.of(), Set.of());
    }

    private static Outcome outcomeOfLoss(Step step) {
        return step == Step.FINAL_DOT ? Outcome.UNKNOWN : Outcome.DEFERRED;
    }
}
