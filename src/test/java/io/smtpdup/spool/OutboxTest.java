package io.smtpdup.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.converter.stream.InputStreamCache;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a copy ends that its queue does not take. */
class OutboxTest {

    private static final String QUEUE = "backup.mail-25";

    private static final Room FULL = octets -> {
        throw new IOException("the disk is full");
    };

    @TempDir
    private Path path;

    private SpoolDirectory directory;

    private EmbeddedBroker broker;

    private BrokerState state;

    private Senders senders;

    private SharedConnection connection;

    private Overflow overflow;

    @BeforeEach
    void open() throws Exception {
        directory = new SpoolDirectory(path);
        directory.open();
        broker = new EmbeddedBroker(directory, (id, backup, damage) -> { });
        broker.start();
        state = new BrokerState(broker);
        state.up();
        try (BrokerAccess access = broker.access(); BrokerSession session = access.open(false)) {
            QueueKeeper.make(session.session(), QUEUE);
        }
        connection = new SharedConnection(broker.access());
        senders = new Senders(broker.access().withoutWaiting(), connection, session -> { });
        senders.open();
        overflow = new Overflow(directory);
        overflow.open();
    }

    @AfterEach
    void close() throws Exception {
        senders.close();
        connection.close();
        broker.stop();
        directory.close();
    }

    @Test
    void refusesANewCopyOnAFullDiskButLetsOneThatIsKeptAlreadyMove() throws Exception {
        Outbox outbox = outbox(FULL);

        assertThat(put(outbox, mail(1)).getException()).isNull();
        assertThat(inTheQueue()).isZero();
        assertThat(overflow.count()).isEqualTo(1);

        Exchange kept = mail(1);
        kept.getMessage().setHeader(CopyConstants.ACCEPTED_AT, 1L);
        assertThat(put(outbox, kept).getException()).isNull();
        assertThat(inTheQueue()).isEqualTo(1);
        outbox.close();
    }

    @Test
    void keepsCopiesOfAllSizesInTheirQueue() throws Exception {
        for (Inlet inlet : List.of(broker.inside().orElseThrow(), senders)) {
            Outbox outbox = outbox(octets -> { }, inlet);

            for (int size : List.of(0, 1, 10_000, Spool.STREAMED_FROM - 20, Spool.STREAMED_FROM, 1_000_000)) {
                assertThat(put(outbox, mail(size)).getException()).isNull();
            }

            outbox.close();
        }
        assertThat(inTheQueue()).isEqualTo(12);
        assertThat(overflow.count()).isZero();
    }

    @Test
    void goesOnInAThreadThatMayWaitUnlessTheCopyIsOneOfSeveral() throws Exception {
        Outbox outbox = outbox(octets -> { });
        Exchange branch = mail(10);
        branch.setProperty(ExchangePropertyKey.RECIPIENT_LIST_ENDPOINT, "spool://" + QUEUE);

        assertThat(threadBehind(outbox, mail(10))).isEqualTo("spool-send");
        assertThat(threadBehind(outbox, branch)).isNotEqualTo("spool-send");
        outbox.close();
    }

    private static String threadBehind(Outbox outbox, Exchange exchange) throws Exception {
        CompletableFuture<String> thread = new CompletableFuture<>();
        outbox.put(exchange, QUEUE, sync -> thread.complete(Thread.currentThread().getName()));
        return thread.get();
    }

    @Test
    void keepsACopyElsewhereWhoseQueueTheBrokerHasLost() throws Exception {
        Outbox outbox = new Outbox(broker, state, broker.inside().orElseThrow(), queue -> true, octets -> { }, SendBudget.of(1 << 30),
                overflow, reason -> { });
        CountDownLatch done = new CountDownLatch(1);

        outbox.put(mail(10), "backup.unknown", sync -> done.countDown());
        done.await();

        assertThat(overflow.count()).isEqualTo(1);
        outbox.close();
    }

    @Test
    void tellsAtOnceOfACopyWhoseSessionsWereLost() throws Exception {
        Outbox outbox = outbox(octets -> { }, senders);
        senders.reset();

        assertThat(put(outbox, mail(10)).getException()).isNull();

        assertThat(overflow.count()).isEqualTo(1);
        senders.open();
        assertThat(put(outbox, mail(10)).getException()).isNull();
        assertThat(inTheQueue()).isEqualTo(1);
        outbox.close();
    }

    @Test
    void saysThatACopyIsNowhereWhenTheOverflowIsClosedToo() throws Exception {
        Outbox outbox = outbox(octets -> { });
        state.down("it is away");
        overflow.close();

        assertThat(put(outbox, mail(10)).getException()).hasMessageContaining("it is away").hasMessageContaining("nor is there");
        outbox.close();
    }

    @Test
    void givesTheCopiesOfOneMailToTheJournalTogether() throws Exception {
        List<Exchange> sent = new ArrayList<>();
        Outbox outbox = outbox(octets -> { }, taking(sent));
        Exchange first = branch(2, mail(10));
        Exchange last = branch(2, mail(10));
        Exchange alone = branch(1, mail(10));

        outbox.put(first, QUEUE, sync -> { });
        outbox.put(alone, QUEUE, sync -> { });
        outbox.put(last, QUEUE, sync -> { });

        assertThat(sent).containsExactly(alone, first, last);
        outbox.close();
    }

    @Test
    void waitsForNoCopyThatGoesAnotherWay() throws Exception {
        List<Exchange> sent = new CopyOnWriteArrayList<>();
        Outbox outbox = outbox(octets -> { }, taking(sent));
        Exchange small = branch(4, mail(10));

        outbox.put(small, QUEUE, sync -> { });
        outbox.put(branch(4, mail(Spool.STREAMED_FROM)), QUEUE, sync -> { });
        outbox.put(branch(4, mail(10), "backup.unknown"), "backup.unknown", sync -> { });
        outbox.leaveOut(branch(4, mail(10)), QUEUE);

        assertThat(sent).contains(small);
        outbox.close();
    }

    /** What a list had is on the exchange behind it too. */
    @Test
    void sendsACopyAtOnceThatIsNoBranchOfAListForQueues() throws Exception {
        List<Exchange> sent = new ArrayList<>();
        Outbox outbox = outbox(octets -> { }, taking(sent));
        Exchange behind = branch(3, mail(10), "backup.other");
        Exchange own = branch(0, mail(10));

        outbox.put(behind, QUEUE, sync -> { });
        outbox.put(own, QUEUE, sync -> { });

        assertThat(sent).containsExactly(behind, own);
        outbox.close();
    }

    @Test
    void goesOnWithoutWhatNeverComes() throws Exception {
        Outbox outbox = outbox(octets -> { });
        CountDownLatch done = new CountDownLatch(2);

        outbox.put(branch(3, mail(10)), QUEUE, sync -> done.countDown());
        outbox.put(branch(3, mail(10)), QUEUE, sync -> done.countDown());
        done.await();

        assertThat(inTheQueue()).isEqualTo(2);
        outbox.close();
    }

    @Test
    void doesNotLetACopyWaitForWhatWaitsForIt() throws Exception {
        Outbox outbox = new Outbox(broker, state, broker.inside().orElseThrow(), QUEUE::equals, octets -> { }, new SendBudget(100 << 10),
                overflow, reason -> { });
        CountDownLatch done = new CountDownLatch(2);

        outbox.put(branch(2, mail(10)), QUEUE, sync -> done.countDown());
        outbox.put(branch(2, mail(10)), QUEUE, sync -> done.countDown());
        done.await();

        assertThat(inTheQueue()).isEqualTo(2);
        outbox.close();
    }

    @Test
    void sendsNothingThatIsInTheOverflowAlready() throws Exception {
        List<Exchange> sent = new CopyOnWriteArrayList<>();
        Outbox outbox = outbox(octets -> { }, taking(sent));
        CountDownLatch done = new CountDownLatch(1);

        outbox.put(branch(2, mail(10)), QUEUE, sync -> done.countDown());
        outbox.fail("the broker is mute");
        done.await();
        Exchange other = branch(2, mail(10));
        outbox.put(other, QUEUE, sync -> { });
        await().until(() -> !sent.isEmpty());

        assertThat(sent).containsExactly(other);
        assertThat(overflow.count()).isEqualTo(1);
        outbox.close();
    }

    /** What a recipientList for so many queues says of its branches. */
    private static Exchange branch(int all, Exchange exchange) {
        return branch(all, exchange, QUEUE);
    }

    private static Exchange branch(int all, Exchange exchange, String queue) {
        exchange.setProperty(ExchangePropertyKey.CORRELATION_ID, "the mail");
        exchange.setProperty(ExchangePropertyKey.RECIPIENT_LIST_ENDPOINT, "spool://" + queue);
        if (all > 0) {
            exchange.setProperty(SpoolEndpoint.TOGETHER, all);
        }
        return exchange;
    }

    /** Remembers what it was given, in its order. */
    private Inlet taking(List<Exchange> sent) {
        return new Inlet() {

            @Override
            public void send(StoredMail mail, Sent copy) {
                sent.add(copy.exchange());
                copy.end(null);
            }

            @Override
            public void sendLarge(StoredMail mail, Sent copy) {
                copy.end(null);
            }

            @Override
            public void open() {
                // nothing to open
            }

            @Override
            public void reset() {
                // nothing to part with
            }

            @Override
            public void close() {
                // nothing to close
            }
        };
    }

    private Outbox outbox(Room room) {
        return outbox(room, broker.inside().orElseThrow());
    }

    private Outbox outbox(Room room, Inlet inlet) {
        return new Outbox(broker, state, inlet, QUEUE::equals, room, SendBudget.of(1 << 30), overflow, reason -> { });
    }

    private static Exchange put(Outbox outbox, Exchange exchange) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        outbox.put(exchange, QUEUE, sync -> done.countDown());
        done.await();
        return exchange;
    }

    private long inTheQueue() throws Exception {
        try (BrokerAccess access = broker.access(); ManagementLine line = new ManagementLine(access, BrokerManagement.PATIENCE)) {
            return new BrokerManagement(line).queues().stream().filter(queue -> queue.name().equals(QUEUE))
                    .mapToLong(QueueState::messages).sum();
        }
    }

    private static Exchange mail(int size) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        EnvelopeHeaders.write(new Envelope("a@b.example", null, false, List.of("c@d.example")), exchange.getMessage());
        exchange.getMessage().setBody(new InputStreamCache(new byte[size]));
        return exchange;
    }
}
