package io.smtpdup.spool;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the broker has our queues, and by asking for them finds out whether it lives. Used by one thread.
 */
final class QueueKeeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(QueueKeeper.class);

    private final BrokerAccess broker;

    private volatile BrokerSession session;

    QueueKeeper(BrokerAccess broker) {
        this.broker = broker;
    }

    /**
     * Makes the queues that are not there.
     *
     * @return what is wrong with single queues, by their names
     * @throws Exception when the broker cannot be used at all
     */
    Map<String, String> keep(List<String> queues) throws Exception {
        try {
            if (session == null || session.isClosed()) {
                close();
                session = broker.open(false);
            }
            Map<String, String> problems = new LinkedHashMap<>();
            for (String queue : queues) {
                try {
                    String problem = make(session.session(), queue);
                    if (problem != null) {
                        problems.put(queue, problem);
                    }
                } catch (ActiveMQException e) {
                    if (BrokerFailure.isAway(e)) {
                        throw e;
                    }
                    problems.put(queue, "cannot be made: " + BrokerFailure.reason(e));
                }
            }
            return problems;
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    /** Makes a queue when it is not there. Returns what is wrong with the one that is; null when nothing is. */
    static String make(ClientSession session, String queue) throws ActiveMQException {
        ClientSession.QueueQuery there = session.queueQuery(SimpleString.of(queue));
        if (!there.isExists()) {
            session.createQueue(configuration(queue));
            return null;
        }
        return there.isDurable() && there.getRoutingType() == RoutingType.ANYCAST
                ? null : "is there, but is no durable anycast queue";
    }

    static QueueConfiguration configuration(String queue) {
        return QueueConfiguration.of(queue).setAddress(queue).setRoutingType(RoutingType.ANYCAST)
                .setDurable(true).setAutoDelete(false).setAutoCreateAddress(true);
    }

    /** As {@link #close}, but tells the broker, so that it has nothing to clear away and to warn of; only of a broker that answers. */
    void leave() {
        try {
            if (session != null) {
                session.close();
            }
        } catch (ActiveMQException e) {
            LOG.debug("the broker was not told", e);
        }
        close();
    }

    /** Also by another thread, which ends a call that waits. */
    @Override
    public void close() {
        BrokerSession old = session;
        session = null;
        if (old != null) {
            old.drop();
        }
    }
}
