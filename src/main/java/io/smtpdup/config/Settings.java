package io.smtpdup.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

import io.smtpdup.message.BareNewline;
import io.smtpdup.net.ClientNetworks;
import io.smtpdup.net.HostPort;
import io.smtpdup.net.TlsMode;
import org.apache.camel.util.TimeUtils;
import org.slf4j.event.Level;

/** The whole configuration, checked: what is in here can be used without a second look. Immutable. */
public final class Settings {

    private final Path workingDirectory;
    private final Map<Key, String> values;
    private final Destination primary;
    private final List<Destination> backups;
    private final ClientNetworks clients;
    private final Map<String, String> own;
    private final List<String> warnings;
    private final List<String> unknown;

    /** @param values the canonical value of every key that has one, except for the destinations */
    Settings(Path workingDirectory, Map<Key, String> values, Destination primary, List<Destination> backups,
            Map<String, String> own, List<String> warnings, List<String> unknown) {
        this.workingDirectory = workingDirectory;
        this.values = Map.copyOf(values);
        this.primary = primary;
        this.backups = List.copyOf(backups);
        this.clients = ClientNetworks.parse(values.get(Key.SMTP_CLIENTS));
        this.own = Map.copyOf(own);
        this.warnings = List.copyOf(warnings);
        this.unknown = List.copyOf(unknown);
    }

    /** As {@link #load(Path, Map, Map)}, without overrides. */
    public static Settings load(Path workingDirectory, Map<String, String> environment) {
        return load(workingDirectory, environment, Map.of());
    }

    /**
     * Reads the environment, {@code application.properties} and {@code config.yaml}, and checks all of it.
     *
     * @param workingDirectory where the files are looked for, and what relative paths start from
     * @param environment usually {@link System#getenv()}
     * @param overrides wins over every other source; keys and values as in {@code application.properties}
     * @throws ConfigurationException with everything that is wrong
     */
    public static Settings load(Path workingDirectory, Map<String, String> environment, Map<String, String> overrides) {
        return new SettingsLoader(workingDirectory, SettingsLoader.SYSTEM_FILE, environment, overrides).load();
    }

    /** Where clients connect; the host is {@code 0.0.0.0} for all interfaces of IPv4 and IPv6, the port 0 for any. */
    public HostPort listen() {
        return HostPort.parse(values.get(Key.SMTP_LISTEN));
    }

    public String domain() {
        return values.get(Key.SMTP_DOMAIN);
    }

    public ClientNetworks clients() {
        return clients;
    }

    /** In octets. */
    public int maxSize() {
        return number(Key.SMTP_MAX_SIZE);
    }

    public int maxConnections() {
        return number(Key.SMTP_MAX_CONNECTIONS);
    }

    /** 0 is no limit of its own. */
    public int maxConnectionsPerClient() {
        return number(Key.SMTP_MAX_CONNECTIONS_PER_CLIENT);
    }

    public int maxRecipients() {
        return number(Key.SMTP_MAX_RECIPIENTS);
    }

    public Duration commandTimeout() {
        return seconds(Key.SMTP_COMMAND_TIMEOUT_SECONDS);
    }

    public Duration dataTimeout() {
        return seconds(Key.SMTP_DATA_TIMEOUT_SECONDS);
    }

    public BareNewline bareNewline() {
        return BareNewline.valueOf(word(Key.SMTP_BARE_NEWLINE));
    }

    public int hopLimit() {
        return number(Key.SMTP_HOP_LIMIT);
    }

    /** A readable file; empty when STARTTLS is not offered. */
    public Optional<Path> tlsCertificate() {
        return path(Key.SMTP_TLS_CERTIFICATE);
    }

    /** A readable file; empty exactly when there is no {@link #tlsCertificate()}. */
    public Optional<Path> tlsKey() {
        return path(Key.SMTP_TLS_KEY);
    }

    public Destination primary() {
        return primary;
    }

    /** In the order of the configuration, no two with the same address; may be empty. */
    public List<Destination> backups() {
        return backups;
    }

    /** What a destination gets that says nothing itself; it is already in {@link #primary()} and {@link #backups()}. */
    public TlsMode relayTls() {
        return TlsMode.valueOf(word(Key.RELAY_TLS));
    }

    /** To one destination; never 0. */
    public int relayMaxConnections() {
        return number(Key.RELAY_MAX_CONNECTIONS) == 0 ? maxConnections() : number(Key.RELAY_MAX_CONNECTIONS);
    }

    public int relayMaxMessagesPerConnection() {
        return number(Key.RELAY_MAX_MESSAGES_PER_CONNECTION);
    }

    public Duration relayMaxConnectionAge() {
        return seconds(Key.RELAY_MAX_CONNECTION_AGE_SECONDS);
    }

    public Duration relayMaxIdle() {
        return seconds(Key.RELAY_MAX_IDLE_SECONDS);
    }

    /** Deliveries at a time to this backup. */
    public int concurrency(Destination backup) {
        return backup.limits().concurrency().orElseGet(() -> number(Key.RELAY_BACKUP_CONCURRENCY));
    }

    /** Connections at a time to this backup; never 0. */
    public int connections(Destination backup) {
        int connections = backup.limits().connections().orElseGet(() -> number(Key.RELAY_BACKUP_CONNECTIONS));
        return connections == 0 ? concurrency(backup) : connections;
    }

    /** Mails a minute for this backup; 0 is no limit. */
    public int rate(Destination backup) {
        return backup.limits().rate().orElseGet(() -> number(Key.RELAY_BACKUP_RATE));
    }

    /** Recipients a second that a backup is asked about without a mail; never 0. */
    public int checkRate() {
        return number(Key.RELAY_BACKUP_CHECK_RATE);
    }

    /** How old a copy for this backup may get. */
    public Duration retryFor(Destination backup) {
        return TimeUtils.toDuration(backup.limits().retryFor().orElseGet(() -> values.get(Key.RELAY_RETRY_FOR)));
    }

    /** The pause after a copy was deferred for the first time. */
    public Duration retryFirst() {
        return TimeUtils.toDuration(values.get(Key.RELAY_RETRY_FIRST));
    }

    /** The longest pause of a copy that was deferred. */
    public Duration retryLongest() {
        return TimeUtils.toDuration(values.get(Key.RELAY_RETRY_LONGEST));
    }

    /** The pause before the first try of a backup that is away. */
    public Duration probeFirst() {
        return TimeUtils.toDuration(values.get(Key.RELAY_PROBE_FIRST));
    }

    /** The longest such pause. */
    public Duration probeLongest() {
        return TimeUtils.toDuration(values.get(Key.RELAY_PROBE_LONGEST));
    }

    /** What this server announces in EHLO and counts as not said, keywords with commas between; empty for none. */
    public String discardEhlo(Destination server) {
        return server.equals(primary) ? values.getOrDefault(Key.RELAY_PRIMARY_DISCARD_EHLO, "") : server.limits().discardEhlo().orElse("");
    }

    public boolean isBackupNotifyNever() {
        return Boolean.parseBoolean(values.get(Key.RELAY_BACKUP_NOTIFY_NEVER));
    }

    /** Whether this backup is asked about recipients that the primary refuses. */
    public boolean checksRefused(Destination backup) {
        return backup.limits().checkRefused().orElseGet(() -> Boolean.parseBoolean(values.get(Key.RELAY_BACKUP_CHECK_REFUSED)));
    }

    /** Whether servers that offer it are told of each client as if it had connected itself, so that they judge it and not us. */
    public boolean presentsClients() {
        return word(Key.RELAY_CLIENT_IDENTITY).equals("XCLIENT");
    }

    /** How long after a switch of primary and backup somebody should watch. */
    public Duration bakeTime() {
        return TimeUtils.toDuration(values.get(Key.RELAY_BAKE_TIME));
    }

    /** Need not exist yet. */
    public Path spoolDirectory() {
        return path(Key.SPOOL_DIRECTORY).orElseThrow();
    }

    /** In octets. */
    public long spoolMinFree() {
        return number(Key.SPOOL_MIN_FREE);
    }

    /** Whether a mail whose copies cannot be kept must not begin. */
    public boolean spoolRequired() {
        return Boolean.parseBoolean(values.get(Key.SPOOL_REQUIRED));
    }

    /** An Artemis elsewhere, as its client writes it; empty for a broker in this process. May have secrets in it. */
    public Optional<String> brokerUrl() {
        return Optional.ofNullable(values.get(Key.SPOOL_BROKER_URL));
    }

    /** Empty exactly when there is no {@link #brokerPassword()}. */
    public Optional<String> brokerUser() {
        return Optional.ofNullable(values.get(Key.SPOOL_BROKER_USER));
    }

    /** Never to be shown. */
    public Optional<String> brokerPassword() {
        return Optional.ofNullable(values.get(Key.SPOOL_BROKER_PASSWORD));
    }

    /** Whether the routes are checked for what a key like {@link Key#ROUTES_CHECK_TAP} says. */
    public boolean isChecked(Key check) {
        return Boolean.parseBoolean(values.get(check));
    }

    public String managementHost() {
        return values.get(Key.MANAGEMENT_HOST);
    }

    /** 0 for any. */
    public int managementPort() {
        return number(Key.MANAGEMENT_PORT);
    }

    /** Empty when the tools ask for none. */
    public Optional<String> managementToken() {
        return Optional.ofNullable(values.get(Key.MANAGEMENT_TOKEN));
    }

    public int managementMaxConnections() {
        return number(Key.MANAGEMENT_MAX_CONNECTIONS);
    }

    public Duration managementTimeout() {
        return seconds(Key.MANAGEMENT_TIMEOUT_SECONDS);
    }

    /** How many of the latest mails are remembered; 0 for none. */
    public int managementTraces() {
        return number(Key.MANAGEMENT_TRACES);
    }

    /** Rules for differences that are expected; the file need not exist. */
    public Optional<Path> agreementExpected() {
        return path(Key.AGREEMENT_EXPECTED);
    }

    /** More lines for the table of replies; the file need not exist. */
    public Optional<Path> agreementReplies() {
        return path(Key.AGREEMENT_REPLIES);
    }

    /** What the other keys of {@code agreement.} say. */
    public KeyValues agreement() {
        return new KeyValues(values);
    }

    public LogFormat logFormat() {
        return LogFormat.valueOf(word(Key.LOG_FORMAT));
    }

    public Level logLevel() {
        return Level.valueOf(word(Key.LOG_LEVEL));
    }

    /** What is odd but does not stop the start, one line each; to be logged. */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * What looks like a setting and is none, a slip of the pen most likely, one line each: a check fails with it; a start,
     * which may be long after the check, only says so.
     */
    public List<String> unknown() {
        return unknown;
    }

    /** What routes reach as {@code {{key}}}, in the form {@link RouteProperties} gives it; a new object at each call. */
    public Properties toProperties() {
        return RouteProperties.of(this, values, own);
    }

    /** What is in force, for people, with nothing secret in it. */
    public ShownSettings shown() {
        return ShownSettings.of(this, values, own.size());
    }

    /** These, with what a relay that runs with others has to keep until its next start: {@link Key#needsRestart}. */
    public Settings forRunning(Settings running) {
        return new Settings(workingDirectory, SettingsChanges.merged(values, running.values), primary, backups, own, warnings, unknown);
    }

    Optional<String> value(Key key) {
        return Optional.ofNullable(values.get(key));
    }

    Map<String, String> own() {
        return own;
    }

    private int number(Key key) {
        return Integer.parseInt(values.get(key));
    }

    private Duration seconds(Key key) {
        return Duration.ofSeconds(number(key));
    }

    private String word(Key key) {
        return values.get(key).toUpperCase(Locale.ROOT);
    }

    private Optional<Path> path(Key key) {
        return Optional.ofNullable(values.get(key))
                .map(value -> workingDirectory.resolve(value).toAbsolutePath().normalize());
    }
}
