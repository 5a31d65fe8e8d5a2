package io.smtpdup.ops;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Reply;
import io.smtpdup.message.ServerAnswer;
import org.jspecify.annotations.Nullable;

/**
 * One line per event of a mail's life, each with the mail's id first, then fixed fields. Never content, never
 * credentials. {@code docs/operations.md} lists the events.
 */
public final class MailLog {

    private MailLog() {
    }

    /**
     * From now on somebody hears of each event when it happens, also of those that the log's level leaves out.
     *
     * @param follower is told by the thread that a client or a copy waits for, so it does not wait, and by several at a time
     * @return ends it
     */
    public static Runnable follow(Consumer<LoggedEvent> follower) {
        LogLine.FOLLOWERS.add(follower);
        return () -> LogLine.FOLLOWERS.remove(follower);
    }

    /** A client that may not, or not now, connect or begin a mail. */
    public static void refused(InetAddress client, String reply) {
        new LogLine(MailEvent.REFUSED).with("client", client.getHostAddress()).with("reply", reply).log();
    }

    /**
     * A mail is refused at MAIL.
     *
     * @param server the one that has answered
     */
    public static void refused(String id, InetAddress client, ServerAnswer server, String from, Reply reply) {
        LogLine line = new LogLine(MailEvent.REFUSED).with("id", id).with("client", client.getHostAddress());
        answered(line, server).with("from", from).with("reply", reply).with("cause", server.cause()).log();
    }

    /**
     * A client's command is refused for what it is, and not for what another server says.
     *
     * @param command the line, or its verb where the rest may hold a secret; empty for an unknown verb
     */
    public static void commandRefused(InetAddress client, String command, Reply reply) {
        new LogLine(MailEvent.COMMAND_REFUSED).with("client", client.getHostAddress()).with("command", command)
                .with("reply", reply).log();
    }

    /**
     * A client is disconnected for its conduct.
     *
     * @param unlogged refusals that have no line of their own
     */
    public static void cutOff(
            InetAddress client, Reply reply, int errors, int emptyCommands, int refusals, int unlogged) {
        new LogLine(MailEvent.CUT_OFF).with("client", client.getHostAddress()).with("reply", reply).with("errors", errors)
                .with("empty_commands", emptyCommands).with("refusals", refusals).with("unlogged", unlogged).log();
    }

    /** A handshake that a client has begun came to nothing. */
    public static void tlsFailed(InetAddress client, String cause) {
        new LogLine(MailEvent.TLS_FAILED).with("client", client.getHostAddress()).with("cause", cause).log();
    }

    /**
     * There was more of something than there are lines of it.
     *
     * @param what as an operator calls it, in the plural
     */
    public static void unlogged(String what, int unlogged) {
        new LogLine(MailEvent.UNLOGGED).with("cause", what).with("unlogged", unlogged).log();
    }

    /** A client has left after refusals that have no line of their own. */
    public static void unlogged(InetAddress client, int unlogged) {
        new LogLine(MailEvent.UNLOGGED).with("client", client.getHostAddress()).with("unlogged", unlogged).log();
    }

    /**
     * The primary has the mail, and the client is about to hear so.
     *
     * @param messageId of the header section; null when it has none
     */
    public static void accepted(
            String id, ClientIdentity client, Envelope envelope, long size, @Nullable String messageId, Reply reply) {
        mail(MailEvent.ACCEPTED, id, client.address(), envelope, size).with("message_id", messageId)
                .with("helo", client.helo()).with("reply", reply).log();
    }

    /**
     * The client is about to hear a negative reply to its content.
     *
     * @param messageId of the header section; null when it has none, or was not seen
     * @param cause why, when it was a failure; may be null
     */
    public static void rejected(String id, InetSocketAddress client, Envelope envelope, long size, @Nullable String messageId,
            Reply reply, @Nullable Throwable cause) {
        mail(MailEvent.REJECTED, id, client, envelope, size).with("message_id", messageId).with("reply", reply)
                .with("cause", cause == null ? null : cause.getMessage()).log();
    }

    /**
     * The client is about to hear a negative reply to DATA.
     *
     * @param server the one that has answered
     */
    public static void rejected(String id, InetSocketAddress client, ServerAnswer server, Envelope envelope, Reply reply) {
        answered(mail(MailEvent.REJECTED, id, client, envelope, 0), server).with("reply", reply).with("cause", server.cause()).log();
    }

    /**
     * The client is about to hear that one recipient is refused; the mail may go on with others.
     *
     * @param server the one that has answered
     */
    public static void recipientRejected(
            String id, InetSocketAddress client, ServerAnswer server, String from, String recipient, Reply reply) {
        LogLine line = new LogLine(MailEvent.RECIPIENT_REJECTED).with("id", id).with("client", client.getAddress().getHostAddress());
        answered(line, server).with("from", from).withAll("to", List.of(recipient)).with("reply", reply).with("cause", server.cause()).log();
    }

    /** The client went away, or stalled, within the content. */
    public static void vanished(String id, InetSocketAddress client, Envelope envelope, long size, String reason) {
        mail(MailEvent.VANISHED, id, client, envelope, size).with("cause", reason).log();
    }

    /** The reply did not reach the client: when it was a 250, the client will send again what the primary has. */
    public static void unheard(String id, InetSocketAddress client, Reply reply, String cause) {
        new LogLine(MailEvent.UNHEARD).with("id", id).with("client", client.getAddress().getHostAddress())
                .with("reply", reply).with("cause", cause).log();
    }

    /**
     * A try to give a mail to a destination is over.
     *
     * @param cause null when it was delivered
     */
    public static void tried(MailEvent event, DeliveryTry delivery, Reply reply, @Nullable String cause) {
        LogLine line = delivery.in(new LogLine(event)).with("reply", reply);
        (cause == null ? line : line.with("cause", cause)).log();
    }

    /**
     * A backup has refused its copy for good; it lies in the backup's dead letters.
     *
     * @param attempts how often it was tried, this time included
     */
    public static void deadLettered(
            String id, String destination, Envelope envelope, long size, Object reply, int attempts, String cause) {
        new LogLine(MailEvent.DEAD_LETTERED).with("id", id).with("destination", destination)
                .with("from", envelope.reversePath()).withAll("to", envelope.recipients())
                .with("nrcpt", envelope.recipients().size()).with("size", size).with("attempts", attempts)
                .with("reply", reply).with("cause", cause).log();
    }

    /**
     * An operator did something to a copy.
     *
     * @param event DELETED, REQUEUED, REPLAYED or MOVED
     */
    public static void steered(MailEvent event, String id, String destination, String from, int recipients, long size) {
        new LogLine(event).with("id", id).with("destination", destination)
                .with("from", from).with("nrcpt", recipients).with("size", size).log();
    }

    /** A backup will not get its copy. */
    public static void lost(String id, String destination, String cause) {
        new LogLine(MailEvent.LOST).with("id", id).with("destination", destination).with("cause", cause).log();
    }

    /** The broker has not taken a copy, which is on this relay's disk until it does. */
    public static void kept(String id, String queue, String cause) {
        new LogLine(MailEvent.KEPT).with("id", id).with("queue", queue).with("cause", cause).log();
    }

    /**
     * A copy cannot be read, or is not what was queued: its backup will not get it, and what is left of it is set aside.
     *
     * @param id the mail's, or the name of the message in its queue when there is none
     */
    public static void damaged(String id, String destination, String cause) {
        new LogLine(MailEvent.DAMAGED).with("id", id).with("destination", destination).with("cause", cause).log();
    }

    /**
     * A backup has done with a mail what the primary has not, in a way that is new.
     *
     * @param id of the first such mail
     * @param stage what the refusal was said to; null when nobody said anything
     * @param primary what the primary said, masked; empty when that is not known
     * @param reply what the backup said, masked
     */
    public static void difference(
            String id, String destination, String relation, String category, @Nullable String stage, String primary, String reply) {
        new LogLine(MailEvent.DIFFERENCE).with("id", id.isEmpty() ? null : id).with("destination", destination)
                .with("relation", relation).with("category", category).with("stage", stage)
                .with("primary", primary.isEmpty() ? null : primary).with("reply", reply.isEmpty() ? null : reply).log();
    }

    /**
     * A mail has come from a backup, which should send none.
     *
     * @param destination the backup
     * @param kind loop, bounce, automatic or receipt
     */
    public static void echo(String id, InetAddress client, String destination, String kind, String from) {
        new LogLine(MailEvent.ECHO).with("id", id).with("client", client.getHostAddress()).with("destination", destination)
                .with("kind", kind).with("from", from).log();
    }

    /**
     * Another server is the primary than before.
     *
     * @param how cutover, rollback or settings
     * @param reason what the operator said; null for nothing
     * @param verdict of the agreement report at that moment; null for none
     */
    public static void primary(String destination, String before, String how, @Nullable String reason, @Nullable String verdict) {
        new LogLine(MailEvent.PRIMARY).with("destination", destination).with("before", before).with("how", how).with("reason", reason)
                .with("verdict", verdict).log();
    }

    /** A destination does not answer any more. */
    public static void away(String destination, String role, String cause) {
        new LogLine(MailEvent.AWAY).with("destination", destination).with("role", role).with("cause", cause).log();
    }

    /**
     * A destination answers again.
     *
     * @param seconds how long it did not
     */
    public static void back(String destination, String role, long seconds) {
        new LogLine(MailEvent.BACK).with("destination", destination).with("role", role).with("seconds", seconds).log();
    }

    /**
     * Settings, routes and certificates were read anew.
     *
     * @param reason who wanted it
     * @param problems that kept it from being done; with any, nothing has changed
     * @param changed keys, and so on for the other numbers
     * @param certificate whether that has changed
     * @param restart keys that have another value at the next start
     */
    public static void reload(
            String reason, int problems, int changed, int added, int removed, int routes, boolean certificate, int restart) {
        LogLine line = new LogLine(MailEvent.RELOAD).with("reason", reason).with("result", problems == 0 ? "done" : "refused");
        if (problems > 0) {
            line.with("problems", problems).log();
            return;
        }
        line.with("changed", changed).with("added", added).with("removed", removed).with("routes", routes)
                .with("certificate", certificate ? "changed" : "same").with("restart", restart).log();
    }

    private static LogLine answered(LogLine line, ServerAnswer server) {
        return line.with("destination", server.destination()).with("role", server.role());
    }

    private static LogLine mail(MailEvent event, String id, InetSocketAddress client, Envelope envelope, long size) {
        return new LogLine(event).with("id", id).with("client", client.getAddress().getHostAddress())
                .with("from", envelope.reversePath()).withAll("to", envelope.recipients())
                .with("nrcpt", envelope.recipients().size()).with("size", size);
    }

    /** Foreign text on one line, without control characters, of bearable length. */
    public static String printable(@Nullable String text) {
        return text == null ? "" : LogLine.harmless(text);
    }
}
