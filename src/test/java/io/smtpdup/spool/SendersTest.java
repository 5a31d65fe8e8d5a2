package io.smtpdup.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.postfix.FreePort;
import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.TestBroker;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQExceptionType;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.apache.camel.Exchange;
import org.apache.camel.converter.stream.InputStreamCache;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of sessions by which copies go to a broker elsewhere. */
class SendersTest {

    private static final String QUEUE = "backup.mail-25";

    @TempDir
    private Path directory;

    private TestBroker broker;

    private SharedConnection large;

    private Senders senders;

    private final Set<Object> lost = ConcurrentHashMap.newKeySet();

    private final AtomicInteger taken = new AtomicInteger();

    private final AtomicInteger refused = new AtomicInteger();

    private volatile boolean refuses;

    private Sent last;

    @BeforeEach
    void open() throws Exception {
        broker = TestBroker.on(FreePort.find(), directory).start();
        broker.server().registerBrokerPlugin(new ActiveMQServerMessagePlugin() {

            @Override
            public void beforeSend(ServerSession session, Transaction transaction,
                    org.apache.activemq.artemis.api.core.Message message, boolean direct, boolean noAutoCreateQueue) throws ActiveMQException {
                if (refuses && QUEUE.equals(message.getAddress())) {
                    throw new ActiveMQException("it is full", ActiveMQExceptionType.ADDRESS_FULL);
                }
            }
        });
        ExternalBroker elsewhere = new ExternalBroker(broker.url(), TestBroker.USER, TestBroker.PASSWORD);
        try (BrokerAccess access = elsewhere.access(); BrokerSession session = access.open(false)) {
            QueueKeeper.make(session.session(), QUEUE);
        }
        large = new SharedConnection(elsewhere.access());
        senders = new Senders(elsewhere.access().withoutWaiting(), large, lost::add);
        senders.open();
    }

    @AfterEach
    void close() {
        senders.close();
        large.close();
        broker.close();
    }

    @Test
    void haveNewSessionsAfterManyRefusalsForTheClientKeepsWhatIsRefused() throws Exception {
        Set<String> before = sessions();
        refuses = true;
        for (int i = 0; i < 500; i++) {
            send();
        }
        await().untilAsserted(() -> assertThat(refused).hasValue(500));
        refuses = false;

        senders.open();
        send();

        await().untilAsserted(() -> assertThat(taken).hasValue(1));
        await().untilAsserted(() -> assertThat(sessions()).hasSize(4).doesNotContainAnyElementsOf(before));
        assertThat(lost).isEmpty();
    }

    @Test
    void tellBySessionWhatIsLostSoThatNothingElseEnds() throws Exception {
        send();
        await().untilAsserted(() -> assertThat(taken).hasValue(1));

        broker.stop();
        await().untilAsserted(() -> assertThat(lost).hasSize(4));
        assertThat(lost).anyMatch(last::went);
        broker.start();
        senders.open();
        send();

        await().untilAsserted(() -> assertThat(taken).hasValue(2));
        assertThat(lost).noneMatch(last::went);
    }

    @Test
    void takesACopyThatIsLargeWithItsRecipientsOnly() throws Exception {
        byte[] content = new byte[Spool.STREAMED_FROM - 20];
        Arrays.fill(content, (byte) 'x');
        send(IntStream.range(0, 300).mapToObj(i -> "r" + i + "@d.example").toList(), content);
        await().untilAsserted(() -> assertThat(taken).hasValue(1));

        try (BrokerAccess access = new ExternalBroker(broker.url(), TestBroker.USER, TestBroker.PASSWORD).access();
                BrokerSession session = access.open(false)) {
            ClientMessage message = session.consumer(QUEUE, null).receive(Patience.LIMIT.toMillis());
            assertThat(message.isLargeMessage()).isTrue();
            Exchange exchange = new DefaultExchange(new DefaultCamelContext());
            QueuedMail mail = QueuedMail.read(message, exchange);
            assertThat(mail.headers()).doesNotContainKey(CopyConstants.DAMAGE);
            assertThat(mail.content().length()).isEqualTo(content.length);
            assertThat(mail.headers().get(SmtpServerConstants.RECIPIENTS)).asInstanceOf(InstanceOfAssertFactories.LIST).hasSize(300);
        }
    }

    private Set<String> sessions() {
        return broker.server().getSessions().stream().map(ServerSession::getName).collect(Collectors.toSet());
    }

    private void send() throws Exception {
        send(List.of("c@d.example"), "Hello.\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private void send(List<String> recipients, byte[] content) throws Exception {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        EnvelopeHeaders.write(new Envelope("a@b.example", null, false, recipients), exchange.getMessage());
        exchange.getMessage().setBody(new InputStreamCache(content));
        last = new Sent(exchange, QUEUE, Duration.ofMinutes(1),
                (ended, failure) -> (failure == null ? taken : refused).incrementAndGet());
        senders.send(StoredMail.of(exchange.getMessage()), last);
    }
}
