package io.smtpdup.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.NextHop;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.Reply;
import io.smtpdup.message.ServerAnswer;

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
    private final long begun = System.nanoTime();
    private final List<Question> questions = new ArrayList<>();
    /** The client has heard the answers to so many of them, and this connection has given its own to so many of those. */
    private int told;
    private int heard;
    private ConnectionPool.Lease lease;
    private Conversation conversation;
    /** Whether this connection has refused what the client has heard to be accepted. */
    private boolean disagrees;
    /** The answer to every question from now on; null while the server answers. */
    private Reply refusal;
    private String cause;
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
        questions.add(new Question(Step.MAIL, null));
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
        Reply reply = tell();
        if (refusal == null) {
            watch.waited(System.nanoTime() - begun);
            if (reply.isPositive()) {
                watch.answered();
            } else {
                note(failures.refused(Step.MAIL, reply));
            }
        }
        return reply;
    }

    @Override
    public synchronized void ask(Recipient recipient) {
        ask(new Question(Step.RCPT, recipient));
    }

    @Override
    public synchronized Reply nextReply() {
        return tell();
    }

    @Override
    public synchronized boolean askForContent() {
        if (!isAnswering() || !conversation.isPipelining() && conversation.isReplyDue()) {
            return false;
        }
        ask(new Question(Step.DATA, null));
        return true;
    }

    /** True when it has come along with the replies before it. */
    @Override
    public synchronized boolean hasContentReply() {
        return isSettled() && conversation.isReplyDue() && conversation.server().wire().hasMore();
    }

    /** Where the connection fails, the answer is ours: the mail is said over another one when its content is here. */
    @Override
    public synchronized Reply contentReply() {
        Reply reply = refusal == null ? tell() : refusal;
        if (refusal != null) {
            return GO_AHEAD;
        }
        if (reply.isIntermediate() && accepted().isEmpty()) {
            refusal = failures.unclear(Step.DATA, reply.toString()).reply();
            endConnection();
        } else if (!reply.isIntermediate() && !accepted().isEmpty()) {
            note(failures.refused(Step.DATA, reply));
        }
        return reply;
    }

    /**
     * Sends the content to the recipients that the server has accepted.
     *
     * @param envelope as the route has it now
     * @return what the server said to the final dot; empty when this connection cannot be used for that envelope, and the server
     *         has taken nothing over it
     */
    synchronized Optional<Reply> deliver(Envelope envelope, MessageContent content) throws DeliveryException {
        if (over || !isSettled() || disagrees || !envelope.equals(agreed().withOrigin(envelope.origin()))) {
            close();
            return Optional.empty();
        }
        over = true;
        try {
            Connection server = conversation.server();
            new MailLine(server, failures).check(envelope, content);
            boolean asked = conversation.isReplyDue();
            boolean waits = asked || conversation.isContentDue();
            if (!asked && !server.isQuiet(false) || !goesAhead() || asked && !server.isQuiet(true)) {
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

    /** False when the server has left, or leaves, after all the time that the client took for the content. */
    private boolean goesAhead() throws DeliveryException {
        try {
            conversation.awaitGoAhead();
            return true;
        } catch (DeliveryException e) {
            if (failures.isLost(e) || e.reply().code() == 421) {
                return false;
            }
            throw e;
        }
    }

    Attempts attempts() {
        return attempts;
    }

    boolean isAt(MailServer destination) {
        return pool.isTo(destination);
    }

    @Override
    public synchronized ServerAnswer answer() {
        boolean ours = told > 0 && questions.get(told - 1).ours != null;
        return new ServerAnswer(watch.address(), watch.role(), ours ? Question.NOT_OFFERED : cause, pool.serverName());
    }

    @Override
    public synchronized void close() {
        if (!over) {
            if (cause == null && accepted().isEmpty()) {
                questions.stream().filter(one -> one.step == Step.RCPT && one.told != null).reduce((one, next) -> next)
                        .ifPresent(last -> watch.refused(last.told.isPermanentNegative()));
            }
            over = true;
            endConnection();
        }
    }

    private Envelope agreed() {
        return mail.withForwardPaths(accepted());
    }

    private List<Recipient> accepted() {
        List<Recipient> accepted = new ArrayList<>(questions.size());
        for (Question question : questions) {
            if (question.isAcceptedRecipient()) {
                accepted.add(question.recipient);
            }
        }
        return accepted;
    }

    /** Whether the server has taken the sender, or has still to say so. */
    private boolean isAnswering() {
        Reply sender = questions.get(0).told;
        return refusal == null && (sender == null || sender.isPositive());
    }

    /** Whether the server has answered all but DATA. */
    private boolean isSettled() {
        boolean settled = refusal == null;
        for (Question question : questions) {
            settled &= !question.due || question.step == Step.DATA;
        }
        return settled;
    }

    private void ask(Question question) {
        questions.add(question);
        if (isAnswering()) {
            try {
                say(question);
            } catch (DeliveryException e) {
                goOnAfter(e);
            }
        }
    }

    /** Says all that is of account over the next connection. */
    private void connect() throws DeliveryException {
        disagrees = false;
        heard = 0;
        questions.forEach(one -> one.due = false);
        conversation = lease.begin(client);
        conversation.introduce();
        for (Question question : questions) {
            if (question.told == null || question.told.isPositive()) {
                say(question);
            }
        }
    }

    private void say(Question question) throws DeliveryException {
        Connection server = conversation.server();
        switch (question.step) {
            case MAIL -> conversation.mail(new MailLine(server, failures).opening(mail, size));
            case DATA -> {
                conversation.ask(Step.DATA, "DATA");
                conversation.flush();
            }
            default -> {
                RcptLine rcpt = new RcptLine(server, mail.smtpUtf8());
                question.ours = rcpt.refusal(question.recipient).orElse(null);
                if (question.ours != null) {
                    disagrees |= question.told != null;
                    return;
                }
                conversation.ask(Step.RCPT, rcpt.of(question.recipient));
            }
        }
        question.due = true;
    }

    /** Answers the first question that the client has heard no answer to. */
    private Reply tell() {
        Question question = questions.get(told);
        question.told = replyTo(question);
        told++;
        return question.told;
    }

    private Reply replyTo(Question question) {
        while (refusal == null && question.ours == null) {
            try {
                catchUp();
                if (!question.due) {
                    return questions.get(0).told; // it was asked behind a sender that was refused
                }
                Reply reply = hear(question);
                if (question.step == Step.RCPT && conversation.server().isBroken()) {
                    fail(failures.refused(Step.RCPT, reply));
                }
                return reply;
            } catch (DeliveryException e) {
                goOnAfter(e);
            }
        }
        return question.ours != null ? question.ours : refusal;
    }

    /** Hears what the client has heard before, from the connection that has taken the other's place. */
    private void catchUp() throws DeliveryException {
        for (; heard < told; heard++) {
            Question question = questions.get(heard);
            if (question.due) {
                Reply reply = hear(question);
                disagrees |= !reply.isPositive(); // which the client hears when the mail is said as a whole
                if (question.step == Step.MAIL && !reply.isPositive() || conversation.server().isBroken()) {
                    throw failures.refused(question.step, reply);
                }
            }
        }
    }

    private Reply hear(Question question) throws DeliveryException {
        Reply reply = conversation.hear();
        question.due = false;
        return reply;
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

    private void fail(DeliveryException failure) {
        if (refusal == null) {
            note(failure);
        }
        refusal = failure.reply();
        endConnection();
    }

    private void note(DeliveryException failure) {
        watch.failed(failure, -1);
        cause = failure.getMessage();
    }

    private void endConnection() {
        if (lease != null) {
            lease.close();
        }
    }
}
