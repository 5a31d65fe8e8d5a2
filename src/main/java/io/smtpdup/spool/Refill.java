package io.smtpdup.spool;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.smtpdup.message.CheckedContent;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the copies of the {@link Overflow} into their queues, the oldest first, while the broker can be used. A copy leaves
 * the overflow when its queue has it, so that a kill in between makes two of it.
 */
final class Refill {

    private static final Logger LOG = LoggerFactory.getLogger(Refill.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** After a failure of a broker that says it can be used. */
    private static final Duration PAUSE = Duration.ofSeconds(10);

    /** Of copies that go into their queues together; a kill in between makes two of each of them. */
    private static final int BATCH_COPIES = 50;

    private static final long BATCH_OCTETS = 1 << 20;

    private final Overflow overflow;

    private final BrokerState state;

    private final BrokerAccess broker;

    private final DamageWatcher watcher;

    private volatile Thread thread;

    Refill(Overflow overflow, BrokerState state, BrokerAccess broker, DamageWatcher watcher) {
        this.overflow = overflow;
        this.state = state;
        this.broker = broker;
        this.watcher = watcher;
    }

    void start() {
        thread = new Thread(this::run, "spool-refill");
        thread.setDaemon(true);
        thread.start();
    }

    void stop() {
        Thread running = thread;
        thread = null;
        if (running != null) {
            running.interrupt();
        }
    }

    private void run() {
        boolean told = false;
        while (thread == Thread.currentThread()) {
            Duration pause = INTERVAL;
            try {
                if (overflow.count() > 0 && state.problem().isEmpty()) {
                    refill();
                    told = false;
                }
            } catch (Exception e) {
                pause = PAUSE;
                if (!told && thread != null) {
                    LOG.warn("{} copies stay in the overflow, their queues do not take them: {}", overflow.count(),
                            BrokerFailure.reason(e));
                }
                told = true;
                LOG.debug("stack trace", e);
            }
            try {
                Thread.sleep(pause.toMillis());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void refill() throws Exception {
        int count = 0;
        try (BrokerSession session = broker.open(true)) {
            Batch batch = new Batch(session);
            for (Path copy : overflow.all()) {
                if (thread == null || state.problem().isPresent()) {
                    break;
                }
                refill(copy, batch);
                count += batch.commitWhenFull();
            }
            count += batch.commit();
        } finally {
            if (count > 0) {
                LOG.info("{} copies that were kept in the overflow are in their queues, {} are left", count, overflow.count());
            }
        }
    }

    private void refill(Path copy, Batch batch) throws ActiveMQException, IOException {
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
            return;
        }
        try (CheckedContent content = found) {
            StoredMail mail = kept.mail();
            String damage = damage(mail, content);
            String backup = QueueNames.backup(kept.queue());
            if (damage == null) {
                batch.send(new StoredMail(mail.properties(), mail.recipients(), content), kept.queue());
            } else {
                batch.send(mail.damaged(damage, Map.of()), QueueNames.DAMAGED + backup);
                batch.then(() -> watcher.damaged(String.valueOf(mail.properties().get(MailProperties.ID)), backup, damage));
            }
            batch.then(() -> overflow.remove(copy));
        }
    }

    private static String damage(StoredMail kept, CheckedContent found) {
        try {
            Long size = MailProperties.number(kept.properties(), MailProperties.SIZE);
            Long checksum = MailProperties.number(kept.properties(), MailProperties.CHECKSUM);
            MailProperties.headers(kept.properties(), kept.recipients());
            return size != null && size == found.length() && checksum != null && checksum == found.checksum() ? null
                    : "it has " + found.length() + " octets that are not the " + size + " that were received";
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private interface Afterwards {

        void run() throws IOException;
    }

    /** Copies that get into their queues together: the broker's disk is waited for once, not once for each of thousands. */
    private static final class Batch {

        private final BrokerSession session;

        private final List<Afterwards> afterwards = new ArrayList<>();

        private int copies;

        private long octets;

        Batch(BrokerSession session) {
            this.session = session;
        }

        void send(StoredMail mail, String queue) throws ActiveMQException, IOException {
            session.send(queue, mail.message(session.session()));
            copies++;
            octets += mail.content().length();
        }

        /** What is done when the copies are in their queues, and only then. */
        void then(Afterwards action) {
            afterwards.add(action);
        }

        /** @return how many copies are in their queues now */
        int commitWhenFull() throws ActiveMQException, IOException {
            return copies < BATCH_COPIES && octets < BATCH_OCTETS ? 0 : commit();
        }

        int commit() throws ActiveMQException, IOException {
            session.commit();
            for (Afterwards action : afterwards) {
                action.run();
            }
            afterwards.clear();
            int committed = copies;
            copies = 0;
            octets = 0;
            return committed;
        }
    }
}
