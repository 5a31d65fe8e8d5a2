package io.smtpdup.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.smtpdup.message.PrivateFiles;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.core.server.LargeServerMessage;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.ServerConsumer;
import org.apache.activemq.artemis.core.server.impl.AckReason;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.apache.camel.StreamCache;
import org.apache.camel.converter.stream.FileInputStreamCache;
import org.apache.camel.converter.stream.InputStreamCache;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the file of a large copy before the embedded broker gives the copy out. The broker ends itself over a file that it
 * cannot open, and sends zeros for octets that are gone; such a copy is passed over, and set aside with what is left of it.
 */
final class LargeFileGuard implements ActiveMQServerMessagePlugin {

    private static final Logger LOG = LoggerFactory.getLogger(LargeFileGuard.class);

    /** Between two tries to set a copy aside, whose queue cannot be written now. */
    private static final long PAUSE_SECONDS = 10;

    private static final String FILE_END = ".msg";

    private final Path files;

    private final Path aside;

    private final DamageWatcher watcher;

    private final BrokerAccess broker;

    private final Set<Long> known = ConcurrentHashMap.newKeySet();

    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "spool-guard");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param files where the broker keeps large messages
     * @param aside where something goes that is no file at all
     */
    LargeFileGuard(Path files, Path aside, BrokerAccess broker, DamageWatcher watcher) {
        this.files = files;
        this.aside = aside;
        this.broker = broker;
        this.watcher = watcher;
    }

    @Override
    public boolean canAccept(ServerConsumer consumer, MessageReference reference) {
        Message message = reference.getMessage();
        if (!(message instanceof LargeServerMessage)) {
            return true;
        }
        String damage = damage(message);
        if (damage == null) {
            return true;
        }
        if (known.add(message.getMessageID())) {
            worker.execute(() -> setAside(reference.getQueue(), message, damage));
        }
        return false;
    }

    /** A copy goes, and the broker opens its file in order to delete it: what it could not open must not be there any more. */
    @Override
    public void messageAcknowledged(Transaction transaction, MessageReference reference, AckReason reason, ServerConsumer consumer) {
        if (!(reference.getMessage() instanceof LargeServerMessage)) {
            return;
        }
        Path file = file(reference.getMessage());
        BasicFileAttributes found = attributes(file);
        if (found != null && !isUsable(file, found)) {
            try {
                PrivateFiles.directory(aside);
                Files.move(file, aside.resolve(file.getFileName() + "-" + UUID.randomUUID()));
            } catch (IOException e) {
                LOG.warn("{} is not a file of the spool and cannot be moved away: {}", file, e.toString());
            }
        }
    }

    /** Has the broker show all copies of queues from which nobody takes any, so that damage is known before they are wanted. */
    void look(List<String> queues) {
        worker.execute(() -> queues.forEach(queue -> {
            try (BrokerSession session = broker.open(false);
                    ClientConsumer browser = session.browser(queue, MailProperties.FORM + " = -1")) { // which is none
                browser.receiveImmediate();
            } catch (Exception e) {
                LOG.debug("the queue {} could not be looked through", queue, e);
            }
        }));
    }

    void stop() {
        worker.shutdownNow();
    }

    private Path file(Message message) {
        return files.resolve(message.getMessageID() + FILE_END);
    }

    /** What is wrong with the file; null when the broker can send it. */
    private String damage(Message message) {
        Path file = file(message);
        BasicFileAttributes found = attributes(file);
        if (found == null) {
            return "its file " + file.getFileName() + " is gone";
        }
        if (!isUsable(file, found)) {
            return "its file " + file.getFileName() + " cannot be read";
        }
        Object octets = message.getObjectProperty(MailProperties.SIZE);
        Object recipients = message.getObjectProperty(MailProperties.RECIPIENTS_SIZE);
        if (message.containsProperty(MailProperties.CHECKSUM) && !message.containsProperty(MailProperties.DAMAGE)
                && octets instanceof Number content && recipients instanceof Number list
                && content.longValue() + list.longValue() != found.size()) {
            return "it has " + found.size() + " octets with its recipients and should have "
                    + (content.longValue() + list.longValue());
        }
        return found.size() == 0 ? "its file " + file.getFileName() + " is empty" : null;
    }

    /** Of what has that name, a link too; null when nothing has. Asked once: this is the thread that gives out all copies of a queue. */
    private static BasicFileAttributes attributes(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            return null;
        }
    }

    private void setAside(Queue queue, Message message, String damage) {
        String backup = QueueNames.backup(queue.getName().toString());
        try {
            send(QueueNames.DAMAGED + backup, message, damage);
            queue.deleteReference(message.getMessageID());
            watcher.damaged(text(message, MailProperties.ID), backup, damage);
        } catch (Exception e) {
            LOG.warn("a damaged copy in {} cannot be set aside now: {}", queue.getName(), e.toString());
            LOG.debug("stack trace", e);
            worker.schedule(() -> setAside(queue, message, damage), PAUSE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void send(String target, Message message, String damage) throws Exception {
        Map<String, Object> properties = MailProperties.of(message);
        Path scratch = aside.resolve("scratch-" + UUID.randomUUID());
        try (BrokerSession session = broker.open(false)) {
            StoredMail left = new StoredMail(properties, new byte[0], content(file(message), scratch, properties));
            session.send(target, left.damaged(damage, Map.of()).message(session.session()));
        } finally {
            Files.deleteIfExists(scratch);
        }
    }

    /** Whether the broker can open it, which writes even into a file that it deletes, and ends itself when it cannot. */
    private static boolean isUsable(Path file, BasicFileAttributes found) {
        return found.isRegularFile()
                && (Files.isReadable(file) && Files.isWritable(file) || isOpened(file));
    }

    /** What is ours and closed even to us, we open. */
    private static boolean isOpened(Path file) {
        try {
            PrivateFiles.closeToOthers(file);
            return Files.isReadable(file) && Files.isWritable(file);
        } catch (IOException e) {
            return false;
        }
    }

    /** What is left, and no more than somewhat more than there was; nothing when it cannot be read. */
    private StreamCache content(Path file, Path scratch, Map<String, Object> properties) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !Files.isReadable(file)) {
            return new InputStreamCache(new byte[0]);
        }
        long most = QueuedMail.most(properties);
        if (Files.size(file) <= most) {
            return new FileInputStreamCache(file.toFile());
        }
        PrivateFiles.directory(aside);
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(scratch,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PrivateFiles.file())) {
            long done = 0;
            for (long more = 1; more > 0 && done < most; done += more) {
                more = in.transferTo(done, most - done, out);
            }
        }
        return new FileInputStreamCache(scratch.toFile());
    }

    private static String text(Message message, String property) {
        Object value = message.getObjectProperty(property);
        return value == null ? String.valueOf(message.getUserID()) : value.toString();
    }
}
