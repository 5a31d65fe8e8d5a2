package io.smtpdup.delivery;

import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;

/**
 * Gives one mail to those of its recipients whom the server takes, in as many transactions as it wants, and knows of each
 * recipient what became of it.
 */
final class PartialDelivery {

    /** When so many have the mail, it is time to write down who: a kill would give it to all of them once more. */
    private static final int ENOUGH = 100;

    private final ConnectionPool pool;
    private final Envelope envelope;
    private final ClientIdentity client;
    private final MessageContent content;
    private final Attempts all;
    private final List<Recipient> recipients;
    private final Set<Integer> open = new TreeSet<>();
    private final Set<Integer> delivered = new TreeSet<>();
    private final TreeMap<Integer, RefusedRecipient> refused = new TreeMap<>();

    /** @param all learns what its transactions took together */
    PartialDelivery(ConnectionPool pool, Envelope envelope, ClientIdentity client, MessageContent content, Attempts all) {
        this.pool = pool;
        this.envelope = envelope;
        this.client = client;
        this.content = content;
        this.all = all;
        this.recipients = envelope.forwardPaths();
        for (int position = 0; position < recipients.size(); position++) {
            open.add(position);
        }
    }

    /**
     * Does what can be done now.
     *
     * @return what the server said to the last final dot, when all recipients have the mail
     * @throws DeliveryException otherwise; it knows who has it, and who was refused
     */
    Reply run() throws DeliveryException {
        Reply reply = null;
        DeliveryException failure = null;
        boolean goOn = true;
        while (goOn) {
            List<Integer> positions = List.copyOf(open);
            Attempts attempts = new Attempts();
            try {
                Transaction.Taken taken = pool.deliver(to(positions), client, content, true, attempts);
                reply = taken.reply();
                all.taken(reply);
                if (taken.taken().size() == recipients.size()) {
                    return reply;
                }
                deliver(taken.taken().stream().map(positions::get).toList());
                refuse(positions, taken.refused());
            } catch (DeliveryException e) {
                if (delivered.isEmpty() && refused.isEmpty() && isAboutAll(e, positions)) {
                    throw e;
                }
                failure = e;
                goOn = !isAway(e) && e.outcome() != Outcome.UNKNOWN;
                if (!e.refusedRecipients().isEmpty()) {
                    refuse(positions, e.refusedRecipients());
                } else if (!isAway(e)) {
                    positions.forEach(position -> refuse(position, e.reply(), e.outcome(), e.saidTo()));
                }
            } finally {
                all.add(attempts);
            }
            goOn &= !open.isEmpty() && delivered.size() < ENOUGH;
        }
        if (delivered.size() == recipients.size()) {
            return reply;
        }
        throw pool.failures().inPart(recipients.size(), delivered, List.copyOf(refused.values()), failure);
    }

    private static boolean isAboutAll(DeliveryException failure, List<Integer> positions) {
        return failure.refusedRecipients().isEmpty() || failure.refusedRecipients().size() == positions.size();
    }

    private static boolean isAway(DeliveryException failure) {
        return failure.outcome() == Outcome.DEFERRED && failure.isDestinationAway();
    }

    private Envelope to(List<Integer> positions) {
        return positions.size() == recipients.size() ? envelope
                : envelope.withForwardPaths(positions.stream().map(recipients::get).toList());
    }

    /** All mentions of a mailbox have the mail when one has it. */
    private void deliver(List<Integer> positions) {
        Set<String> mailboxes = positions.stream().map(this::mailbox).collect(Collectors.toSet());
        List<Integer> mentions = open.stream().filter(position -> mailboxes.contains(mailbox(position))).toList();
        mentions.forEach(open::remove);
        delivered.addAll(mentions);
    }

    private String mailbox(int position) {
        return recipients.get(position).mailbox();
    }

    private void refuse(List<Integer> positions, List<RefusedRecipient> some) {
        some.forEach(one -> refuse(positions.get(one.position()), one.reply(), one.outcome(), one.saidTo()));
    }

    private void refuse(int position, Reply reply, Outcome outcome, Step saidTo) {
        if (open.remove(position)) {
            refused.put(position, new RefusedRecipient(position, recipients.get(position).address(), reply, outcome, saidTo));
        }
    }
}
