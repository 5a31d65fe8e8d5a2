package io.smtpdup.server;

import java.util.Collections;
import java.util.List;

import io.smtpdup.message.Reply;
import io.smtpdup.message.ReplyingException;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.ops.MailLog;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from an exchange that has been through its route what the client shall hear.
 *
 * <p>A reply that the route left counts, also when the route failed after it: the primary has answered by then, and
 * nothing that happens to a copy may turn its 250 into something else. Without one a failure speaks for itself, or is a
 * 451, as is a route that was rolled back; and success is a 250 with the mail's id.
 */
final class RouteVerdict {

    private static final Reply ROUTE_FAILED = Reply.of(451, "4.3.0", "Temporary failure, try again later");

    private static final Logger LOG = LoggerFactory.getLogger(RouteVerdict.class);

    private RouteVerdict() {
    }

    static Reply of(Exchange exchange, String id) {
        Exception failure = exchange.getException();
        Object left = exchange.getMessage().getHeader(SmtpServerConstants.REPLY);
        if (left != null) {
            if (failure != null) {
                LOG.error("id={}: the route failed after the mail was answered with \"{}\", a copy may be missing: {}",
                        id, left, MailLog.printable(failure.toString()));
                LOG.debug("stack trace", failure);
            }
            return withText(readable(left, id), id);
        }
        if (failure == null) {
            return exchange.isRollbackOnly() ? ROUTE_FAILED : queued(id);
        }
        ReplyingException replying = exchange.getException(ReplyingException.class);
        if (replying != null && replying.reply().code() >= 400) {
            return withText(replying.reply(), id);
        }
        LOG.error("id={}: the route failed: {}", id, MailLog.printable(failure.toString()));
        LOG.debug("stack trace", failure);
        return ROUTE_FAILED;
    }

    /**
     * What each of these recipients shall hear, in their order.
     *
     * @param all what {@link #of} says
     */
    static List<Reply> ofEach(Exchange exchange, String id, Reply all, List<String> recipients) {
        ReplyingException replying = exchange.getException(ReplyingException.class);
        boolean answered = exchange.getMessage().getHeader(SmtpServerConstants.REPLY) != null;
        return answered || replying == null || replying.reply().code() < 400
                ? Collections.nCopies(recipients.size(), all)
                : replying.recipientReplies(recipients).stream().map(reply -> withText(reply, id)).toList();
    }

    /** The reply in the header, as an object or as an operator wrote it; a failure when it is none that can be sent. */
    private static Reply readable(Object left, String id) {
        try {
            Reply reply = left instanceof Reply made ? made : Reply.parse(left.toString());
            if (!reply.isIntermediate()) {
                return reply;
            }
        } catch (IllegalArgumentException e) {
            LOG.debug("stack trace", e);
        }
        LOG.error("id={}: the route left \"{}\" in {}, which is not an SMTP reply", id, left, SmtpServerConstants.REPLY);
        return ROUTE_FAILED;
    }

    /** A reply without words gets ours: a 250 the mail's id, a refusal the enhanced code that we announced (RFC 2034). */
    private static Reply withText(Reply reply, String id) {
        if (!reply.isTextless()) {
            return reply;
        }
        return reply.isPositive()
                ? queued(id)
                : Reply.of(reply.code(), reply.enhancedCode().orElse(reply.code() / 100 + ".0.0"),
                        "The next mail server gave no reason");
    }

    private static Reply queued(String id) {
        return new Reply(250, List.of("2.0.0 Ok: queued as " + id));
    }
}
