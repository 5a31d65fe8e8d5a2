package io.smtpdup.server;

import java.io.EOFException;
import java.io.IOException;
import java.time.Clock;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import io.smtpdup.message.BareNewline;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.HeaderScanner;
import io.smtpdup.message.NextHop;
import io.smtpdup.message.Origin;
import io.smtpdup.message.ReceivedField;
import io.smtpdup.message.Reply;
import io.smtpdup.message.ServerAnswer;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.message.TraceFields;
import io.smtpdup.ops.Emergency;
import io.smtpdup.ops.MailLog;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.UnitOfWorkHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one mail in: reads its content, judges what no next server should have to judge, sends it through the route, and
 * knows what to answer.
 */
final class MailReceiver {

    private static final Reply BARE_NEWLINE =
            Reply.of(550, "5.6.11", "Bare CR or LF in the message; lines must end with CR LF");

    private static final Reply LOOP = Reply.of(554, "5.4.6", "Too many hops, this looks like a mail loop");

    private static final Reply NO_ROOM = Reply.of(452, "4.3.1", "Insufficient system storage, try again later");

    private static final Reply ENDLESS = Reply.of(552, "5.3.4", "Message far beyond the size limit, closing connection");

    private static final Logger LOG = LoggerFactory.getLogger(MailReceiver.class);

    private final SmtpServerConsumer consumer;
    private final SmtpServerConfiguration configuration;
    private final Clock clock;

    MailReceiver(SmtpServerConsumer consumer, Clock clock) {
        this.consumer = consumer;
        this.configuration = consumer.getEndpoint().getConfiguration();
        this.clock = clock;
    }

    Clock clock() {
        return clock;
    }

    /**
     * Reads the content from the session, up to and including its end, and has the route work on it.
     *
     * @throws IOException when the client went away or took too long; nothing has been given to the route then
     */
    Answer receive(ClientSession session) throws IOException {
        String id = session.transaction().id();
        Envelope envelope = session.transaction().envelope();
        Exchange exchange = consumer.createExchange(false);
        boolean routed = false;
        try {
            Arrival arrival = read(session, exchange, id, envelope);
            if (arrival.refusal != null) {
                logRejected(id, session, envelope, arrival, arrival.refusal, null);
                tell(id, session, envelope, arrival);
                return new Answer(id, toAll(session, envelope, arrival.refusal), arrival.refusal == ENDLESS);
            }
            routed = true;
            Reply reply = route(exchange, id, session, envelope, arrival);
            tell(id, session, envelope, arrival);
            return new Answer(id, session.isLmtp() ? toEach(exchange, id, session, envelope, reply) : List.of(reply),
                    reply.code() == 421);
        } finally {
            if (!routed) {
                // The route ends what it was given; what it never saw we end ourselves, and its file with it.
                UnitOfWorkHelper.doneSynchronizations(exchange, exchange.getExchangeExtension().handoverCompletions());
            }
            consumer.releaseExchange(exchange, false);
        }
    }

    /**
     * What the client shall hear of the mail with that id.
     *
     * @param replies one, and with LMTP one for each recipient, in their order
     * @param last whether the connection ends with it, because it is a 421 or because the rest of the content is unread
     */
    record Answer(String id, List<Reply> replies, boolean last) {
    }

    /**
     * How the content came in.
     *
     * @param refusal what we answer without asking the route; null when the route shall have it
     * @param fields for those who want to hear of it; null when nobody does
     */
    private record Arrival(long size, String messageId, Reply refusal, TraceFields fields) {
    }

    private Arrival read(ClientSession session, Exchange exchange, String id, Envelope envelope) throws IOException {
        String protocol = ReceivedField.protocol(
                session.protocol(), envelope.smtpUtf8(), session.isSecure(), false);
        byte[] received = new ReceivedField(
                session.owner(), configuration.getDomain(), protocol, id, envelope.recipients(), clock.instant()).toBytes();
        long maxSize = configuration.getMaxSize();
        MessageStore store = new MessageStore(exchange, received, 2 + maxSize);
        TraceFields fields = fields(session);
        ContentReader reader = new ContentReader(
                session.input(), store, configuration.getBareNewline() == BareNewline.NORMALIZE, new HeaderScanner(fields));
        try {
            if (!reader.read(2 * maxSize + 1_000_000)) {
                return new Arrival(reader.size(), reader.header().messageId(), ENDLESS, fields);
            }
        } catch (IOException e) {
            if (configuration.isMailLog()) {
                MailLog.vanished(id, session.identity().address(), envelope, reader.size(), reason(e));
            }
            throw e;
        }
        long size = reader.size();
        Reply refusal = judge(reader, store, maxSize);
        if (refusal == null) {
            Origin origin = new Origin(session.identity(), protocol, reader.sawEightBit(), reader.header().sawEightBit());
            prepare(exchange, id, session, envelope.withOrigin(origin), store);
            exchange.getMessage().setHeader(SmtpServerConstants.SIZE, received.length + reader.added() + size);
        }
        return new Arrival(size, reader.header().messageId(), refusal, fields);
    }

    /** Null when nobody wants to hear of mail of this client. */
    private TraceFields fields(ClientSession session) {
        Arrivals arrivals = consumer.getEndpoint().getArrivals();
        try {
            return arrivals != null && arrivals.concerns(session.identity()) ? new TraceFields(configuration.getDomain()) : null;
        } catch (RuntimeException e) {
            LOG.warn("who was to hear of mails that arrive failed: {}", e.toString());
            return null;
        }
    }

    private void tell(String id, ClientSession session, Envelope envelope, Arrival arrival) {
        if (arrival.fields != null) {
            try {
                consumer.getEndpoint().getArrivals().arrived(id, session.identity(), envelope, arrival.fields);
            } catch (RuntimeException e) {
                LOG.warn("{}: who was to hear of this mail failed: {}", id, e.toString());
            }
        }
    }

    private Reply judge(ContentReader reader, MessageStore store, long maxSize) {
        if (reader.size() > maxSize) {
            return MailCommand.TOO_LARGE;
        }
        if (reader.sawBareNewline() && configuration.getBareNewline() == BareNewline.REJECT) {
            return BARE_NEWLINE;
        }
        if (reader.header().receivedFields() > configuration.getHopLimit()) {
            return LOOP;
        }
        if (store.failure() != null) {
            LOG.error("cannot store a message on disk: {}", store.failure().toString());
            return NO_ROOM;
        }
        // Once more, now that the size is known: the route has not seen the mail yet.
        return configuration.getAdmission() == null
                ? null : configuration.getAdmission().refusal(reader.size()).orElse(null);
    }

    private static void prepare(
            Exchange exchange, String id, ClientSession session, Envelope envelope, MessageStore store)
            throws IOException {
        Message message = exchange.getMessage();
        EnvelopeHeaders.write(envelope, message);
        message.setHeader(SmtpServerConstants.ID, id);
        message.setBody(store.content());
        if (session.transaction().conversation() != null) {
            exchange.setProperty(NextHop.CONVERSATION, session.transaction().conversation());
        }
    }

    private Reply route(Exchange exchange, String id, ClientSession session, Envelope envelope, Arrival arrival) {
        AtomicBoolean told = new AtomicBoolean(!configuration.isMailLog());
        Consumer<Reply> acceptance = reply -> {
            if (told.compareAndSet(false, true)) {
                MailLog.accepted(id, session.identity(), envelope, arrival.size, arrival.messageId, reply);
            }
        };
        exchange.setProperty(NextHop.ACCEPTANCE, acceptance);
        try {
            consumer.getProcessor().process(exchange);
        } catch (Exception | Error e) {
            exchange.setException(e);
            end(exchange);
        }
        Emergency.consider(exchange.getException());
        Reply reply = RouteVerdict.of(exchange, id);
        if (!reply.isPositive()) {
            logRejected(id, session, envelope, arrival, reply, exchange.getException());
        } else {
            acceptance.accept(reply);
        }
        return reply;
    }

    private static List<Reply> toAll(ClientSession session, Envelope envelope, Reply reply) {
        return Collections.nCopies(session.isLmtp() ? envelope.forwardPaths().size() : 1, reply);
    }

    private List<Reply> toEach(Exchange exchange, String id, ClientSession session, Envelope envelope, Reply reply) {
        List<Reply> replies = RouteVerdict.ofEach(exchange, id, reply, envelope.recipients());
        for (int i = 0; configuration.isMailLog() && i < replies.size(); i++) {
            if (!replies.get(i).equals(reply)) {
                MailLog.recipientRejected(id, session.identity().address(), ServerAnswer.OURS, envelope.reversePath(),
                        envelope.recipients().get(i), replies.get(i));
            }
        }
        return replies;
    }

    private void logRejected(
            String id, ClientSession session, Envelope envelope, Arrival arrival, Reply reply, Exception cause) {
        if (configuration.isMailLog()) {
            MailLog.rejected(id, session.identity().address(), envelope, arrival.size, arrival.messageId, reply, cause);
        }
    }

    /** Ends what Camel leaves open when an Error flies past it: the message's file, and a stop that waits for the mail. */
    private void end(Exchange exchange) {
        exchange.getContext().getInflightRepository().remove(exchange, consumer.getRouteId());
        UnitOfWorkHelper.doneUow(exchange.getUnitOfWork(), exchange);
    }

    private static String reason(IOException e) {
        return e instanceof EOFException ? "the client went away" : e.toString();
    }
}
