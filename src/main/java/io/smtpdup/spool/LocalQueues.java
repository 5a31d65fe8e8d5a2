package io.smtpdup.spool;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.io.IOCallback;
import org.apache.activemq.artemis.core.message.impl.CoreMessage;
import org.apache.activemq.artemis.core.persistence.OperationContext;
import org.apache.activemq.artemis.core.persistence.StorageManager;
import org.apache.activemq.artemis.core.persistence.impl.journal.OperationContextImpl;
import org.apache.activemq.artemis.core.postoffice.RoutingStatus;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.LargeServerMessage;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.impl.RoutingContextImpl;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.apache.activemq.artemis.core.transaction.impl.TransactionImpl;

/**
 * The queues of the broker in this process without a connection in between: no packets, and no threads but those of the journal.
 * It uses what the broker's own sessions use, which is not made for others and may be different in the broker's next version;
 * this class and {@link LocalQueue} are all that would notice.
 */
final class LocalQueues implements Inlet {

    /** Octets of a message that are ready before it is known how many it gets. */
    private static final int BEGINNING = 64;

    private static final byte PRIORITY = 4;

    private final Supplier<ActiveMQServer> broker;

    private final LargeFileGuard guard;

    private final long patienceMillis;

    /**
     * @param broker null while it is not running
     * @param patienceMillis how long the end of a transaction may take
     */
    LocalQueues(Supplier<ActiveMQServer> broker, LargeFileGuard guard, long patienceMillis) {
        this.broker = broker;
        this.guard = guard;
        this.patienceMillis = patienceMillis;
    }

    /** For the takers of one consumer. */
    LocalQueue queue(String name, int tellEvery, Runnable tellWithin) {
        return new LocalQueue(this, guard, name, tellEvery, tellWithin);
    }

    @Override
    public void send(StoredMail mail, Sent sent) throws IOException {
        stored(() -> route(mail, sent.queue(), null)).executeOnCompletion(new IOCallback() {

            @Override
            public void done() {
                sent.end(null);
            }

            @Override
            public void onError(int code, String reason) {
                sent.end(new IOException(reason));
            }
        });
    }

    @Override
    public void sendLarge(StoredMail mail, Sent sent) throws IOException {
        send(mail, sent);
    }

    @Override
    public void open() {
        // there is nothing between
    }

    @Override
    public void reset() {
        // nor is there now
    }

    @Override
    public void close() {
        // nor was there
    }

    /** What the journal is to do; the callbacks of what is done run in its own thread, which flushes it. */
    @FunctionalInterface
    interface Storing {

        void run() throws Exception;
    }

    /** Hands something over to the journal. Returns what knows when it is on the disk. */
    OperationContext stored(Storing work) throws IOException {
        OperationContext context = new OperationContextImpl(Runnable::run);
        StorageManager storage = running().getStorageManager();
        storage.setContext(context);
        try {
            work.run();
            return context;
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(BrokerFailure.reason(e), e);
        } finally {
            storage.clearContext();
        }
    }

    /** As {@link #stored}, and waits until it is. */
    void store(Storing work) throws IOException {
        try {
            if (!stored(work).waitCompletion(patienceMillis)) {
                throw new IOException("the journal does not answer");
            }
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(BrokerFailure.reason(e), e);
        }
    }

    Transaction transaction() throws IOException {
        return new TransactionImpl(running().getStorageManager());
    }

    /** @param transaction null for none */
    void route(StoredMail mail, String queue, Transaction transaction) throws Exception {
        StorageManager storage = running().getStorageManager();
        CoreMessage message = new CoreMessage(storage.generateID(), BEGINNING);
        message.setType(Message.BYTES_TYPE);
        message.setDurable(true);
        message.setTimestamp(System.currentTimeMillis());
        message.setPriority(PRIORITY);
        mail.describe(message);
        if (mail.isLarge()) {
            routeLarge(mail, message, queue, transaction);
        } else {
            mail.writeBody(message);
            route((Message) message, queue, transaction);
        }
    }

    private void routeLarge(StoredMail mail, CoreMessage head, String queue, Transaction transaction) throws Exception {
        StorageManager storage = running().getStorageManager();
        LargeServerMessage large = storage.createCoreLargeMessage(head.getMessageID(), head);
        try {
            long size = 0;
            InputStream body = mail.body();
            for (byte[] piece = body.readNBytes(Spool.STREAMED_FROM); piece.length > 0; piece = body.readNBytes(Spool.STREAMED_FROM)) {
                large.addBytes(piece);
                size += piece.length;
            }
            large.toMessage().putLongProperty(Message.HDR_LARGE_BODY_SIZE, size);
            large.releaseResources(true, true);
            route(large.toMessage(), queue, transaction);
        } catch (Exception | Error e) {
            large.deleteFile();
            throw e;
        }
    }

    private void route(Message message, String queue, Transaction transaction) throws Exception {
        message.setAddress(SimpleString.of(queue));
        RoutingStatus status = running().getPostOffice().route(
                message, new RoutingContextImpl(transaction).setRoutingType(RoutingType.ANYCAST), true);
        if (status != RoutingStatus.OK) {
            throw new IOException("there is no queue " + queue);
        }
    }

    /** @param isMade whether it is made when it is not there */
    Queue locate(String name, boolean isMade) throws Exception {
        Queue there = running().locateQueue(SimpleString.of(name));
        if (there == null && isMade) {
            return running().createQueue(QueueKeeper.configuration(name), true);
        }
        if (there == null || !there.isDurable() || there.getRoutingType() != RoutingType.ANYCAST) {
            throw new ActiveMQException(name + (there == null ? " is not there" : " is there, but is no durable anycast queue"));
        }
        return there;
    }

    boolean isRunning() {
        ActiveMQServer server = broker.get();
        return server != null && server.isActive();
    }

    private ActiveMQServer running() throws IOException {
        ActiveMQServer server = broker.get();
        if (server == null || !server.isActive()) {
            throw new IOException("the broker is not running");
        }
        return server;
    }
}
