package io.smtpdup.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.postfix.FreePort;
import io.smtpdup.testkit.TestBroker;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQExceptionType;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.apache.camel.Message;
import org.apache.camel.converter.stream.InputStreamCache;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How copies get out of the overflow at a broker that can be used and does not take all of them. */
class RefillTest {

    private static final String GOOD = "backup.good";

    private static final String FULL = "backup.full";

    private static final String SHY = "shy@b.example";

    @TempDir
    private Path path;

    private SpoolDirectory directory;

    private TestBroker broker;

    private BrokerAccess access;

    private Overflow overflow;

    private Refill refill;

    private final Refusal refusal = new Refusal();

    /** As of an address that is full, or of a user who may not send there. */
    private static final class Refusal implements ActiveMQServerMessagePlugin {

        private volatile boolean over;

        @Override
        public void beforeSend(ServerSession session, Transaction transaction, org.apache.activemq.artemis.api.core.Message message,
                boolean direct, boolean noAutoCreateQueue) throws ActiveMQException {
            if (!over && (FULL.equals(message.getAddress()) || SHY.equals(message.getStringProperty(MailProperties.REVERSE_PATH)))) {
                throw new ActiveMQException("it is full", ActiveMQExceptionType.ADDRESS_FULL);
            }
        }
    }

    @BeforeEach
    void open() throws Exception {
        directory = new SpoolDirectory(path.resolve("spool"));
        directory.open();
        overflow = new Overflow(directory);
        overflow.open();
        broker = TestBroker.on(FreePort.find(), path.resolve("broker")).start();
        broker.server().registerBrokerPlugin(refusal);
        ExternalBroker elsewhere = new ExternalBroker(broker.url(), TestBroker.USER, TestBroker.PASSWORD);
        access = elsewhere.access();
        BrokerState state = new BrokerState(elsewhere);
        state.up();
        refill = new Refill(overflow, state, elsewhere, access, (id, backup, damage) -> { });
    }

    @AfterEach
    void close() {
        refill.stop();
        access.close();
        broker.close();
        directory.close();
    }

    @Test
    void aQueueThatTakesNothingHoldsUpNoOther() throws IOException {
        for (int i = 0; i < 60; i++) {
            keep(FULL, "a@b.example");
            keep(GOOD, "a@b.example");
        }

        refill.start();

        await().untilAsserted(() -> assertThat(messages(GOOD)).isEqualTo(60));
        await().untilAsserted(() -> assertThat(overflow.count()).isEqualTo(60));
        assertThat(messages(FULL)).isZero();

        refusal.over = true;
        await().untilAsserted(() -> assertThat(overflow.count()).isZero());
        assertThat(messages(FULL)).isEqualTo(60);
        assertThat(messages(GOOD)).isEqualTo(60);
    }

    @Test
    void aCopyThatIsRefusedHoldsUpNoOtherOfItsQueue() throws IOException {
        for (int i = 0; i < 60; i++) {
            keep(GOOD, i % 20 == 3 ? SHY : "a@b.example");
        }

        refill.start();

        await().untilAsserted(() -> assertThat(messages(GOOD)).isEqualTo(57));
        await().untilAsserted(() -> assertThat(overflow.count()).isEqualTo(3));

        refusal.over = true;
        await().untilAsserted(() -> assertThat(overflow.count()).isZero());
        assertThat(messages(GOOD)).isEqualTo(60);
    }

    private long messages(String queue) {
        return broker.queue(queue) == null ? 0 : broker.queue(queue).getMessageCount();
    }

    private void keep(String queue, String sender) throws IOException {
        Message mail = new DefaultExchange(new DefaultCamelContext()).getMessage();
        EnvelopeHeaders.write(new Envelope(sender, null, false, List.of("c@d.example")), mail);
        mail.setBody(new InputStreamCache("Hello.\r\n".getBytes(StandardCharsets.US_ASCII)));
        overflow.keep(mail, queue);
    }
}
