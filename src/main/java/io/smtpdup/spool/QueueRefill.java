package io.smtpdup.spool;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import io.smtpdup.message.CheckedContent;
import org.apache.activemq.artemis.api.core.ActiveMQConnectionTimedOutException;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.SendAcknowledgementHandler;

/**
 * Brings the copies that one queue has not taken out of the {@link Overflow} into it, the oldest first. Several are on their way
 * at a time, so that the broker's disk is not waited for once for each of thousands; the broker answers for each of them. Used
 * once, by one thread.
 */
final class QueueRefill {

    /** Copies on their way; a kill makes two of each of them. */
    private static final int BATCH_COPIES = 50;

    private static final long BATCH_OCTETS = 1 << 20;

    private static final long LOOK_MILLIS = 500;

    private final Overflow overflow;

    private final BrokerSession session;

    private final BrokerAccess waiting;

    private final Duration patience;

    private final DamageWatcher watcher;

    private final Set<Path> arrived;

    private int done;

    /**
     * @param session of {@link BrokerAccess#withoutWaiting}
     * @param waiting for large copies, of which the broker takes as much at a time as it can write
     * @param patience for the broker's answers
     * @param arrived copies that are in their queues, and not out of the overflow yet, because its disk does not let go of them
     */
    QueueRefill(Overflow overflow, BrokerSession session, BrokerAccess waiting, Duration patience, DamageWatcher watcher,
            Set<Path> arrived) {
        this.arrived = arrived;
        this.overflow = overflow;
        this.session = session;
        this.waiting = waiting;
        this.patience = patience;
        this.watcher = watcher;
    }

    /** How many copies are in the queue, or set aside in another. */
    int done() {
        return done;
    }

    /**
     * Brings in what the queue takes. Copies that it refuses stay; when it refuses all that were on their way together it is not
     * asked for the others.
     *
     * @param goOn whether there is any sense in another one
     * @return why the queue has not taken a copy; null when it has taken all
     * @throws Exception when the broker is away, or nothing can be read now
     */
    String refill(Collection<Path> copies, BooleanSupplier goOn) throws Exception {
        Deque<Path> left = new ArrayDeque<>(copies);
        String refusal = null;
        while (!left.isEmpty() && goOn.getAsBoolean()) {
            List<Sending> batch = new ArrayList<>();
            Exception trouble = null;
            long octets = 0;
            while (!left.isEmpty() && batch.size() < BATCH_COPIES && octets < BATCH_OCTETS && trouble == null) {
                try {
                    octets += take(left.poll(), batch);
                } catch (IOException | RuntimeException e) {
                    trouble = e;
                }
            }
            int before = done;
            long end = System.nanoTime() + patience.toNanos();
            for (Sending sending : batch) { // whatever has become of the others: one that has arrived must not be sent again
                try {
                    String why = sending.end(end);
                    refusal = why == null ? refusal : why;
                } catch (InterruptedException e) {
                    throw e;
                } catch (Exception e) {
                    trouble = e;
                }
            }
            if (trouble != null) {
                throw trouble;
            }
            if (!batch.isEmpty() && done == before) {
                return refusal;
            }
        }
        return refusal;
    }

    /** @return octets that are on their way now */
    private long take(Path copy, List<Sending> batch) throws IOException {
        if (arrived.contains(copy)) {
            remove(copy);
            return 0;
        }
        Overflow.Kept kept;
        CheckedContent found;
        try {
            kept = overflow.read(copy);
            found = CheckedContent.of(kept.mail().content());
        } catch (IOException | RuntimeException e) {
            if ((e instanceof FileSystemException || e instanceof FileNotFoundException) && overflow.isThere(copy)) {
                throw e; // nobody can open files now: that is not this copy's fault
            }
            overflow.giveUp(copy);
            watcher.damaged(copy.getFileName().toString(), "", "its files in the overflow cannot be read: " + e);
            return 0;
        }
        try (CheckedContent content = found) {
            StoredMail mail = kept.mail();
            String damage = damage(mail, content);
            Sending sending = new Sending(copy, QueueNames.backup(kept.queue()), mail, damage);
            batch.add(sending);
            if (damage == null) {
                sending.send(kept.queue(), new StoredMail(mail.properties(), mail.recipients(), content));
            } else {
                sending.send(QueueNames.DAMAGED + QueueNames.backup(kept.queue()), mail.damaged(damage, Map.of()));
            }
            return content.length();
        }
    }

    private void remove(Path copy) throws IOException {
        arrived.add(copy);
        overflow.remove(copy);
        arrived.remove(copy);
    }

    private static String damage(StoredMail kept, CheckedContent found) {
        try {
            Long size = MailProperties.number(kept.properties(), MailProperties.SIZE);
            Long checksum = MailProperties.number(kept.properties(), MailProperties.CHECKSUM);
            MailCodec.headers(kept.properties(), kept.recipients());
            return size != null && size == found.length() && checksum != null && checksum == found.checksum() ? null
                    : "it has " + found.length() + " octets that are not the " + size + " that were received";
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    /** A copy on its way, which leaves the overflow when the broker says that it has it. */
    private final class Sending implements SendAcknowledgementHandler {

        private final Path copy;

        private final String backup;

        private final StoredMail mail;

        private final String damage;

        private final CountDownLatch answered = new CountDownLatch(1);

        private volatile Exception failure;

        /** @param damage null when it has none */
        Sending(Path copy, String backup, StoredMail mail, String damage) {
            this.copy = copy;
            this.backup = backup;
            this.mail = mail;
            this.damage = damage;
        }

        void send(String queue, StoredMail message) {
            try {
                if (message.recipients().length + message.content().length() < Spool.STREAMED_FROM) {
                    session.send(queue, message.message(session.session()), this);
                } else {
                    try (BrokerSession large = waiting.open(false)) {
                        large.send(queue, message.message(large.session()));
                    }
                    sendAcknowledged(null);
                }
            } catch (Exception e) {
                sendFailed(null, e);
            }
        }

        @Override
        public void sendAcknowledged(Message message) {
            answered.countDown();
        }

        @Override
        public void sendFailed(Message message, Exception reason) {
            failure = reason;
            answered.countDown();
        }

        /**
         * @param end of the patience for an answer, by {@link System#nanoTime}
         * @return why the broker refuses it; null when it has it
         */
        String end(long end) throws Exception {
            while (!answered.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (session.isClosed() || System.nanoTime() - end > 0) {
                    throw new ActiveMQConnectionTimedOutException("it does not answer");
                }
            }
            if (failure == null) {
                done++;
                if (damage != null) {
                    watcher.damaged(String.valueOf(mail.properties().get(MailProperties.ID)), backup, damage);
                }
                remove(copy);
                return null;
            }
            if (failure instanceof ActiveMQException e && !BrokerFailure.isAway(e)) {
                return BrokerFailure.reason(e);
            }
            throw failure;
        }
    }
}
