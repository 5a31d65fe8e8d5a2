package io.smtpdup.spool;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.activemq.artemis.api.config.ActiveMQDefaultConfiguration;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientRequestor;
import org.apache.activemq.artemis.api.core.management.ManagementHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the broker's management: a message with a question, a message with the answer, a limit on the time between
 * them. One connection is kept for the next question; who asks while it is in use gets one of his own.
 */
final class ManagementLine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ManagementLine.class);

    private final BrokerAccess broker;

    private final Duration patience;

    private final AtomicReference<Channel> idle = new AtomicReference<>();

    private volatile boolean closed;

    /** @param broker whose connections, and whose calls, must end in bounded time; with user and password, if any */
    ManagementLine(BrokerAccess broker, Duration patience) {
        this.broker = broker;
        this.patience = patience;
    }

    /** Calls an operation of one of the broker's resources and returns what it answers, which may be null. */
    Object invoke(String resource, String operation, Object... parameters) {
        return ask(resource + " " + operation,
                question -> ManagementHelper.putOperationInvocation(question, resource, operation, parameters));
    }

    /** Reads an attribute of one of the broker's resources. */
    Object attribute(String resource, String attribute) {
        return ask(resource + " " + attribute, question -> ManagementHelper.putAttribute(question, resource, attribute));
    }

    private Object ask(String what, Question question) {
        Channel channel = idle.getAndSet(null);
        ClientMessage answer;
        try {
            if (channel == null || channel.session.isClosed()) {
                drop(channel);
                channel = null;
                channel = open();
            }
            ClientMessage message = channel.session.session().createMessage(false);
            question.writeTo(message);
            answer = channel.requestor.request(message, patience.toMillis());
        } catch (Exception e) {
            drop(channel);
            throw new SpoolException("the broker cannot be asked: " + BrokerFailure.reason(e));
        }
        if (answer == null) {
            // What comes late would be taken for the answer to the next question.
            drop(channel);
            throw new SpoolException("the broker does not answer within " + patience.toSeconds() + " s (" + what + ")");
        }
        try {
            answer.acknowledge();
            Object result = ManagementHelper.getResult(answer);
            if (!ManagementHelper.hasOperationSucceeded(answer)) {
                throw new SpoolException("the broker refuses " + what + ": " + result);
            }
            return result;
        } catch (SpoolException e) {
            throw e;
        } catch (Exception e) {
            throw new SpoolException("the broker's answer to " + what + " cannot be read: " + e);
        } finally {
            keep(channel);
        }
    }

    private Channel open() throws Exception {
        BrokerSession session = broker.open(false);
        try {
            return new Channel(session, new ClientRequestor(
                    session.session(), ActiveMQDefaultConfiguration.getDefaultManagementAddress()));
        } catch (Exception e) {
            session.drop();
            throw e;
        }
    }

    private void keep(Channel channel) {
        if (closed || !idle.compareAndSet(null, channel)) {
            end(channel);
        } else if (closed) {
            end(idle.getAndSet(null));
        }
    }

    /** Tells the broker, so that it has nothing to clear away. */
    private static void end(Channel channel) {
        if (channel != null && !channel.session.isClosed()) {
            try {
                channel.requestor.close();
                channel.session.close();
            } catch (Exception e) {
                LOG.debug("the broker was not told", e);
            }
        }
    }

    private static void drop(Channel channel) {
        if (channel != null) {
            channel.session.drop();
        }
    }

    /** Gives up the connection; a question that comes later, or is not answered yet, opens and closes one of its own. */
    @Override
    public void close() {
        closed = true;
        end(idle.getAndSet(null));
    }

    @FunctionalInterface
    private interface Question {

        void writeTo(ClientMessage message) throws Exception;
    }

    private record Channel(BrokerSession session, ClientRequestor requestor) {
    }
}
