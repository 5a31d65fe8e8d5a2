package io.smtpdup.delivery;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Extensions;
import io.smtpdup.message.NextHop;
import io.smtpdup.net.HostPort;
import io.smtpdup.net.TlsMode;
import org.apache.camel.Producer;
import org.apache.camel.component.mail.JavaMailSender;
import org.apache.camel.component.mail.MailComponent;
import org.apache.camel.component.mail.MailConfiguration;
import org.apache.camel.component.mail.MailEndpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;

/**
 * A server to deliver to, and the options of {@code smtp:host:port} besides camel-mail's own (username, password,
 * sslContextParameters, mail.*). Durations are written like {@code 10s}, {@code 5m} or in milliseconds.
 */
public class DeliveryEndpoint extends MailEndpoint implements NextHop {

    @UriParam(label = "security", enums = "off,offered,required,implicit")
    @Metadata(description = "How connections are protected: clear text; STARTTLS when offered, unverified, else clear text; "
            + "verified STARTTLS or nothing; verified TLS from the first octet", defaultValue = "offered")
    private TlsMode tls;
    @UriParam(defaultValue = "0s", javaType = "java.time.Duration", description = "What connectTimeout, commandTimeout and "
            + "dataTimeout are when they are 0; 0 for their own defaults")
    private Duration timeout = Duration.ZERO;
    @UriParam(defaultValue = "0s", javaType = "java.time.Duration", description = "Limit for a TCP connection to one address, "
            + "and for a TLS handshake; 0 for timeout or else 30 s")
    private Duration connectTimeout = Duration.ZERO;
    @UriParam(defaultValue = "0s", javaType = "java.time.Duration", description = "Limit for the greeting and for the whole "
            + "reply to a command (RFC 5321 section 4.5.3.2); 0 for timeout or else 5 min")
    private Duration commandTimeout = Duration.ZERO;
    @UriParam(defaultValue = "0s", javaType = "java.time.Duration",
              description = "Limit for the reply to DATA; 0 for timeout or else 2 min")
    private Duration dataTimeout = Duration.ZERO;
    @UriParam(defaultValue = "3m", javaType = "java.time.Duration", description = "Limit for each block of content that is sent")
    private Duration contentTimeout = TimeLimits.DEFAULT.content();
    @UriParam(defaultValue = "10m", javaType = "java.time.Duration", description = "Limit for the reply to the final dot. A "
            + "server that takes the mail later than that gets it a second time")
    private Duration dotTimeout = TimeLimits.DEFAULT.dot();
    @UriParam(defaultValue = "20", description = "At most so many connections at a time")
    private int maxConnections = 20;
    @UriParam(defaultValue = "100", description = "A connection ends after so many mails")
    private int maxMessagesPerConnection = 100;
    @UriParam(defaultValue = "5m", javaType = "java.time.Duration", description = "A connection ends after so long")
    private Duration maxConnectionAge = Duration.ofMinutes(5);
    @UriParam(defaultValue = "15s", javaType = "java.time.Duration", description = "An idle connection ends after so long")
    private Duration maxIdle = Duration.ofSeconds(15);
    @UriParam(defaultValue = "60s", javaType = "java.time.Duration",
              description = "How long a mail waits when all connections are taken")
    private Duration maxWait = Duration.ofSeconds(60);
    @UriParam(description = "The name said in EHLO; this machine's name by default")
    private String localName;
    @UriParam(label = "advanced", description = "Keywords of EHLO, with commas between, that are taken as not said by a server "
            + "that does not keep to them, as with Postfix's smtp_discard_ehlo_keywords")
    private String discardEhlo;
    @UriParam(label = "advanced", description = "Asks a server that offers DSN (RFC 3461) for no report about the mail, "
            + "neither bounce nor receipt, whatever becomes of it: for copies, whose senders know nothing of this server")
    private boolean notifyNever;
    @UriParam(label = "advanced", description = "Gives a mail to those of its recipients whom the server takes, in as many "
            + "transactions as it wants; the failure then says who has it. Otherwise all get it, or nobody: for a server "
            + "whose answer somebody waits for")
    private boolean partialDelivery;
    @UriParam(label = "advanced", description = "Asks the server about the recipients of the exchange's envelope, with MAIL, RCPT and RSET, "
            + "and sends no mail. The answers are the property CamelSmtpRecipientAnswers")
    private boolean callout;
    @UriParam(label = "advanced", defaultValue = "OFF", description = "How a server that offers it is told whom a mail comes "
            + "from: XFORWARD, for its log; XCLIENT, as if the client had connected itself, so that it judges the client")
    private IdentityCommand clientIdentity = IdentityCommand.OFF;

    @UriParam(description = "The backup of relay.destination_backups that this endpoint delivers to, by the name of its queue: what "
            + "is not said here is as the settings say for that backup")
    private String backup;

    private boolean composes;
    private volatile DestinationWatch watch;
    private final String destination;
    private final SharedPool pool = new SharedPool(this);

    public DeliveryEndpoint(String uri, MailComponent component, MailConfiguration configuration) {
        super(uri, component, configuration);
        destination = new HostPort(configuration.getHost(), configuration.getPort()).toString();
    }

    @Override
    public DeliveryComponent getComponent() {
        return (DeliveryComponent) super.getComponent();
    }

    @Override
    public Producer createProducer() throws Exception {
        new SessionProperties(this).applyTo(getConfiguration());
        return super.createProducer();
    }

    @Override
    public Producer createProducer(JavaMailSender stockSender) {
        return new DeliveryProducer(this, stockSender);
    }

    /**
     * To be called once all options are set, and before a producer is made.
     *
     * @throws IllegalArgumentException for options that are wrong or contradict each other
     */
    void check() {
        tls = getTls(); // for good: what is read here is also written, for camel-mail's own sender
        timeLimits();
        require(maxConnections >= 1, "maxConnections", maxConnections);
        require(maxMessagesPerConnection >= 1, "maxMessagesPerConnection", maxMessagesPerConnection);
        require(maxConnectionAge.toMillis() >= 1, "maxConnectionAge", maxConnectionAge);
        require(maxIdle.toMillis() >= 1, "maxIdle", maxIdle);
        require(!maxWait.isNegative(), "maxWait", maxWait);
        require(localName == null || localName.matches("[\\x21-\\x7e]+"), "localName", localName);
        require(discarded().stream().allMatch(keyword -> keyword.matches("[A-Z0-9][A-Z0-9-]*")), "discardEhlo", discardEhlo);
        require(tls != TlsMode.REQUIRED || !discarded().contains("STARTTLS"), "discardEhlo with tls=required", discardEhlo);
        require(!callout || !composes, "to, cc, bcc or subject with callout", callout);
        require(!isSmtps() || getTls() == TlsMode.IMPLICIT, "tls of smtps", tls);
    }

    /** The connections that all producers of this endpoint share. */
    SharedPool pool() {
        return pool;
    }

    /** As the options have it now. */
    ConnectionPool newPool() throws Exception {
        ConnectionPool made = new ConnectionPool(new SessionProperties(this).destination(), new ConnectionPool.Limits(
                maxConnections, maxMessagesPerConnection, maxConnectionAge, maxIdle, maxWait), watch()::opened);
        if (!callout) { // or what mails learn would be hidden
            watch().learnsFrom(made::recipients);
        }
        return made;
    }

    @Override
    protected void doStop() throws Exception {
        pool.closeForClients();
        super.doStop();
    }

    @Override
    public Optional<Extensions> extensions() {
        return pool.forClients().extensions();
    }

    @Override
    public Conversation begin(Envelope mail, long size, ClientIdentity client) {
        CheckedMail conversation = new CheckedMail(pool.forClients(), new Failures(getDestination()), watch(), mail, client, size);
        conversation.begin();
        return conversation;
    }

    /**
     * Breaks off what is being delivered, and fails what comes after it, until the endpoint is stopped: for a stop that
     * cannot wait for a server that hangs.
     */
    public void cut() {
        watch().stop();
        pool.cut();
    }

    /** What is known of the server, which the metrics show from now on when there are any. */
    DestinationWatch watch() {
        if (watch == null) {
            watch = getComponent().getDestinations().of(getDestination());
        }
        if (!watch.isCounted()) {
            MeterRegistry meters = getCamelContext().getRegistry().findSingleByType(MeterRegistry.class);
            if (meters != null) {
                watch.bindTo(meters); // may be there only after the routes have started
            }
        }
        return watch;
    }

    /** Host and port, as log and metrics show them. */
    String getDestination() {
        return destination;
    }

    /** Whether the options are those of a letter of our own, so that a mail that comes by is what it tells of, not what it is. */
    boolean composes() {
        return composes;
    }

    void setComposes(boolean composes) {
        this.composes = composes;
    }

    /** In upper case. */
    Set<String> discarded() {
        return discardEhlo == null || discardEhlo.isBlank()
                ? Set.of() : Set.copyOf(Arrays.asList(discardEhlo.strip().toUpperCase(Locale.ROOT).split("[,\\s]+")));
    }

    /**
     * What the options say about time.
     *
     * @throws IllegalArgumentException when that is no time to wait
     */
    TimeLimits timeLimits() {
        return TimeLimits.of(timeout, connectTimeout, commandTimeout, dataTimeout, contentTimeout, dotTimeout);
    }

    private boolean isSmtps() {
        return "smtps".equals(getConfiguration().getProtocol());
    }

    private static void require(boolean holds, String option, Object value) {
        if (!holds) {
            throw new IllegalArgumentException("not allowed for " + option + ": " + value);
        }
    }

    /**
     * How connections are protected. When not set: implicit for smtps, required when mail.smtp.starttls.required is
     * true, offered otherwise.
     */
    public TlsMode getTls() {
        if (tls != null) {
            return tls;
        }
        if (isSmtps()) {
            return TlsMode.IMPLICIT;
        }
        return "true".equals(getConfiguration().getAdditionalJavaMailProperties().get("mail.smtp.starttls.required"))
                ? TlsMode.REQUIRED : TlsMode.OFFERED;
    }

    public void setTls(TlsMode tls) {
        this.tls = tls;
    }

    public Duration getTimeout() {
        return timeout;
    }

    public void setTimeout(Duration timeout) {
        this.timeout = timeout;
    }

    public Duration getConnectTimeout() {
        return connectTimeout;
    }

    public void setConnectTimeout(Duration connectTimeout) {
        this.connectTimeout = connectTimeout;
    }

    public Duration getCommandTimeout() {
        return commandTimeout;
    }

    public void setCommandTimeout(Duration commandTimeout) {
        this.commandTimeout = commandTimeout;
    }

    public Duration getDataTimeout() {
        return dataTimeout;
    }

    public void setDataTimeout(Duration dataTimeout) {
        this.dataTimeout = dataTimeout;
    }

    public Duration getContentTimeout() {
        return contentTimeout;
    }

    public void setContentTimeout(Duration contentTimeout) {
        this.contentTimeout = contentTimeout;
    }

    public Duration getDotTimeout() {
        return dotTimeout;
    }

    public void setDotTimeout(Duration dotTimeout) {
        this.dotTimeout = dotTimeout;
    }

    public int getMaxConnections() {
        return maxConnections;
    }

    public void setMaxConnections(int maxConnections) {
        this.maxConnections = maxConnections;
    }

    public int getMaxMessagesPerConnection() {
        return maxMessagesPerConnection;
    }

    public void setMaxMessagesPerConnection(int maxMessagesPerConnection) {
        this.maxMessagesPerConnection = maxMessagesPerConnection;
    }

    public Duration getMaxConnectionAge() {
        return maxConnectionAge;
    }

    public void setMaxConnectionAge(Duration maxConnectionAge) {
        this.maxConnectionAge = maxConnectionAge;
    }

    public Duration getMaxIdle() {
        return maxIdle;
    }

    public void setMaxIdle(Duration maxIdle) {
        this.maxIdle = maxIdle;
    }

    public Duration getMaxWait() {
        return maxWait;
    }

    public void setMaxWait(Duration maxWait) {
        this.maxWait = maxWait;
    }

    public String getLocalName() {
        return localName;
    }

    public void setLocalName(String localName) {
        this.localName = localName;
    }

    public String getDiscardEhlo() {
        return discardEhlo;
    }

    public void setDiscardEhlo(String discardEhlo) {
        this.discardEhlo = discardEhlo;
    }

    public String getBackup() {
        return backup;
    }

    public void setBackup(String backup) {
        this.backup = backup;
    }

    public IdentityCommand getClientIdentity() {
        return clientIdentity;
    }

    public void setClientIdentity(IdentityCommand clientIdentity) {
        this.clientIdentity = clientIdentity;
    }

    public boolean isCallout() {
        return callout;
    }

    public void setCallout(boolean callout) {
        this.callout = callout;
    }

    public boolean isNotifyNever() {
        return notifyNever;
    }

    public void setNotifyNever(boolean notifyNever) {
        this.notifyNever = notifyNever;
    }

    public boolean isPartialDelivery() {
        return partialDelivery;
    }

    public void setPartialDelivery(boolean partialDelivery) {
        this.partialDelivery = partialDelivery;
    }
}
