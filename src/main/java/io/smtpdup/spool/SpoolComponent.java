package io.smtpdup.spool;

import java.util.Map;
import java.util.concurrent.RejectedExecutionException;

import io.smtpdup.message.ReplyingException;
import io.smtpdup.ops.Emergency;
import jakarta.jms.ConnectionFactory;
import org.apache.activemq.artemis.api.jms.ActiveMQJMSClient;
import org.apache.camel.Endpoint;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.component.jms.JmsConfiguration;
import org.apache.camel.component.jms.JmsEndpoint;
import org.apache.camel.component.jms.QueueBrowseStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** camel-jms on the spool's broker, with messages that carry mails and are on disk when the sender goes on. */
final class SpoolComponent extends JmsComponent {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolComponent.class);

    private static final long PAUSE_MILLIS = 1000;

    /** Between two looks of a consumer whether a broker that was away is back. */
    private static final long RECOVERY_MILLIS = 1000;

    private final Room room;

    private final SendBudget budget;

    private final Keeping keeping;

    SpoolComponent(ConnectionFactory connections, BrokerState state, Room room, SendBudget budget, Keeping keeping) {
        this.room = room;
        this.keeping = keeping;
        this.budget = budget;
        JmsConfiguration configuration = getConfiguration();
        configuration.setConnectionFactory(connections);
        configuration.setExplicitQosEnabled(true);
        configuration.setDeliveryPersistent(true);
        configuration.setTimeToLive(-1);
        configuration.setDisableReplyTo(true);
        configuration.setRecoveryInterval(RECOVERY_MILLIS);
        configuration.setErrorHandler(SpoolComponent::rolledBack);
        configuration.setExceptionListener(new ConsumerTrouble(state));
        // By name alone: the session would ask the broker whether the queue is there, before each message.
        configuration.setDestinationResolver((session, name, topic) -> topic
                ? ActiveMQJMSClient.createTopic(name)
                : ActiveMQJMSClient.createQueue(name));
    }

    /**
     * A copy goes back into its queue. When its backup did not take it, the mail's log has said so already, and who said
     * so waits before the next. Of a failure that nobody expected the next copy may well die too: this runs in the
     * consumer's thread, and has it wait.
     */
    private static void rolledBack(Throwable failure) {
        Emergency.consider(failure);
        Throwable cause = failure;
        while (cause.getCause() != null && !isExpected(cause)) {
            cause = cause.getCause();
        }
        if (isExpected(cause)) {
            LOG.debug("back into its queue", failure);
        } else {
            LOG.error("a copy goes back into its queue: {}", failure.toString());
            LOG.debug("stack trace", failure);
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The backup is away, or the relay stops while the copy waits for its turn. */
    private static boolean isExpected(Throwable cause) {
        return cause instanceof ReplyingException || cause instanceof RejectedExecutionException;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        JmsEndpoint endpoint = (JmsEndpoint) super.createEndpoint(uri, remaining, parameters);
        endpoint.setBinding(new MailBinding(endpoint, room));
        return endpoint;
    }

    @Override
    protected JmsEndpoint createQueueEndpoint(String uri, JmsComponent component, String queue,
            JmsConfiguration configuration, QueueBrowseStrategy browsing) {
        return new CopyEndpoint(uri, component, queue, configuration, browsing, budget, keeping);
    }
}
