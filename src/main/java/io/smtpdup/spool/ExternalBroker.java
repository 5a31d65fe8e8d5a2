package io.smtpdup.spool;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** An Artemis elsewhere, which others may use too: several relays share their queues on it. */
public final class ExternalBroker implements Broker {

    /** A network that swallows packets: a client may wait that long for a connection, once. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

    /** The same for an answer. Below the patience of any SMTP client by far, and above any fsync. */
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

    /** How long a send waits for the other of a pair of brokers to take over; with ha=true only. */
    private static final Duration FAILOVER_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration RECONNECT_INTERVAL = Duration.ofMillis(500);

    private static final Pattern ADDRESS = Pattern.compile("[a-z]+://[^,)?;#]*");

    private final String url;

    private final String user;

    private final String password;

    /**
     * @param url as Artemis writes it: {@code tcp://host:port?parameters}, or several as {@code (tcp://a,tcp://b)?parameters}
     * @param user null for none
     * @param password null for none
     */
    public ExternalBroker(String url, String user, String password) {
        this.url = url;
        this.user = user;
        this.password = password;
    }

    @Override
    public ActiveMQConnectionFactory connections() {
        ActiveMQConnectionFactory factory;
        try {
            factory = new ActiveMQConnectionFactory(url);
        } catch (RuntimeException e) {
            // Not its cause: that may show the URL, which may have the password of a key store in it.
            throw new SpoolException("spool.broker_url: Artemis does not understand it (" + this + ")");
        }
        for (TransportConfiguration server : factory.getStaticConnectors()) {
            server.getParams().putIfAbsent(TransportConstants.NETTY_CONNECT_TIMEOUT, CONNECT_TIMEOUT.toMillis());
        }
        factory.setUser(user);
        factory.setPassword(password);
        BrokerConnections.harden(factory);
        factory.setCallTimeout(CALL_TIMEOUT.toMillis());
        factory.setCallFailoverTimeout(FAILOVER_TIMEOUT.toMillis());
        if (factory.isHA()) {
            factory.setRetryInterval(RECONNECT_INTERVAL.toMillis());
            factory.setRetryIntervalMultiplier(1);
            factory.setReconnectAttempts((int) FAILOVER_TIMEOUT.dividedBy(RECONNECT_INTERVAL));
        }
        return factory;
    }

    @Override
    public void start() {
        // it runs, or it does not
    }

    @Override
    public void look(List<String> queues) {
        // its files are not ours
    }

    @Override
    public void stop() {
        // others use it
    }

    @Override
    public void tidy() {
        // its disk is not ours
    }

    @Override
    public Optional<String> problem() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> patience() {
        return Optional.of(connections().isHA() ? FAILOVER_TIMEOUT : CALL_TIMEOUT);
    }

    @Override
    public boolean isLocal() {
        return false;
    }

    /** The addresses alone: parameters may be secret. */
    @Override
    public String toString() {
        return ADDRESS.matcher(url).results().map(MatchResult::group).collect(Collectors.joining(", "));
    }
}
