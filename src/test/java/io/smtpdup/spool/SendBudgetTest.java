package io.smtpdup.spool;

import java.io.File;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import io.smtpdup.message.SmtpServerConstants;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What copies on their way into the broker take of the heap. */
class SendBudgetTest {

    private static final int MEGABYTE = 1 << 20;

    @TempDir
    private Path directory;

    @Test
    void readsALargeCopyNoFasterThanTheDiskTakesIt() throws Exception {
        Spool spool = new Spool(directory);
        spool.start(List.of("backup.mail-25"));
        try (BrokerSession session = spool.open(false)) {
            ClientMessage copy = session.session().createMessage(org.apache.activemq.artemis.api.core.Message.BYTES_TYPE, true);
            WatchedStream stream = new WatchedStream(40L * MEGABYTE, directory.resolve("large-messages").toFile());
            copy.setBodyInputStream(stream);

            session.send("backup.mail-25", copy);

            assertThat(stream.longestLead).isLessThan(MEGABYTE);
        } finally {
            spool.stop();
        }
    }

    @Test
    void letsOnlySoManyLargeCopiesGoAtATimeAndAllInTheEnd() throws Exception {
        SendBudget budget = SendBudget.of(128L * MEGABYTE);
        AtomicInteger going = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<CompletableFuture<Void>> senders = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            senders.add(CompletableFuture.runAsync(() -> {
                try (SendBudget.Share share = budget.take(mail(25L * MEGABYTE))) {
                    most.accumulateAndGet(going.incrementAndGet(), Math::max);
                    Thread.yield();
                    going.decrementAndGet();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }, task -> new Thread(task).start()));
        }

        for (CompletableFuture<Void> sender : senders) {
            sender.get();
        }
        assertThat(most.get()).isBetween(1, 8);
    }

    @Test
    void letsHundredsOfSmallCopiesGoAtATimeInASmallHeap() throws Exception {
        SendBudget budget = SendBudget.of(128L * MEGABYTE);
        List<SendBudget.Share> shares = new ArrayList<>();

        for (int i = 0; i < 400; i++) {
            shares.add(budget.take(mail(1000)));
        }

        assertThat(shares).hasSize(400);
    }

    @Test
    void letsAMailThroughThatIsLargerThanTheWholeBudget() throws Exception {
        SendBudget budget = new SendBudget(100);

        budget.take(mail(Integer.MAX_VALUE)).close();
        budget.take(mail(Integer.MAX_VALUE)).close();
    }

    @Test
    void aStopEndsTheWait() throws Exception {
        SendBudget budget = new SendBudget(MEGABYTE);
        SendBudget.Share all = budget.take(mail(50L * MEGABYTE));
        CountDownLatch ended = new CountDownLatch(1);
        Thread waiting = new Thread(() -> {
            assertThatThrownBy(() -> budget.take(mail(1))).hasMessageContaining("interrupted");
            ended.countDown();
        });
        waiting.start();
        await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);

        waiting.interrupt();

        ended.await();
        all.close();
    }

    private static Message mail(long size) {
        Message mail = new DefaultMessage(new DefaultCamelContext());
        mail.setHeader(SmtpServerConstants.SIZE, size);
        mail.setHeader(SmtpServerConstants.RECIPIENTS, List.of("c@d.example"));
        return mail;
    }

    /** Octets that look, while they are read, how many of them are in the files of a directory. */
    private static final class WatchedStream extends InputStream {

        private final File files;

        private final long length;

        private long read;

        private long longestLead;

        WatchedStream(long length, File files) {
            this.length = length;
            this.files = files;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] octets, int offset, int wanted) {
            long written = 0;
            for (File file : files.listFiles()) {
                written += file.length();
            }
            longestLead = Math.max(longestLead, read - written);
            int given = (int) Math.min(wanted, length - read);
            read += given;
            return given == 0 ? -1 : given;
        }
    }
}
