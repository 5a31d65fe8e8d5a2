package io.smtpdup.spool;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ServerLocator;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;

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
    public BrokerAccess access() {
        ServerLocator locator;
        try {
            locator = ActiveMQClient.createServerLocator(url);
        } catch (Exception e) {
            // Not its cause: that may show the URL, which may have the password of a key store in it.
            throw new SpoolException("spool.broker_url: Artemis does not understand it (" + this + ")");
        }
        for (TransportConfiguration server : locator.getStaticTransportConfigurations()) {
            server.getParams().putIfAbsent(TransportConstants.NETTY_CONNECT_TIMEOUT, CONNECT_TIMEOUT.toMillis());
        }
        BrokerAccess access = new BrokerAccess(locator, user, password);
        locator.setCallTimeout(CALL_TIMEOUT.toMillis()).setCallFailoverTimeout(FAILOVER_TIMEOUT.toMillis());
        if (locator.isHA()) {
            locator.setRetryInterval(RECONNECT_INTERVAL.toMillis())
                    .setRetryIntervalMultiplier(1)
                    .setReconnectAttempts((int) FAILOVER_TIMEOUT.dividedBy(RECONNECT_INTERVAL));
        }
        return access;
    }

    @Override
    public Optional<LocalQueues> inside() {
        return Optional.empty();
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
    public Duration patience() {
        try (BrokerAccess access = access()) {
            return access.locator().isHA() ? FAILOVER_TIMEOUT : CALL_TIMEOUT;
        }
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
