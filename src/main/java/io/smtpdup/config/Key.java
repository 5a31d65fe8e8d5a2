package io.smtpdup.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import io.smtpdup.net.HostPort;

/** Every key of the configuration, in the order in which the documents show them. */
public enum Key {

    SMTP_LISTEN("smtp.listen", "127.0.0.1:2525", Rule.listen(),
            "Address and port that clients connect to; with port 0 the system picks a free one."),
    SMTP_PROTOCOL("smtp.protocol", "smtp", Rule.oneOf("smtp", "lmtp"),
            "What clients speak; with lmtp (RFC 2033) each recipient of a mail gets its own reply."),
    SMTP_DOMAIN("smtp.domain", "localhost", Rule.domain(),
            "The relay's name in its greeting, in EHLO and in the Received field."),
    SMTP_CLIENTS("smtp.clients", "127.0.0.0/8,::1/128", Rule.network(),
            "Networks whose clients may send; everybody else is refused."),
    SMTP_TRUSTED_RELAYS("smtp.trusted_relays", null, Rule.network(),
            "Networks of relays and proxies that may say which client they speak for: XCLIENT, XFORWARD and PROXY headers."),
    SMTP_PROXY_PROTOCOL("smtp.proxy_protocol", "false", Rule.oneOf("true", "false"),
            "Whether every connection must begin with a PROXY protocol header from one of smtp.trusted_relays."),
    SMTP_MAX_SIZE("smtp.max_size", "52428800", Rule.number(1024, Integer.MAX_VALUE),
            "Largest message accepted, in octets."),
    SMTP_MAX_CONNECTIONS("smtp.max_connections", "256", Rule.number(1, 65_535),
            "Simultaneous connections of all clients together."),
    SMTP_MAX_CONNECTIONS_PER_CLIENT("smtp.max_connections_per_client", "0", Rule.number(0, 65_535),
            "Simultaneous connections from one client address; 0 means no separate limit."),
    SMTP_MAX_RECIPIENTS("smtp.max_recipients", "1000", Rule.number(1, 100_000),
            "Recipients of one message; RFC 5321 section 4.5.3.1.8 asks for at least 100."),
    SMTP_MAX_ERRORS("smtp.max_errors", "20", Rule.number(0, 1_000_000),
            "Errors a client may make between two mails; with one more it is disconnected; 0 means no limit."),
    SMTP_MAX_EMPTY_COMMANDS("smtp.max_empty_commands", "100", Rule.number(0, 1_000_000),
            "Commands between two mails that bring no mail nearer, like NOOP; with one more the client is disconnected; 0 means no limit."),
    SMTP_MAX_REFUSALS("smtp.max_refusals", "1000", Rule.number(0, 1_000_000),
            "Refusals by the primary that a client may hear between two mails; with one more it is disconnected; 0 means no limit."),
    SMTP_COMMAND_TIMEOUT_SECONDS("smtp.command_timeout_seconds", "300", Rule.number(1, 86_400),
            "Seconds a client may take until its next command or the next part of its message."),
    SMTP_DATA_TIMEOUT_SECONDS("smtp.data_timeout_seconds", "900", Rule.number(1, 86_400),
            "Seconds the whole transfer of one message may take."),
    SMTP_BARE_NEWLINE("smtp.bare_newline", "reject", Rule.oneOf("reject", "normalize"),
            "What happens to a message with a bare CR or LF: it is refused, or each one becomes CRLF."),
    SMTP_HOP_LIMIT("smtp.hop_limit", "50", Rule.number(1, 1000),
            "Received fields a message may have; with more it is taken to be in a loop and refused."),
    SMTP_TLS_CERTIFICATE("smtp.tls_certificate", null, Rule.path("the path of a readable PEM file"),
            "Certificate chain for STARTTLS, a PEM file; without it STARTTLS is not offered."),
    SMTP_TLS_KEY("smtp.tls_key", null, Rule.path("the path of a readable PEM file"),
            "Private key for smtp.tls_certificate, a PEM file; set both or neither."),

    RELAY_DESTINATION_PRIMARY("relay.destination_primary", null, Rule.primary(),
            "The server in production, whose answer every client gets; required."),
    RELAY_DESTINATION_BACKUPS("relay.destination_backups", null, Rule.backup(),
            "The servers that get a copy of every mail: a list, empty by default."),
    RELAY_TIMEOUT_SECONDS("relay.timeout_seconds", null, Rule.number(1, 3600),
            "Seconds for each of the next three keys that is not set; never used for the content and the final dot."),
    RELAY_CONNECT_TIMEOUT_SECONDS("relay.connect_timeout_seconds", null, Rule.number(1, 3600),
            "Seconds a destination may take to accept a connection, and for a TLS handshake; 30 if neither key is set."),
    RELAY_COMMAND_TIMEOUT_SECONDS("relay.command_timeout_seconds", null, Rule.number(1, 3600),
            "Seconds a destination may take for its greeting and for the reply to a command; 300 if neither key is set."),
    RELAY_DATA_TIMEOUT_SECONDS("relay.data_timeout_seconds", null, Rule.number(1, 3600),
            "Seconds a destination may take for the reply to DATA; 120 if neither key is set."),
    RELAY_CONTENT_TIMEOUT_SECONDS("relay.content_timeout_seconds", "180", Rule.number(1, 3600),
            "Seconds a destination may take to read each block of a message."),
    RELAY_DOT_TIMEOUT_SECONDS("relay.dot_timeout_seconds", "600", Rule.number(1, 86_400),
            "Seconds a destination may take for the reply to the final dot; too few cause duplicates."),
    RELAY_CLIENT_IDENTITY("relay.client_identity", "off", Rule.oneOf("off", "xforward", "xclient"),
            "How destinations that offer it are told which client a mail comes from."),
    RELAY_PRIMARY_DISCARD_EHLO("relay.primary_discard_ehlo", null, Rule.keywords(),
            "EHLO keywords of the primary that the relay ignores because they do not work."),
    RELAY_TLS("relay.tls", "offered", Rule.oneOf("off", "offered", "required"),
            "TLS towards destinations without a tls option of their own: never, if offered, or no mail without it."),
    RELAY_MAX_CONNECTIONS("relay.max_connections", "0", Rule.number(0, 65_535),
            "Simultaneous connections to one destination; 0 means as many as smtp.max_connections."),
    RELAY_MAX_MESSAGES_PER_CONNECTION("relay.max_messages_per_connection", "100", Rule.number(1, 1_000_000),
            "Messages after which a connection to a destination is closed."),
    RELAY_MAX_CONNECTION_AGE_SECONDS("relay.max_connection_age_seconds", "300", Rule.number(1, 86_400),
            "Seconds after which a connection to a destination takes no further message."),
    RELAY_MAX_IDLE_SECONDS("relay.max_idle_seconds", "15", Rule.number(1, 86_400),
            "Seconds an unused connection to a destination stays open."),
    RELAY_BACKUP_CONCURRENCY("relay.backup_concurrency", "4", Rule.number(1, 1000),
            "Simultaneous deliveries to each backup."),
    RELAY_BACKUP_CONNECTIONS("relay.backup_connections", "0", Rule.number(0, 1000),
            "Simultaneous connections to each backup; 0 means as many as it has deliveries."),
    RELAY_BACKUP_RATE("relay.backup_rate", "0", Rule.number(0, 1_000_000),
            "Most mails per minute for each backup; 0 means no limit."),
    RELAY_PROBE_FIRST("relay.probe_first", "1s", Rule.duration(),
            "How long after a backup became unreachable one copy is tried again; doubles with each failure."),
    RELAY_PROBE_LONGEST("relay.probe_longest", "5m", Rule.duration(),
            "The longest such pause."),
    RELAY_RETRY_FIRST("relay.retry_first", "1m", Rule.duration(),
            "How long after a backup deferred a copy that copy is tried again; doubles with each failure."),
    RELAY_RETRY_LONGEST("relay.retry_longest", "4h", Rule.duration(),
            "The longest such pause."),
    RELAY_RETRY_FOR("relay.retry_for", "5d", Rule.duration(),
            "How old a copy may get; an older one becomes a dead letter when it fails again."),
    RELAY_BACKUP_NOTIFY_NEVER("relay.backup_notify_never", "true", Rule.oneOf("true", "false"),
            "Whether backups that offer DSN are asked never to send a bounce or receipt for a copy."),
    RELAY_BACKUP_CHECK_RATE("relay.backup_check_rate", "10", Rule.number(1, 1000),
            "Most recipients per second that each backup is asked about, without a mail."),
    RELAY_BACKUP_CHECK_REFUSED("relay.backup_check_refused", "false", Rule.oneOf("true", "false"),
            "Whether backups are asked about recipients that the primary refuses; they are sent no mail for it."),
    RELAY_BAKE_TIME("relay.bake_time", "7d", Rule.duration(),
            "How long after a cutover the relay watches whether to go back."),

    SPOOL_DIRECTORY("spool.directory", "spool", Rule.path("the path of a directory, which is created if missing"),
            "Directory for waiting copies and for messages too large for memory; relative to the working directory."),
    SPOOL_MIN_FREE("spool.min_free", "33554432", Rule.number(1_048_576, Integer.MAX_VALUE),
            "Octets to keep free on the disk of spool.directory, but never more than a quarter of it."),
    SPOOL_REQUIRED("spool.required", "false", Rule.oneOf("true", "false"),
            "Whether clients hear 452 at MAIL when copies could not be stored, instead of the primary getting the mail alone."),
    SPOOL_BROKER_URL("spool.broker_url", null, Rule.broker(),
            "An external Artemis broker that keeps the copies; without it, a broker inside this process does."),
    SPOOL_BROKER_USER("spool.broker_user", null, Rule.text("a user name"),
            "User name for the broker of spool.broker_url."),
    SPOOL_BROKER_PASSWORD("spool.broker_password", null, Rule.text("a password"),
            "Password of spool.broker_user; set both or neither."),

    ROUTES_CHECK_TAP("routes.check_tap", "true", Rule.oneOf("true", "false"),
            "Whether the start refuses routes in which a mail that the primary took may never get to the backups."),
    ROUTES_CHECK_ERROR_HANDLER("routes.check_error_handler", "true", Rule.oneOf("true", "false"),
            "Whether the start refuses routes in which a failure at the primary does not get to the client."),
    ROUTES_CHECK_COPIES("routes.check_copies", "true", Rule.oneOf("true", "false"),
            "Whether the start refuses routes in which copies may be lost unnoticed."),
    ROUTES_CHECK_WAITING("routes.check_waiting", "true", Rule.oneOf("true", "false"),
            "Whether the start refuses routes in which a step holds up the copies of all mails."),
    ROUTES_CHECK_HANDLED("routes.check_handled", "true", Rule.oneOf("true", "false"),
            "Whether the start refuses routes in which a copy that was not delivered is gone."),

    MANAGEMENT_HOST("management.host", "127.0.0.1", Rule.host(),
            "Address on which health, metrics and the queue tools are served."),
    MANAGEMENT_PORT("management.port", "9876", Rule.number(0, HostPort.MAX_PORT),
            "Port on which health, metrics and the queue tools are served; with 0 the system picks a free one."),
    MANAGEMENT_TOKEN("management.token", null, Rule.secret(),
            "Secret required by the queue tools; without one, only users of this machine can use them."),
    MANAGEMENT_MAX_CONNECTIONS("management.max_connections", "100", Rule.number(4, 10_000),
            "Simultaneous connections to the management port; beyond that, those idle longest without a request are closed."),
    MANAGEMENT_TIMEOUT_SECONDS("management.timeout_seconds", "30", Rule.number(1, 3600),
            "Seconds a connection to the management port may take for a request, and for each further part of a mail."),
    MANAGEMENT_TRACES("management.traces", "10000", Rule.number(0, 1_000_000),
            "How many of the latest mails are remembered, in memory and with their addresses, for the command trace; 0 means none."),

    AGREEMENT_ENABLED("agreement.enabled", "true", Rule.oneOf("true", "false"),
            "Whether what the primary and each backup say about a mail is compared, for the command agreement."),
    AGREEMENT_ADDRESSES("agreement.addresses", "hashed", Rule.oneOf("plain", "hashed", "none"),
            "How the addresses of what was compared are kept: as they are, as a hash with a key of this installation, or not at all."),
    AGREEMENT_RETAIN("agreement.retain", "30d",
            Rule.duration("a time like 36h or 30d, from 1d to 60d", Duration.ofDays(1), Duration.ofDays(60)),
            "How long a comparison counts and is kept."),
    AGREEMENT_EXPECTED("agreement.expected", null, Rule.path(Rule.FILE_TO_COME),
            "A file with rules for differences that you expect, which then do not count against a backup."),
    AGREEMENT_REPLIES("agreement.replies", null, Rule.path(Rule.FILE_TO_COME),
            "A file with lines of your own for the table that says what a server's reply is about."),
    AGREEMENT_WINDOW("agreement.window", "7d", Rule.duration(),
            "How long the comparison must have gone on before a backup is ready."),
    AGREEMENT_DAYS("agreement.days", null, Rule.number(0, 60),
            "On how many days of it something must have been compared; five of each seven days of agreement.window if not set."),
    AGREEMENT_MONDAY("agreement.monday", "true", Rule.oneOf("true", "false"),
            "Whether a Monday must be part of it."),
    AGREEMENT_BOUND_PERCENT("agreement.bound_percent", "1", Rule.percent(),
            "The highest rate of differences, with 95 % confidence and over recipients and days, at which a backup is ready."),
    AGREEMENT_COVERAGE_PERCENT("agreement.coverage_percent", "90", Rule.percent(),
            "The share of the mailboxes known from the primary that must have been compared."),
    AGREEMENT_UNSEEN_PERCENT("agreement.unseen_percent", "5", Rule.percent(),
            "The highest chance that the next mail goes to a mailbox that was not seen yet."),
    AGREEMENT_JUDGEMENT_PERCENT("agreement.judgement_percent", "0.5", Rule.percent(),
            "The highest rate of mails that only one of the servers refuses for its content or its sender, each direction on its own."),
    AGREEMENT_INCOMPARABLE_PERCENT("agreement.incomparable_percent", "5", Rule.percent(),
            "The highest share of what could not be compared."),
    AGREEMENT_AWAY("agreement.away", "24h", Rule.duration(),
            "How long the backup may have been away, altogether."),
    AGREEMENT_OLDEST_OPEN("agreement.oldest_open", "24h", Rule.duration(),
            "How old the oldest copy that still waits for the backup may be."),

    LOG_FORMAT("log.format", "text", Rule.oneOf("text", "json"),
            "Format of a log line: text for people, or json, one object per line."),
    LOG_LEVEL("log.level", "INFO", Rule.oneOf("TRACE", "DEBUG", "INFO", "WARN", "ERROR"),
            "How much is logged; each level includes the ones after it.");

    static final String PRIMARY_TLS = "relay.primary.tls";

    /** Keys {@link Settings#toProperties()} adds, which nobody may set. */
    static final List<String> DERIVED = List.of(PRIMARY_TLS);

    static final String DERIVED_PROBLEM = "cannot be set: it derives from relay.destination_primary";

    private static final List<String> PREFIXES = List.of("smtp.", "relay.", "spool.", "routes.check_", "management.", "agreement.", "log.");

    static final String VARIABLE_PREFIX = "SMTP_DUP_";

    private final String text;
    private final String defaultValue;
    private final Rule rule;
    private final String meaning;

    Key(String text, String defaultValue, Rule rule, String meaning) {
        this.text = text;
        this.defaultValue = defaultValue;
        this.rule = rule;
        this.meaning = meaning;
    }

    /** The key as an operator writes it, for example {@code smtp.listen}. */
    public String text() {
        return text;
    }

    /** The value when nobody set the key; empty when it then has none. */
    public Optional<String> defaultValue() {
        return Optional.ofNullable(defaultValue);
    }

    /** What the key does, in one sentence, with the unit. */
    public String meaning() {
        return meaning;
    }

    /** The values the key accepts, as they follow on "must be". */
    public String allowed() {
        return rule.allowed();
    }

    Rule rule() {
        return rule;
    }

    /** The environment variable of the key, for example {@code SMTP_DUP_SMTP_LISTEN}. */
    public String variable() {
        return VARIABLE_PREFIX + text.toUpperCase(Locale.ROOT).replace('.', '_');
    }

    /**
     * Checks a value, for a list key one element of it.
     *
     * @return its canonical form
     * @throws IllegalArgumentException when it is not allowed; the message, perhaps empty, says what is wrong with it
     */
    public String check(String value) {
        return rule.canonical().apply(value);
    }

    /** True when the value is a list. */
    public boolean isList() {
        return this == SMTP_CLIENTS || this == SMTP_TRUSTED_RELAYS || this == RELAY_DESTINATION_BACKUPS;
    }

    /** True when the value, or a part of it, is nothing that a route, a log or an error may show. */
    boolean isSecret() {
        return this == SPOOL_BROKER_URL || this == SPOOL_BROKER_USER || this == SPOOL_BROKER_PASSWORD
                || this == MANAGEMENT_TOKEN;
    }

    /** True when a reload cannot change it: it is about what stays while everything else is read anew. */
    public boolean needsRestart() {
        return this == SMTP_LISTEN || text.startsWith("spool.") && this != SPOOL_REQUIRED
                || text.startsWith("management.") && this != MANAGEMENT_TOKEN || text.startsWith("agreement.") || this == LOG_FORMAT;
    }

    /** True when the value, or each element of it, is a {@link Destination}. */
    boolean isDestination() {
        return this == RELAY_DESTINATION_PRIMARY || this == RELAY_DESTINATION_BACKUPS;
    }

    /** The key of that text, which is case-sensitive; empty when there is none. */
    static Optional<Key> of(String text) {
        return Arrays.stream(values()).filter(key -> key.text.equals(text)).findFirst();
    }

    static boolean hasOurPrefix(String text) {
        return PREFIXES.stream().anyMatch(prefix -> text.regionMatches(true, 0, prefix, 0, prefix.length()));
    }
}
