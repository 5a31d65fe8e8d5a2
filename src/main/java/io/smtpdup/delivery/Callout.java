package io.smtpdup.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.smtpdup.delivery.BeginAnewException.Why;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Path;
import io.smtpdup.message.Recipient;
import io.smtpdup.message.RecipientAnswers;
import io.smtpdup.message.RecipientAnswers.Answer;
import io.smtpdup.message.RecipientAnswers.SaidTo;
import io.smtpdup.message.Reply;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a server about the recipients of an envelope and sends no mail: MAIL, RCPT for each, RSET, and DATA never. As many transactions
 * as the server wants, with few recipients each, and none any more once it has had enough (421, 4.7.x). Without a recipient: whether the
 * server is there and would begin a mail, MAIL and RSET. For one thread, once.
 */
final class Callout {

    /** In one transaction, and together: it can be stopped before much more is asked, and servers mind many that they do not know. */
    private static final int MOST = 10;

    private static final Logger LOG = LoggerFactory.getLogger(Callout.class);

    private final ConnectionPool pool;
    private final Failures failures;
    private final Envelope envelope;
    private final List<Recipient> recipients;
    private final List<Integer> open = new ArrayList<>();
    private final Map<Integer, Answer> answers = new TreeMap<>();
    private @Nullable String cutShort;

    /** @param envelope a whole one: what its MAIL and RCPT say besides addresses is said here as well */
    Callout(ConnectionPool pool, Envelope envelope) {
        this.pool = pool;
        this.failures = pool.failures();
        this.recipients = envelope.forwardPaths();
        this.envelope = new Envelope(envelope.reversePath(), envelope.body(), envelope.smtpUtf8() || envelope.isInternational(),
                envelope.ret(), envelope.envid(), List.of(), envelope.origin());
        for (int position = 0; position < recipients.size(); position++) {
            open.add(position);
        }
    }

    /** Does all of it. What the server does, or does not do, is in the answers. */
    RecipientAnswers run() {
        Manners manners = pool.manners();
        if (recipients.isEmpty()) {
            lookWhetherItIsThere(manners);
        }
        while (!open.isEmpty() && cutShort == null) {
            int before = open.size();
            try {
                Transaction.checkPaths(envelope.withForwardPaths(recipients), failures);
                inOneTransaction(Math.min(MOST, manners.recipients()), manners);
            } catch (DeliveryException e) {
                if (e.outcome() == Outcome.FAILED || e.saidTo() != null && e.saidTo() != Step.RCPT) {
                    refuseAll(e.reply());
                }
                cutShort = e.getMessage();
            }
            if (open.size() == before && cutShort == null) {
                cutShort = failures.destination() + " answers no recipient";
            }
        }
        open.forEach(position -> answer(position, SaidTo.NOT_ASKED, null));
        return new RecipientAnswers(pool.serverName(), List.copyOf(answers.values()), cutShort);
    }

    private void lookWhetherItIsThere(Manners manners) {
        try {
            inOneTransaction(0, manners);
        } catch (DeliveryException e) {
            cutShort = e.getMessage();
        }
    }

    private void inOneTransaction(int most, Manners manners) throws DeliveryException {
        try (ConnectionPool.Lease lease = pool.lease(new Attempts())) {
            boolean over = false;
            while (!over) {
                try {
                    new Questions(lease.begin(envelope.origin().client()), manners).ask(most);
                    over = true;
                } catch (BeginAnewException e) {
                    boolean enough = RecipientAnswers.isEnough(e.reply()) && (e.why() == Why.WORN || e.reply().code() != 421);
                    if (enough) {
                        throw failures.refused(e.step(), e.reply());
                    }
                    lease.giveUp(e);
                }
            }
        }
    }

    private void refuseAll(Reply reply) {
        open.forEach(position -> answer(position, SaidTo.MAIL, reply));
        open.clear();
    }

    private void answer(int position, SaidTo saidTo, @Nullable Reply reply) {
        answers.put(position, new Answer(recipients.get(position).address(), saidTo, reply));
    }

    /** Those of one transaction over one connection. */
    private final class Questions {

        private final Conversation conversation;
        private final Connection server;
        private final Manners manners;
        private int taken;
        private int refused;
        private boolean full;

        Questions(Conversation conversation, Manners manners) {
            this.conversation = conversation;
            this.server = conversation.server();
            this.manners = manners;
        }

        /** As many of those that are open, and all those of which it is clear without asking. */
        void ask(int most) throws DeliveryException {
            conversation.introduce();
            RcptLine rcpt = new RcptLine(server, envelope.smtpUtf8());
            List<Integer> fit = fit(rcpt);
            if (fit.isEmpty() && !recipients.isEmpty()) {
                return;
            }
            conversation.mail(new MailLine(server, failures).opening(envelope, -1));
            Reply reply = conversation.hear();
            if (!reply.isPositive()) {
                throw failures.refused(Step.MAIL, reply);
            }
            List<Integer> asked = fit.subList(0, Math.min(most, fit.size()));
            int flight = conversation.isPipelining() ? MOST : 1;
            for (int from = 0; from < asked.size() && !full && cutShort == null; from += flight) {
                askTogether(asked.subList(from, Math.min(asked.size(), from + flight)), rcpt);
            }
            takeBack();
        }

        /** What needs SMTPUTF8 cannot be said to a server without it, and that is its answer. */
        private List<Integer> fit(RcptLine rcpt) {
            List<Integer> fit = new ArrayList<>();
            for (int position : List.copyOf(open)) {
                Recipient recipient = recipients.get(position);
                Reply refusal = Path.isAscii(recipient.address()) ? null : rcpt.refusal(recipient).orElse(null);
                if (refusal == null) {
                    fit.add(position);
                } else {
                    close(position, SaidTo.RCPT, refusal);
                }
            }
            return fit;
        }

        private void askTogether(List<Integer> together, RcptLine rcpt) throws DeliveryException {
            int heard = 0;
            try {
                for (int position : together) {
                    conversation.ask(Step.RCPT, rcpt.of(recipients.get(position)));
                }
                for (; heard < together.size() && !server.isBroken(); heard++) {
                    hear(together.get(heard));
                }
            } catch (BeginAnewException e) {
                throw e;
            } catch (DeliveryException e) {
                if (e.saidTo() == null) {
                    together.subList(heard, together.size()).forEach(position -> close(position, SaidTo.NOTHING, null));
                }
                throw e;
            }
        }

        private void hear(int position) throws DeliveryException {
            Reply reply;
            try {
                reply = conversation.hear();
            } catch (BeginAnewException e) {
                if (e.why() != Why.WORN || e.saidTo() != Step.RCPT) {
                    throw e;
                }
                reply = e.reply(); // that is about the moment, as far as anybody knows, and is not asked twice
            }
            boolean tooMany = taken > 0 && !reply.isPositive() && Transaction.isNumberBlamed(reply);
            full |= tooMany;
            if (tooMany) {
                manners.takesOnly(taken);
                return;
            }
            taken += reply.isPositive() ? 1 : 0;
            refused += reply.isPositive() ? 0 : 1;
            close(position, SaidTo.RCPT, reply);
            if (RecipientAnswers.isEnough(reply)) {
                cutShort = failures.refused(Step.RCPT, reply).getMessage();
            }
        }

        private void close(int position, SaidTo saidTo, @Nullable Reply reply) {
            open.remove((Integer) position);
            answer(position, saidTo, reply);
        }

        /** The answers are there; a connection that does not do this well is no loss. */
        private void takeBack() {
            if (server.isBroken()) {
                return;
            }
            try {
                conversation.takeBack(refused);
            } catch (DeliveryException e) {
                LOG.debug("{} after a callout: {}", failures.destination(), e.getMessage());
                server.abandon();
            }
        }
    }
}
