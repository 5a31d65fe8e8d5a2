package io.smtpdup.ops;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.regex.Pattern;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line per event of a mail's life, each with the mail's id first, then fixed fields. Never content, never
 * credentials. {@code docs/operations.md} lists the events.
 */
public final class MailLog {

    /** A list of ten thousand recipients is a number and its beginning. */
    private static final int RECIPIENTS_SHOWN = 10;

    private static final int LONGEST_TEXT = 500;

    /** Controls, some of which terminals obey, all line ends, and marks that turn the writing around. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+");

    private static final Logger LOG = LoggerFactory.getLogger("mail");

    private MailLog() {
    }

    /** A client that may not, or not now, connect or begin a mail. */
    public static void refused(InetAddress client, String reply) {
        LOG.atWarn()
                .addKeyValue("client", client.getHostAddress())
                .addKeyValue("reply", oneLine(String.valueOf(reply)))
                .log("refused");
    }

    /**
     * A client's command is refused for what it is, and not for what another server says.
     *
     * @param command the line, or its verb where the rest may hold a secret; empty for an unknown verb
     */
    public static void commandRefused(InetAddress client, String command, Reply reply) {
        LOG.atWarn()
                .addKeyValue("client", client.getHostAddress())
                .addKeyValue("command", printable(command))
                .addKeyValue("reply", oneLine(String.valueOf(reply)))
                .log("command-refused");
    }

    /**
     * A client is disconnected for its conduct.
     *
     * @param unlogged refusals that have no line of their own
     */
    public static void cutOff(
            InetAddress client, Reply reply, int errors, int emptyCommands, int refusals, int unlogged) {
        LOG.atWarn()
                .addKeyValue("client", client.getHostAddress())
                .addKeyValue("reply", oneLine(String.valueOf(reply)))
                .addKeyValue("errors", errors)
                .addKeyValue("empty_commands", emptyCommands)
                .addKeyValue("refusals", refusals)
                .addKeyValue("unlogged", unlogged)
                .log("cut-off");
    }

    /**
     * A handshake that a client has begun came to nothing.
     *
     * @param unlogged such handshakes before this one that have no line of their own
     */
    public static void tlsFailed(InetAddress client, String cause, int unlogged) {
        LOG.atWarn().addKeyValue("client", client.getHostAddress()).addKeyValue("cause", printable(cause))
                .addKeyValue("unlogged", unlogged).log("tls-failed");
    }

    /** A client has left after refusals that have no line of their own. */
    public static void unlogged(InetAddress client, int unlogged) {
        LOG.atWarn().addKeyValue("client", client.getHostAddress()).addKeyValue("unlogged", unlogged).log("unlogged");
    }

    /** The client is about to hear a positive reply: the primary has the mail. */
    public static void accepted(
            String id, ClientIdentity client, Envelope envelope, long size, Reply reply) {
        mail(LOG.atInfo(), id, client.address(), envelope, size)
                .addKeyValue("helo", printable(client.helo()))
                .addKeyValue("reply", oneLine(String.valueOf(reply)))
                .log("accepted");
    }

    /**
     * The client is about to hear a negative reply to its content.
     *
     * @param cause why, when it was a failure; may be null
     */
    public static void rejected(
            String id, InetSocketAddress client, Envelope envelope, long size, Reply reply, Throwable cause) {
        LoggingEventBuilder event =
                mail(LOG.atWarn(), id, client, envelope, size).addKeyValue("reply", oneLine(String.valueOf(reply)));
        if (cause != null) {
            event = event.addKeyValue("cause", printable(cause.getMessage()));
        }
        event.log("rejected");
    }

    /** The client is about to hear that one recipient is refused; the mail may go on with others. */
    public static void recipientRejected(String id, InetSocketAddress client, String from, String recipient, Reply reply) {
        LOG.atWarn()
                .addKeyValue("id", id)
                .addKeyValue("client", client.getAddress().getHostAddress())
                .addKeyValue("from", "<" + oneLine(from) + ">")
                .addKeyValue("to", oneLine(recipient))
                .addKeyValue("reply", oneLine(String.valueOf(reply)))
                .log("recipient-rejected");
    }

    /** The client went away, or stalled, within the content. */
    public static void vanished(String id, InetSocketAddress client, Envelope envelope, long size, String reason) {
        mail(LOG.atWarn(), id, client, envelope, size).addKeyValue("cause", printable(reason)).log("vanished");
    }

    /** The reply did not reach the client: when it was a 250, the client will send again what the primary has. */
    public static void unheard(String id, InetSocketAddress client, Reply reply, String cause) {
        LOG.atWarn().addKeyValue("id", id)
                .addKeyValue("client", client.getAddress().getHostAddress())
                .addKeyValue("reply", printable(String.valueOf(reply)))
                .addKeyValue("cause", printable(cause))
                .log("unheard");
    }

    /** A destination has taken a mail. */
    public static void delivered(String id, String destination, Reply reply) {
        LOG.atInfo()
                .addKeyValue("id", id)
                .addKeyValue("destination", destination)
                .addKeyValue("reply", oneLine(String.valueOf(reply)))
                .log("delivered");
    }

    /**
     * A destination has not taken a mail.
     *
     * @param event deferred, failed or unknown
     */
    public static void undelivered(String event, String id, String destination, Reply reply, String cause) {
        LOG.atWarn()
                .addKeyValue("id", id)
                .addKeyValue("destination", destination)
                .addKeyValue("reply", oneLine(String.valueOf(reply)))
                .addKeyValue("cause", printable(cause))
                .log(event);
    }

    /**
     * A backup has refused its copy for good; it lies in the backup's dead letters.
     *
     * @param attempts how often it was tried, this time included
     */
    public static void deadLettered(String id, String destination, Object reply, int attempts, String cause) {
        LOG.atError().addKeyValue("id", id).addKeyValue("destination", destination)
                .addKeyValue("reply", String.valueOf(reply)).addKeyValue("attempts", attempts)
                .addKeyValue("cause", printable(cause)).log("dead-lettered");
    }

    /**
     * An operator did something to a copy.
     *
     * @param event deleted, requeued or replayed
     */
    public static void steered(String event, String id, String destination, String from, int recipients, long size) {
        LOG.atLevel(event.equals("deleted") ? Level.WARN : Level.INFO)
                .addKeyValue("id", id)
                .addKeyValue("destination", destination)
                .addKeyValue("from", "<" + oneLine(from) + ">")
                .addKeyValue("nrcpt", recipients)
                .addKeyValue("size", size)
                .log(event);
    }

    /** A backup will not get its copy. */
    public static void lost(String id, String destination, String cause) {
        LOG.atError()
                .addKeyValue("id", id)
                .addKeyValue("destination", destination)
                .addKeyValue("cause", printable(cause))
                .log("lost");
    }

    /**
     * A copy cannot be read, or is not what was queued: its backup will not get it, and what is left of it is set aside.
     *
     * @param id the mail's, or the name of the message in its queue when there is none
     */
    public static void damaged(String id, String destination, String cause) {
        LOG.atError()
                .addKeyValue("id", printable(id))
                .addKeyValue("destination", destination)
                .addKeyValue("cause", printable(cause))
                .log("damaged");
    }

    private static LoggingEventBuilder mail(
            LoggingEventBuilder event, String id, InetSocketAddress client, Envelope envelope, long size) {
        return event.addKeyValue("id", id)
                .addKeyValue("client", client.getAddress().getHostAddress())
                .addKeyValue("from", "<" + oneLine(envelope.reversePath()) + ">")
                .addKeyValue("to", recipients(envelope.recipients()))
                .addKeyValue("nrcpt", envelope.recipients().size())
                .addKeyValue("size", size);
    }

    private static String recipients(List<String> recipients) {
        String shown = String.join(",", recipients.subList(0, Math.min(RECIPIENTS_SHOWN, recipients.size())));
        return oneLine(shown) + (recipients.size() > RECIPIENTS_SHOWN ? ",..." : "");
    }

    /** Foreign text on one line, without control characters, of bearable length. */
    public static String printable(String text) {
        if (text == null) {
            return "";
        }
        String cut = text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "..." : text;
        return oneLine(cut);
    }

    private static String oneLine(String text) {
        return UNPRINTABLE.matcher(text).replaceAll(" ");
    }
}
