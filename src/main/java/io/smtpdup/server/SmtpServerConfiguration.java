package io.smtpdup.server;

import java.time.Duration;

import io.smtpdup.message.BareNewline;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.jsse.SSLContextParameters;

/** The options of an {@code smtp-server} endpoint. Times are in milliseconds, or texts such as {@code 5m}. */
@UriParams
public class SmtpServerConfiguration implements Cloneable {

    @UriPath(description = "The address or host name to listen on; an IPv6 address in brackets; empty for all interfaces")
    private String host;

    @UriPath(description = "The port to listen on; 0 lets the system choose one")
    @Metadata(required = true)
    private int port;

    @UriParam(defaultValue = "SMTP")
    private Protocol protocol = Protocol.SMTP;

    @UriParam(defaultValue = "127.0.0.0/8,::1/128")
    private String clients = "127.0.0.0/8,::1/128";

    @UriParam(defaultValue = "localhost")
    private String domain = "localhost";

    @UriParam(defaultValue = "52428800")
    private int maxSize = 52_428_800;

    @UriParam(defaultValue = "1000")
    private int maxRecipients = 1000;

    @UriParam(defaultValue = "256")
    private int maxConnections = 256;

    @UriParam(defaultValue = "0")
    private int maxConnectionsPerClient;

    @UriParam(defaultValue = "300000", label = "advanced", javaType = "java.time.Duration")
    private long commandTimeout = 300_000;

    @UriParam(defaultValue = "900000", label = "advanced", javaType = "java.time.Duration")
    private long dataTimeout = 900_000;

    @UriParam(defaultValue = "20000", label = "advanced", javaType = "java.time.Duration")
    private long drainTimeout = 20_000;

    @UriParam(defaultValue = "20", label = "security")
    private int maxErrors = 20;

    @UriParam(defaultValue = "100", label = "security")
    private int maxEmptyCommands = 100;

    @UriParam(defaultValue = "1000", label = "security")
    private int maxRefusals = 1000;

    @UriParam(defaultValue = "50", label = "advanced")
    private int hopLimit = 50;

    @UriParam(defaultValue = "REJECT", label = "advanced")
    private BareNewline bareNewline = BareNewline.REJECT;

    @UriParam(defaultValue = "true", label = "advanced")
    private boolean mailLog = true;

    @UriParam(label = "advanced")
    private Admission admission;

    @UriParam
    private String recipientCheck;

    @UriParam(label = "security")
    private String trustedRelays = "";

    @UriParam(label = "security")
    private boolean proxyProtocol;

    @UriParam(label = "security")
    private SSLContextParameters sslContextParameters;

    /** A copy, so that endpoints do not share options. */
    public SmtpServerConfiguration copy() {
        try {
            return (SmtpServerConfiguration) clone();
        } catch (CloneNotSupportedException e) {
            throw new RuntimeCamelException(e);
        }
    }

    Duration commandTimeout() {
        return Duration.ofMillis(commandTimeout);
    }

    Duration dataTimeout() {
        return Duration.ofMillis(dataTimeout);
    }

    Duration drainTimeout() {
        return Duration.ofMillis(drainTimeout);
    }

    public String getHost() {
        return host;
    }

    public void setHost(String host) {
        this.host = host;
    }

    public int getPort() {
        return port;
    }

    public void setPort(int port) {
        this.port = port;
    }

    public Protocol getProtocol() {
        return protocol;
    }

    /** SMTP, or LMTP (RFC 2033): the client says LHLO, and hears one reply for each recipient after the content. */
    public void setProtocol(Protocol protocol) {
        this.protocol = protocol;
    }

    boolean isLmtp() {
        return protocol == Protocol.LMTP;
    }

    public String getClients() {
        return clients;
    }

    /**
     * The networks whose clients may connect, as CIDR blocks or addresses, IPv4 or IPv6, separated by commas. Anybody
     * else hears 554 5.7.1 and is disconnected.
     */
    public void setClients(String clients) {
        this.clients = clients;
    }

    public String getDomain() {
        return domain;
    }

    /** The name this server goes by: in its greeting, in its reply to EHLO, and in the Received field it adds. */
    public void setDomain(String domain) {
        this.domain = domain;
    }

    public int getMaxSize() {
        return maxSize;
    }

    /** The largest message accepted, in octets. Announced with SIZE and enforced on the octets that arrive (552 5.3.4). */
    public void setMaxSize(int maxSize) {
        this.maxSize = maxSize;
    }

    public int getMaxRecipients() {
        return maxRecipients;
    }

    /** The most recipients of one mail; each further one hears 452 4.5.3. RFC 5321 wants at least 100. */
    public void setMaxRecipients(int maxRecipients) {
        this.maxRecipients = maxRecipients;
    }

    public int getMaxConnections() {
        return maxConnections;
    }

    /** The most connections at a time; each further one hears 421 4.3.2. */
    public void setMaxConnections(int maxConnections) {
        this.maxConnections = maxConnections;
    }

    public int getMaxConnectionsPerClient() {
        return maxConnectionsPerClient;
    }

    /** The most connections at a time from one address; each further one hears 421 4.7.0. 0 means no limit of its own. */
    public void setMaxConnectionsPerClient(int maxConnectionsPerClient) {
        this.maxConnectionsPerClient = maxConnectionsPerClient;
    }

    public long getCommandTimeout() {
        return commandTimeout;
    }

    /**
     * How long a client may take for one command, how long it may be silent within a message, and how long it may take
     * to read a reply.
     */
    public void setCommandTimeout(long commandTimeout) {
        this.commandTimeout = commandTimeout;
    }

    public long getDataTimeout() {
        return dataTimeout;
    }

    /** How long a client may take to transfer the whole of one message. */
    public void setDataTimeout(long dataTimeout) {
        this.dataTimeout = dataTimeout;
    }

    public long getDrainTimeout() {
        return drainTimeout;
    }

    /**
     * How long a stop waits for mails being received or answered. Clients in between mails are sent away with 421 at
     * once.
     */
    public void setDrainTimeout(long drainTimeout) {
        this.drainTimeout = drainTimeout;
    }

    public int getMaxErrors() {
        return maxErrors;
    }

    /**
     * The most errors of one client between two mails, commands that are answered 5xx here; after one more it hears 421 4.7.0
     * and the connection is closed. 0 means no limit.
     */
    public void setMaxErrors(int maxErrors) {
        this.maxErrors = maxErrors;
    }

    public int getMaxEmptyCommands() {
        return maxEmptyCommands;
    }

    /**
     * The most commands of one client between two mails that bring no mail nearer: NOOP, RSET, VRFY, HELP, and EHLO or HELO
     * again; after one more it hears 421 4.7.0 and the connection is closed. 0 means no limit.
     */
    public void setMaxEmptyCommands(int maxEmptyCommands) {
        this.maxEmptyCommands = maxEmptyCommands;
    }

    public int getMaxRefusals() {
        return maxRefusals;
    }

    /**
     * The most negative replies of the next server's that one client may hear between two mails, to MAIL, RCPT, DATA or
     * the content; after one more it hears 421 4.7.0 and the connection is closed. 0 means no limit.
     */
    public void setMaxRefusals(int maxRefusals) {
        this.maxRefusals = maxRefusals;
    }

    public int getHopLimit() {
        return hopLimit;
    }

    /**
     * The most Received fields a message may bring along; with more it is taken to be in a loop and refused with 554
     * 5.4.6.
     */
    public void setHopLimit(int hopLimit) {
        this.hopLimit = hopLimit;
    }

    public BareNewline getBareNewline() {
        return bareNewline;
    }

    /**
     * What becomes of a message with a CR or LF by itself, which the next server might take for the end of the message: it
     * is refused with 550 5.6.11 (reject), or each of them becomes CR LF (normalize).
     */
    public void setBareNewline(BareNewline bareNewline) {
        this.bareNewline = bareNewline;
    }

    public boolean isMailLog() {
        return mailLog;
    }

    /** Whether the logger named mail gets a line for each mail that is accepted, rejected, or never comes to its end. */
    public void setMailLog(boolean mailLog) {
        this.mailLog = mailLog;
    }

    public Admission getAdmission() {
        return admission;
    }

    /** Who is asked at MAIL whether a mail may begin, and gives the reply when it may not. Without one every mail may. */
    public void setAdmission(Admission admission) {
        this.admission = admission;
    }

    public String getRecipientCheck() {
        return recipientCheck;
    }

    /**
     * The smtp endpoint whose server answers MAIL and each RCPT while the client waits, for example smtp:mail.example.com:25.
     * Without parameters it means the step of this route that sends to that server, with that step's parameters. The name of
     * a bean that is an io.smtpdup.message.NextHop may stand here as well. Without this option recipients are accepted here.
     */
    public void setRecipientCheck(String recipientCheck) {
        this.recipientCheck = recipientCheck;
    }

    public String getTrustedRelays() {
        return trustedRelays;
    }

    /**
     * The networks of the relays and proxies that may say for whom they speak, as for clients: with XCLIENT and XFORWARD, which
     * are announced to them alone, and with a PROXY header. Without it nobody may.
     */
    public void setTrustedRelays(String trustedRelays) {
        this.trustedRelays = trustedRelays;
    }

    public boolean isProxyProtocol() {
        return proxyProtocol;
    }

    /**
     * Whether every connection must begin with a PROXY protocol header, version 1 or 2, from one of trustedRelays. The client
     * that it names must be one of clients.
     */
    public void setProxyProtocol(boolean proxyProtocol) {
        this.proxyProtocol = proxyProtocol;
    }

    public SSLContextParameters getSslContextParameters() {
        return sslContextParameters;
    }

    /** The key and certificate to offer STARTTLS with. Without it STARTTLS is not offered. */
    public void setSslContextParameters(SSLContextParameters sslContextParameters) {
        this.sslContextParameters = sslContextParameters;
    }
}
