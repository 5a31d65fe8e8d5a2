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
 * over the same connection. A pooled connection that turns out to be dead is replaced before the client notices.
 */
final class CheckedMail implements NextHop.Conversation {

    private static final Reply GO_AHEAD = new Reply(354, List.of("Go ahead"));

    private final ConnectionPool pool;
    private final Failures failures;
    private final DestinationWatch watch;
    private final Envelope mail;
    private final ClientIdentity client;
    private final long size;
    private final List<Recipient> asked = new ArrayList<>();
    private final List<Recipient> accepted = new ArrayList<>();
    private final Queue<Reply> early = new ArrayDeque<>();
    private final Map<Integer, Reply> ours = new HashMap<>();
    private ConnectionPool.Lease lease;
    private Transaction transaction;
    private int connections;
    private int posted;
    private int answered;
    private boolean contentAsked;
    private boolean contentPosted;
    private boolean mailAnswered;
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

    /** Takes a connection and posts MAIL. What goes wrong shows in {@link #mailReply}. */
    synchronized void begin() {
        while (refusal == null && lease == null) {
            try {
                lease = pool.lease(connections++);
                transaction = server().begin(mail, client);
                transaction.start();
                String command = new MailCommand(server(), failures).opening(mail, size);
                transaction.begin();
                server().post(Step.MAIL, command);
                posted = 0;
                contentPosted = false;
                postWhatMayFollow();
            } catch (StaleConnectionException e) {
                giveUpConnection(e);
            } catch (DeliveryException e) {
                fail(e);
            } catch (RuntimeException e) {
                endConnection(); // nobody else knows of it yet
                throw e;
            }
        }
    }

    @Override
    public synchronized Reply mailReply() {
        while (refusal == null) {
            try {
                Reply reply = transaction.mailReply(this::hearTheRest);
                mailAnswered = true;
                watch.answered();
                watch.waited(System.nanoTime() - begun);
                return reply;
            } catch (StaleConnectionException e) {
                giveUpConnection(e);
                begin();
            } catch (DeliveryException e) {
                mailAnswered = true;
                fail(e);
            }
        }
        return refusal;
    }

    @Override
    public synchronized void ask(Recipient recipient) {
        asked.add(recipient);
        try {
            postWhatMayFollow();
        } catch (DeliveryException e) {
            fail(e);
        }
    }

    @Override
    public synchronized Reply nextReply() {
        Recipient recipient = asked.get(answered++);
        Reply heard = early.poll();
        if (heard != null || refusal != null) {
            return heard != null ? heard : refusal;
        }
        try {
            if (posted < answered) {
                post(recipient);
            }
            if (ours.containsKey(answered - 1)) {
                return ours.get(answered - 1);
            }
            Reply reply = server().collect(Step.RCPT);
            if (reply.isIntermediate()) {
                throw Transaction.refusalOf(reply, Step.RCPT, failures, server());
            }
            if (!reply.isPositive()) {
                refused = reply;
            }
            if (reply.isPositive()) {
                accepted.add(recipient);
            } else if (server().isBroken()) {
                fail(reply);
            }
            return reply;
        } catch (DeliveryException e) {
            fail(e);
            return refusal;
        }
    }

    @Override
    public synchronized boolean askForContent() {
        if (refusal != null || !server().isPipelining()) {
            return false;
        }
        contentAsked = true;
        try {
            postWhatMayFollow();
        } catch (DeliveryException e) {
            fail(e);
        }
        return true;
    }

    @Override
    public synchronized Reply contentReply() {
        if (refusal != null || !contentPosted) {
            return GO_AHEAD; // asked again over another connection, when the content is here
        }
        contentPosted = false;
        try {
            Reply reply = server().collectGoAhead();
            boolean wanted = server().isContentDue() && !accepted.isEmpty();
            if (server().isBroken() || !wanted && reply.code() < 400) {
                server().abandon();
                fail(failures.unclear(Step.DATA, reply.toString()).reply());
                return GO_AHEAD;
            }
            return reply;
        } catch (DeliveryException e) {
            fail(e);
            return GO_AHEAD;
        }
    }

    /**
     * Sends the content to the recipients that the server has accepted.
     *
     * @param envelope as the route has it now
     * @return what the server said to the final dot; empty when this connection cannot be used for that envelope, and nothing
     *         was sent over it
     */
    synchronized Optional<Reply> deliver(Envelope envelope, MessageContent content) throws DeliveryException {
        if (over || lease == null || !envelope.equals(agreed())) {
            close();
            return Optional.empty();
        }
        over = true;
        try {
            return Optional.of(server().carry(transaction, () -> transaction.finish(content)));
        } catch (StaleConnectionException e) {
            return Optional.empty();
        } finally {
            lease.close();
        }
    }

    /** Whether it is at that server. */
    boolean isAt(Destination destination) {
        return pool.isTo(destination);
    }

    @Override
    public synchronized void close() {
        if (!over) {
            if (!counted && refused != null && accepted.isEmpty()) {
                counted = true;
                watch.refused(refused.isPermanentNegative());
            }
            over = true;
            endConnection();
        }
    }

    private Envelope agreed() {
        return new Envelope(mail.reversePath(), mail.body(), mail.smtpUtf8(), mail.ret(), mail.envid(), accepted);
    }

    private RelayTransport server() {
        return lease.connection();
    }

    /** Without PIPELINING each question waits until the one before it is answered. */
    private void postWhatMayFollow() throws DeliveryException {
        while (refusal == null && lease != null && posted < asked.size() && server().isPipelining()) {
            post(asked.get(posted));
        }
        boolean mayAsk = contentAsked && !contentPosted && posted == asked.size();
        if (mayAsk && refusal == null && lease != null && server().isPipelining()) {
            server().postData();
            contentPosted = true;
        }
    }

    private void post(Recipient recipient) throws DeliveryException {
        RcptCommand rcpt = new RcptCommand(server(), mail.smtpUtf8());
        Optional<Reply> own = rcpt.refusal(recipient);
        if (own.isPresent()) {
            ours.put(posted, own.get());
        } else {
            server().post(Step.RCPT, rcpt.of(recipient));
        }
        posted++;
    }

    /** The replies behind a MAIL that was refused: the client has asked, and hears them. */
    private void hearTheRest() throws DeliveryException {
        for (int i = answered + early.size(); i < posted; i++) {
            early.add(ours.containsKey(i) ? ours.get(i) : server().collect(Step.RCPT));
        }
        if (contentPosted) {
            contentPosted = false;
            server().collectGoAhead();
        }
    }

    private void giveUpConnection(StaleConnectionException why) {
        pool.forget(why);
        lease.close();
        lease = null;
        early.clear();
        ours.clear();
    }

    @Override
    public synchronized ServerAnswer answer() {
        return new ServerAnswer(watch.address(), watch.role(), cause);
    }

    private void fail(DeliveryException failure) {
        if (refusal == null) {
            counted = true;
            watch.failed(failure, -1);
            cause = failure.getMessage();
        }
        fail(failure.reply());
    }

    /** From now on every question has this answer. */
    private void fail(Reply reply) {
        refusal = reply;
        endConnection();
    }

    private void endConnection() {
        if (lease == null) {
            return;
        }
        if (!mailAnswered || contentPosted || isReplyDue()) {
            server().abandon(); // the reply would be taken for the next mail's
        }
        server().end(transaction);
        lease.close();
        lease = null;
    }

    private boolean isReplyDue() {
        return IntStream.range(answered + early.size(), posted).anyMatch(i -> !ours.containsKey(i));
    }
}
