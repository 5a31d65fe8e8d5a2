package io.smtpdup.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.IntStream;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import io.smtpdup.ops.ServerAnswer;
import io.smtpdup.server.NextHop;

/**
 * A mail whose MAIL and RCPT the server answers while the client is still talking, and whose content a route sends later,
 * over the same connection. Where a connection has to be replaced, what the client has been told stays true: the recipients
 * that were accepted are said once more, and those that wait for their answer.
 */
final class CheckedMail implements NextHop.Conversation {

    private static final Reply GO_AHEAD = new Reply(354, List.of("Go ahead"));

    private final ConnectionPool pool;
    private final Failures failures;
    private final DestinationWatch watch;
    private final Envelope mail;
    private final ClientIdentity client;
    private final long size;
    private final Attempts attempts = new Attempts();
    private final List<Recipient> asked = new ArrayList<>();
    /** What the client has heard, in the order of its questions. */
    private final List<Reply> answers = new ArrayList<>();
    private final Map<Integer, Reply> ours = new HashMap<>();
    /** The positions of the recipients that this connection has been asked about and has not answered. */
    private final Queue<Integer> due = new ArrayDeque<>();
    private ConnectionPool.Lease lease;
    private Conversation conversation;
    private boolean mailDue;
    private boolean contentAsked;
    private boolean disagrees;
    private Reply senderRefusal;
    private Reply refusal;
    private final long begun = System.nanoTime();
    private Reply refused;
    private String cause;
    private boolean counted;
    private boolean over;

    /**
     * @param client whom the mail comes from
     * @param size what the client declared; -1 when nothing
     */
    CheckedMail(ConnectionPool pool, Failures failures, DestinationWatch watch, Envelope mail, ClientIdentity client, long size) {
        this.pool = pool;
        this.failures = failures;
        this.watch = watch;
        this.mail = mail;
        this.client = client;
        this.size = size;
    }

    /** Takes a connection and asks for MAIL. What goes wrong shows in {@link #mailReply}. */
    synchronized void begin() {
        try {
            lease = pool.lease(attempts);
            connect();
        } catch (DeliveryException e) {
            goOnAfter(e);
        } catch (RuntimeException e) {
            endConnection(); // nobody else knows of it yet
            throw e;
        }
    }

    @Override
    public synchronized Reply mailReply() {
        while (refusal == null) {
            try {
                Reply reply = conversation.hear();
                mailDue = false;
                watch.waited(System.nanoTime() - begun);
                if (reply.isPositive()) {
                    watch.answered();
                } else {
                    senderRefusal = reply;
                    note(failures.refused(Step.MAIL, reply));
                }
                return reply;
            } catch (DeliveryException e) {
                goOnAfter(e);
            }
        }
        return refusal;
    }

    @Override
    public synchronized void ask(Recipient recipient) {
        asked.add(recipient);
        if (refusal == null && senderRefusal == null) {
            try {
                say(asked.size() - 1);
            } catch (DeliveryException e) {
                goOnAfter(e);
            }
        }
    }

    @Override
    public synchronized Reply nextReply() {
        Reply reply = replyTo(answers.size());
        answers.add(reply);
        refused = reply.isPositive() ? refused : reply;
        return reply;
    }

    private Reply replyTo(int position) {
        while (refusal == null && !ours.containsKey(position)) {
            try {
                catchUp();
                if (due.isEmpty()) {
                    return senderRefusal; // it was asked behind it
                }
                Reply reply = conversation.hear();
                due.remove();
                if (conversation.server().isBroken()) {
                    fail(failures.refused(Step.RCPT, reply));
                }
                return reply;
            } catch (DeliveryException e) {
                goOnAfter(e);
            }
        }
        return ours.containsKey(position) ? ours.get(position) : refusal;
    }

    @Override
    public synchronized boolean askForContent() {
        if (refusal != null || senderRefusal != null || !conversation.isPipelining() && conversation.isReplyDue()) {
            return false;
        }
        contentAsked = true;
        try {
            conversation.ask(Step.DATA, "DATA");
            conversation.flush();
        } catch (DeliveryException e) {
            goOnAfter(e);
        }
        return true;
    }

    /** True when it has come along with the replies before it. */
    @Override
    public synchronized boolean hasContentReply() {
        return refusal == null && contentAsked && !mailDue && due.isEmpty() && conversation.server().wire().hasMore();
    }

    /** Where the connection fails, the answer is ours: the mail is said over another one when its content is here. */
    @Override
    public synchronized Reply contentReply() {
        while (refusal == null && contentAsked) {
            try {
                catchUp();
                Reply reply = conversation.hear();
                contentAsked = false;
                if (reply.isIntermediate() && accepted().isEmpty()) {
                    fail(failures.unclear(Step.DATA, reply.toString()).reply());
                } else if (!reply.isIntermediate() && !accepted().isEmpty()) {
                    note(failures.refused(Step.DATA, reply));
                }
                return reply;
            } catch (DeliveryException e) {
                goOnAfter(e);
            }
        }
        return GO_AHEAD;
    }

    /**
     * Sends the content to the recipients that the server has accepted.
     *
     * @param envelope as the route has it now
     * @return what the server said to the final dot; empty when this connection cannot be used for that envelope, and the server
     *         has taken nothing over it
     */
    synchronized Optional<Reply> deliver(Envelope envelope, MessageContent content) throws DeliveryException {
        boolean agreed = refusal == null && !mailDue && due.isEmpty() && !disagrees;
        if (over || !agreed || !envelope.equals(agreed())) {
            close();
            return Optional.empty();
        }
        over = true;
        try {
            new MailCommand(conversation.server(), failures).check(envelope, content);
            boolean waits = contentAsked || conversation.isContentDue();
            if (!waits && !conversation.server().isQuiet() || !conversation.isContentDue() && !mayGoAhead() || waits && !conversation.server().isQuiet()) {
                return Optional.empty();
            }
            return Optional.of(conversation.send(content, waits));
        } catch (BeginAnewException e) {
            lease.giveUp(e);
            return Optional.empty();
        } finally {
            lease.close();
        }
    }

    /** Hears the reply to DATA. False when the server has left, or leaves, after all the time that the client took for the content. */
    private boolean mayGoAhead() throws DeliveryException {
        Reply reply;
        try {
            if (!contentAsked) {
                conversation.ask(Step.DATA, "DATA");
            }
            reply = conversation.hear();
        } catch (DeliveryException e) {
            if (failures.isLost(e)) {
                return false;
            }
            throw e;
        }
        if (!reply.isIntermediate() && reply.code() != 421) {
            throw failures.refused(Step.DATA, reply);
        }
        return reply.isIntermediate();
    }

    /** How often it has begun anew. */
    Attempts attempts() {
        return attempts;
    }

    /** Whether it is at that conversation. */
    boolean isAt(Destination destination) {
        return pool.isTo(destination);
    }

    @Override
    public synchronized void close() {
        if (!over) {
            if (!counted && refused != null && accepted().isEmpty()) {
                counted = true;
                watch.refused(refused.isPermanentNegative());
            }
            over = true;
            endConnection();
        }
    }

    private Envelope agreed() {
        return new Envelope(mail.reversePath(), mail.body(), mail.smtpUtf8(), mail.ret(), mail.envid(), accepted());
    }

    private List<Recipient> accepted() {
        return IntStream.range(0, answers.size()).filter(position -> answers.get(position).isPositive())
                .mapToObj(asked::get).toList();
    }

    /** Says all that is of account over the next connection. */
    private void connect() throws DeliveryException {
        due.clear();
        ours.keySet().removeIf(position -> position >= answers.size());
        disagrees = false;
        conversation = lease.begin(client);
        conversation.introduce();
        conversation.mail(new MailCommand(conversation.server(), failures).opening(mail, size));
        mailDue = true;
        for (int position = 0; position < asked.size(); position++) {
            if (position >= answers.size() || answers.get(position).isPositive()) {
                say(position);
            }
        }
        if (contentAsked) {
            conversation.ask(Step.DATA, "DATA");
        }
    }

    private void say(int position) throws DeliveryException {
        RcptCommand rcpt = new RcptCommand(conversation.server(), mail.smtpUtf8());
        Optional<Reply> own = rcpt.refusal(asked.get(position));
        if (own.isEmpty()) {
            conversation.ask(Step.RCPT, rcpt.of(asked.get(position)));
            due.add(position);
        } else if (position < answers.size()) {
            disagrees = true;
        } else {
            ours.put(position, own.get());
        }
    }

    /** Hears what the client has heard before, from the connection that has taken the other's place. */
    private void catchUp() throws DeliveryException {
        if (mailDue) {
            Reply reply = conversation.hear();
            mailDue = false;
            if (!reply.isPositive()) {
                throw failures.refused(Step.MAIL, reply);
            }
        }
        while (!due.isEmpty() && due.element() < answers.size()) {
            Reply reply = conversation.hear();
            due.remove();
            disagrees |= !reply.isPositive(); // which the client hears when the mail is said as a whole
            if (conversation.server().isBroken()) {
                throw failures.refused(Step.RCPT, reply);
            }
        }
    }

    private void goOnAfter(DeliveryException failure) {
        if (!(failure instanceof BeginAnewException anew)) {
            fail(failure);
            return;
        }
        try {
            lease.giveUp(anew);
            connect();
        } catch (DeliveryException e) {
            goOnAfter(e);
        }
    }

    @Override
    public synchronized ServerAnswer answer() {
        return new ServerAnswer(watch.address(), watch.role(), cause);
    }

    private void fail(DeliveryException failure) {
        if (refusal == null) {
            note(failure);
        }
        fail(failure.reply());
    }

    private void note(DeliveryException failure) {
        counted = true;
        watch.failed(failure, -1);
        cause = failure.getMessage();
    }

    /** From now on every question has this answer. */
    private void fail(Reply reply) {
        refusal = reply;
        endConnection();
    }

    private void endConnection() {
        if (lease != null) {
            lease.close();
        }
    }
}
