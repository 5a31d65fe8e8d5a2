package io.smtpdup.spool;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.Executor;
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
 * this class, {@link LocalQueue} and {@link LocalOutlet} are all that would notice.
 */
final class LocalQueues implements Inlet {

    /** Octets of a message that are ready before it is known how many it gets. */
    private static final int BEGINNING = 64;

    private static final byte PRIORITY = 4;

    private final Supplier<ActiveMQServer> broker;

    private final Supplier<String> failure;

    private final LargeFileGuard guard;

    private final long patienceMillis;

    /**
     * @param broker null while it is not running
     * @param failure what has gone wrong with the broker's disk, null for nothing: it calls what it could not write done
     * @param patienceMillis how long the end of a transaction may take
     */
    LocalQueues(Supplier<ActiveMQServer> broker, Supplier<String> failure, LargeFileGuard guard, long patienceMillis) {
        this.broker = broker;
        this.failure = failure;
        this.guard = guard;
        this.patienceMillis = patienceMillis;
    }

    /** For the takers of one consumer. */
    LocalQueue queue(String name, int tellEvery, Runnable tellWithin) {
        return new LocalQueue(this, guard, name, tellEvery, tellWithin);
    }

    @Override
    public void send(StoredMail mail, Sent sent) throws IOException {
        stored(Runnable::run, () -> route(mail, sent.queue(), null)).executeOnCompletion(new IOCallback() {

            @Override
            public void done() {
                String lost = failure.get();
                sent.end(lost == null ? null : new IOException(lost));
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

    /** What the journal is to do. */
    @FunctionalInterface
    interface Storing {

        void run() throws Exception;
    }

    /**
     * Hands something over to the journal. Returns what knows when it is on the disk. What the broker does then with what has left
     * its queues takes the storage's lock, so that the thread that flushes the journal, and ends with it, must not do it.
     */
    OperationContext stored(Storing work) throws IOException {
        return stored(executor(), work);
    }

    /** @param executor what to do when it is on the disk; {@code Runnable::run} for the thread that has put it there */
    private OperationContext stored(Executor executor, Storing work) throws IOException {
        OperationContext context = new OperationContextImpl(executor);
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

    Executor executor() throws IOException {
        return running().getExecutorFactory().getExecutor();
    }

    /** As {@link #stored}, and waits until it is. */
    void store(Storing work) throws IOException {
        await(stored(work));
    }

    void await(OperationContext stored) throws IOException {
        try {
            if (!stored.waitCompletion(patienceMillis)) {
                throw new IOException("the journal does not answer");
            }
            if (failure.get() != null) {
                throw new IOException(failure.get());
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
            byte[] piece = new byte[Spool.STREAMED_FROM]; // written by the time addBytes returns
            for (int read = body.readNBytes(piece, 0, piece.length); read > 0; read = body.readNBytes(piece, 0, piece.length)) {
                large.addBytes(read == piece.length ? piece : Arrays.copyOf(piece, read));
                size += read;
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
            store(() -> running().createQueue(QueueKeeper.configuration(name), true)); // or a copy might be on disk before its queue
            there = running().locateQueue(SimpleString.of(name));
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
