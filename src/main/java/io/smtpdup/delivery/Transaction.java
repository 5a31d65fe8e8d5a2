package io.smtpdup.delivery;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import io.smtpdup.delivery.BeginAnewException.Why;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;

/**
 * A mail that is here as a whole, said to a server in one go. Where the server reads commands that come together, all up to
 * DATA leaves in one flight, so that a mail costs two round trips.
 */
final class Transaction {

    /** So many RCPT leave together: their replies must fit into what we can receive without reading. */
    private static final int FLIGHT = 100;

    private static final Reply BAD_PATH = Reply.of(553, "5.1.3", "A control character in an address");

    private static final Reply NO_RECIPIENTS = Reply.of(554, "5.5.1", "No valid recipients");

    private static final Pattern TOO_MANY = Pattern.compile("(?i)too many (recipients|rcpt)");

    private final Conversation conversation;
    private final Failures failures;
    private final Manners manners;
    private final Envelope envelope;
    private final List<Recipient> recipients;
    private final boolean inPart;
    private final List<Reply> replies = new ArrayList<>();
    private final Set<String> mailboxes = new HashSet<>();
    private int accepted;
    private int firstTaken = Integer.MAX_VALUE;
    private int lastTaken = -1;
    private boolean full;

    /** @param inPart whether those recipients that are taken get the mail although others are not */
    Transaction(Conversation conversation, Failures failures, Manners manners, Envelope envelope, boolean inPart) {
        this.conversation = conversation;
        this.failures = failures;
        this.manners = manners;
        this.envelope = envelope;
        this.recipients = envelope.forwardPaths();
        this.inPart = inPart;
    }

    /**
     * What became of the recipients when the server took the mail.
     *
     * @param reply what it said to the final dot
     * @param taken the positions of those that have the mail now
     * @param refused those that it refused; all others it had no room for in this transaction
     */
    record Taken(Reply reply, Set<Integer> taken, List<RefusedRecipient> refused) {
    }

    /** Does the whole of it. */
    Taken run(MessageContent content) throws DeliveryException {
        checkPaths(envelope, failures);
        conversation.introduce();
        conversation.mail(new MailLine(conversation.server(), failures).of(envelope, content));
        sayRecipients();
        Set<Integer> taken = taken();
        List<RefusedRecipient> refused = taken.size() == recipients.size() ? List.of() : refused();
        if (taken.isEmpty() || !inPart && !refused.isEmpty()) {
            throw failures.recipientsRefused(refused, recipients.size());
        }
        try {
            conversation.awaitGoAhead();
            return new Taken(conversation.send(content, false), taken, refused);
        } catch (BeginAnewException e) {
            throw e;
        } catch (DeliveryException e) {
            boolean away = e.outcome() == Outcome.DEFERRED && e.isDestinationAway();
            throw away || taken.size() == recipients.size() ? e : e.ofEach(recipients, taken, refused);
        }
    }

    /** Our own smtp-server lets none of these in; a route may have set one, and CR LF would be a command of its own. */
    static void checkPaths(Envelope envelope, Failures failures) throws DeliveryException {
        if (hasControl(envelope.reversePath())
                || envelope.forwardPaths().stream().anyMatch(recipient -> hasControl(recipient.address()))) {
            throw failures.impossible(BAD_PATH);
        }
        if (envelope.forwardPaths().isEmpty()) {
            throw failures.impossible(NO_RECIPIENTS);
        }
    }

    private static boolean hasControl(String path) {
        for (int i = 0; i < path.length(); i++) {
            if (Character.isISOControl(path.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private void sayRecipients() throws DeliveryException {
        RcptLine rcpt = new RcptLine(conversation.server(), envelope.smtpUtf8());
        int most = inPart ? Math.min(recipients.size(), manners.recipients()) : recipients.size();
        int flight = conversation.isPipelining() ? FLIGHT : 1;
        for (int from = 0; from < most && !full; from += flight) {
            List<Recipient> together = recipients.subList(from, Math.min(most, from + flight));
            for (Recipient recipient : together) {
                conversation.ask(Step.RCPT, rcpt.of(recipient));
            }
            if (conversation.isPipelining() && from + together.size() == most) {
                conversation.ask(Step.DATA, "DATA");
            }
            if (from == 0) {
                hearMail();
            }
            for (Recipient recipient : together) {
                hear(recipient);
            }
        }
    }

    private void hearMail() throws DeliveryException {
        Reply reply = conversation.hear();
        if (!reply.isPositive()) {
            throw failures.refused(Step.MAIL, reply);
        }
    }

    private void hear(Recipient recipient) throws DeliveryException {
        try {
            Reply reply = conversation.hear();
            replies.add(reply);
            if (reply.isPositive()) {
                mailboxes.add(recipient.mailbox());
                lastTaken = replies.size() - 1;
                firstTaken = Math.min(firstTaken, lastTaken);
                accepted++;
            } else if (inPart && accepted > 0 && !mailboxes.contains(recipient.mailbox())) {
                full |= isNumberBlamed(reply) || isPerhapsNumberBlamed(reply);
                if (isNumberBlamed(reply)) {
                    manners.takesOnly(accepted);
                }
            }
            if (reply.code() == 421) {
                throw failures.refused(Step.RCPT, reply);
            }
        } catch (BeginAnewException e) {
            throw e;
        } catch (DeliveryException e) {
            throw full && manners.recipients() <= accepted && e.isDestinationAway()
                    ? new BeginAnewException(Why.TOO_MANY, Step.RCPT, e) : e;
        }
    }

    /** RFC 3463 X.5.3, whatever the code (RFC 5321 section 4.5.3.1.10 knows of two); or in words. */
    static boolean isNumberBlamed(Reply reply) {
        return reply.enhancedCode().filter(code -> code.endsWith(".5.3")).isPresent()
                || TOO_MANY.matcher(reply.toString()).find();
    }

    /** The code for it, which is also that for a full disk and a full mailbox. */
    private static boolean isPerhapsNumberBlamed(Reply reply) {
        return (reply.code() == 452 || reply.code() == 552) && reply.enhancedCode().isEmpty();
    }

    private boolean isLeftOut(int position) {
        Reply reply = replies.get(position);
        return full && firstTaken < position
                && (isNumberBlamed(reply) || isPerhapsNumberBlamed(reply) && lastTaken < position);
    }

    /** Those that were taken themselves, or of which a server that takes nobody twice took another mention. */
    private boolean isTaken(int position) {
        return mailboxes.contains(recipients.get(position).mailbox());
    }

    private Set<Integer> taken() {
        Set<Integer> taken = new TreeSet<>();
        for (int position = 0; position < recipients.size(); position++) {
            if (isTaken(position)) {
                taken.add(position);
            }
        }
        return taken;
    }

    private List<RefusedRecipient> refused() {
        return IntStream.range(0, replies.size())
                .filter(position -> !isTaken(position) && !isLeftOut(position))
                .mapToObj(position -> new RefusedRecipient(position, recipients.get(position).address(), replies.get(position)))
                .toList();
    }
}
