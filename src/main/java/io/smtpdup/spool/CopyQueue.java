package io.smtpdup.spool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import io.smtpdup.message.MailId;
import io.smtpdup.message.SmtpServerConstants;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.UnitOfWorkHelper;

/**
 * One queue of copies, as an operator looks into it and takes out of it. What is being delivered, and what waits for its
 * time, cannot be seen here. However long the queue is, only a few copies are in memory at a time.
 *
 * <p>A copy that goes from one queue into another does so in one transaction: it is never in none. When it lies deep in a
 * queue that goes on in files, the broker gives it to nobody; then the other queue has it first, and it is removed from
 * this one after that. A kill in between leaves it in both.
 */
public final class CopyQueue {

    /** Copies that are taken in one transaction. */
    private static final int BATCH = 50;

    /** How long the broker may take to find the next copy that is to be taken. */
    private static final long NEXT_MILLIS = 500;

    private final Spool spool;

    private final CamelContext context;

    private final String name;

    /** @param context where the content of large copies is kept while it is moved */
    public CopyQueue(Spool spool, CamelContext context, String name) {
        this.spool = spool;
        this.context = context;
        this.name = name;
    }

    /** What is done with a mail that is read from its queue; the mail, and its exchange, end with the call. */
    @FunctionalInterface
    public interface MailReader<T> {

        T read(org.apache.camel.Message mail) throws IOException;
    }

    /**
     * Shows the copies that are meant, in the order in which they will be given out.
     *
     * @param each takes one, and tells whether it wants another
     * @throws SpoolException when the queue cannot be read
     */
    public void browse(Selection selection, Predicate<QueuedCopy> each) {
        browse(selector(selection), message -> {
            QueuedCopy copy = QueuedCopy.of(message);
            return !selection.matches(copy) || each.test(copy);
        });
    }

    /**
     * Reads one copy and leaves it where it is.
     *
     * @param key of the copy
     * @return empty when it is not there
     */
    public <T> Optional<T> read(String key, MailReader<T> reader) {
        return readFirst(in(List.of(key)), reader);
    }

    /**
     * As {@link #read}, of the first copy of a mail as well.
     *
     * @param keyOrId of the copy, or its mail's id
     */
    public <T> Optional<T> readOne(String keyOrId, MailReader<T> reader) {
        return MailId.isId(keyOrId) ? readFirst(filter(List.of(keyOrId)), reader) : read(keyOrId, reader);
    }

    private <T> Optional<T> readFirst(String selector, MailReader<T> reader) {
        List<T> result = new ArrayList<>();
        browse(selector, message -> {
            result.add(withMail(message, reader));
            return false;
        });
        return result.stream().findFirst();
    }

    /**
     * Puts a copy of the mail into the queue; it is on disk on return.
     *
     * @param mail with the headers of an envelope
     */
    public void put(org.apache.camel.Message mail) {
        inTransaction(session -> {
            spool.requireRoom(mail.getHeader(SmtpServerConstants.SIZE, 0L, Long.class));
            send(session, name, mail);
            session.commit();
            return null;
        });
    }

    /**
     * Moves copies into another queue, or away.
     *
     * @param selection which
     * @param condition what else must be true of a copy
     * @param target the name of the other queue; null to delete them
     * @param change what shall be changed in a mail's headers on its way
     * @param done is told of each copy once it is safely where it belongs
     * @return how many
     * @throws SpoolException when the broker fails, or does not give out a copy that is there; those that are done are done
     */
    public int take(Selection selection, Predicate<QueuedCopy> condition, String target,
            Consumer<org.apache.camel.Message> change, Consumer<QueuedCopy> done) {
        int count = 0;
        Set<String> notGiven = new HashSet<>();
        while (true) {
            Map<String, QueuedCopy> batch = next(selection, condition);
            if (batch.isEmpty()) {
                return count;
            }
            Set<String> damaged = new HashSet<>();
            List<QueuedCopy> taken = takeBatch(batch, target, change, damaged);
            if (taken.isEmpty() && !notGiven.addAll(batch.keySet())) { // and they are still there
                throw new SpoolException(batch.size() + " or more copies in " + name + " are in use elsewhere");
            }
            taken.stream().filter(copy -> !damaged.contains(copy.key())).forEach(done);
            count += taken.size() - damaged.size();
        }
    }

    private Map<String, QueuedCopy> next(Selection selection, Predicate<QueuedCopy> condition) {
        Map<String, QueuedCopy> batch = new HashMap<>();
        browse(selection, copy -> {
            if (condition.test(copy)) {
                batch.put(copy.key(), copy);
            }
            return batch.size() < BATCH;
        });
        return batch;
    }

    private List<QueuedCopy> takeBatch(
            Map<String, QueuedCopy> batch, String target, Consumer<org.apache.camel.Message> change, Set<String> damaged) {
        Map<String, QueuedCopy> left = new HashMap<>(batch);
        List<QueuedCopy> taken = new ArrayList<>(inTransaction(session -> {
            List<QueuedCopy> received = new ArrayList<>();
            try (ClientConsumer consumer = session.consumer(name, in(batch.keySet()))) {
                while (!left.isEmpty()) {
                    ClientMessage message = consumer.receive(NEXT_MILLIS);
                    if (message == null) {
                        break;
                    }
                    received.add(left.remove(QueuedMail.key(message)));
                    send(session, target, message, change, damaged);
                    message.acknowledge();
                }
                session.commit();
            }
            return received;
        }));
        if (!left.isEmpty()) {
            taken.addAll(takeFromTheDeep(left, target, change, damaged));
        }
        return taken;
    }

    private Collection<QueuedCopy> takeFromTheDeep(
            Map<String, QueuedCopy> batch, String target, Consumer<org.apache.camel.Message> change, Set<String> damaged) {
        Map<String, QueuedCopy> there = new HashMap<>();
        inTransaction(session -> {
            browse(in(batch.keySet()), message -> {
                send(session, target, message, change, damaged);
                there.put(QueuedMail.key(message), batch.get(QueuedMail.key(message)));
                return true;
            });
            session.commit();
            return null;
        });
        if (!there.isEmpty()) {
            spool.management().remove(name, in(there.keySet()));
        }
        return there.values();
    }

    /** A copy that is not whole goes nowhere but to the damaged ones. */
    private void send(BrokerSession session, String target, ClientMessage message, Consumer<org.apache.camel.Message> change,
            Set<String> damaged) throws ActiveMQException, IOException {
        if (target != null) {
            withMail(message, mail -> {
                try {
                    if (mail.getHeader(CopyConstants.DAMAGE) == null) {
                        change.accept(mail);
                        send(session, target, mail);
                    } else {
                        damaged.add(QueuedMail.key(message));
                        setAside(session, mail);
                    }
                } catch (ActiveMQException e) {
                    throw new IOException(BrokerFailure.reason(e), e);
                }
                return null;
            });
        }
    }

    private void setAside(BrokerSession session, org.apache.camel.Message copy) throws ActiveMQException, IOException {
        String backup = QueueNames.backup(name);
        send(session, QueueNames.DAMAGED + backup, copy);
        spool.damaged(copy.getHeader(SmtpServerConstants.ID, "", String.class), backup,
                copy.getHeader(CopyConstants.DAMAGE, String.class));
    }

    private void send(BrokerSession session, String target, org.apache.camel.Message mail) throws ActiveMQException, IOException {
        try (SendBudget.Share share = spool.budget().take(mail)) {
            session.send(target, StoredMail.of(mail).message(session.session()));
        }
    }

    private <T> T withMail(ClientMessage message, MailReader<T> reader) throws ActiveMQException, IOException {
        Exchange exchange = new DefaultExchange(context);
        try {
            QueuedMail mail = QueuedMail.read(message, exchange);
            exchange.getMessage().setHeaders(new HashMap<>(mail.headers()));
            exchange.getMessage().setBody(mail.content());
            return reader.read(exchange.getMessage());
        } finally {
            UnitOfWorkHelper.doneSynchronizations(exchange, exchange.getExchangeExtension().handoverCompletions());
        }
    }

    private void browse(String selector, Visitor visitor) {
        try (BrokerSession session = spool.open(false); ClientConsumer browser = session.browser(name, selector)) {
            boolean more = true;
            for (ClientMessage message = next(browser); message != null && more; message = more ? next(browser) : null) {
                more = !QueuedMail.isIn(message) || visitor.visit(message);
            }
        } catch (SpoolException e) {
            throw e;
        } catch (Exception e) {
            throw new SpoolException("the queue " + name + " cannot be read: " + BrokerFailure.reason(e));
        }
    }

    /**
     * The next message; null when there is none. While the broker is still sending a large one it says that there is none, and
     * looks after that: so it is asked twice.
     */
    private static ClientMessage next(ClientConsumer browser) throws ActiveMQException {
        ClientMessage message = browser.receiveImmediate();
        return message == null ? browser.receiveImmediate() : message;
    }

    private <T> T inTransaction(Work<T> work) {
        try (BrokerSession session = spool.open(true)) {
            return work.run(session);
        } catch (SpoolException e) {
            throw e;
        } catch (Exception e) {
            throw new SpoolException("the queue " + name + " cannot be changed: " + BrokerFailure.reason(e));
        }
    }

    /** The broker's part of a selection, as a selector; null for none. */
    private static String selector(Selection selection) {
        return selection.ids().isEmpty() ? null : in(MailProperties.ID, selection.ids());
    }

    private static String in(Collection<String> keys) {
        return in("AMQUserID", keys);
    }

    private static String in(String property, Collection<String> values) {
        return values.stream().map(CopyQueue::quoted).collect(Collectors.joining(", ", property + " IN (", ")"));
    }

    /** The broker's filter for the copies of these mails. */
    public static String filter(Collection<String> ids) {
        return in(MailProperties.ID, ids);
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    @FunctionalInterface
    private interface Visitor {

        /** Returns whether it wants another. */
        boolean visit(ClientMessage message) throws ActiveMQException, IOException;
    }

    @FunctionalInterface
    private interface Work<T> {

        T run(BrokerSession session) throws ActiveMQException, IOException;
    }
}
