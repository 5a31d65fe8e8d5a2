package io.smtpdup.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.smtpdup.backup.SelectedCopies;
import io.smtpdup.backup.Verdicts;
import io.smtpdup.config.Destination;
import io.smtpdup.config.Key;
import io.smtpdup.config.Settings;
import io.smtpdup.message.OptionDefaults;
import io.smtpdup.server.Admission;
import io.smtpdup.server.Arrivals;
import io.smtpdup.spool.QueueNames;
import org.apache.camel.support.jsse.SSLContextParameters;

/**
 * The settings as options of the components, so that no route has to hand them on: a key is the option of the same name,
 * {@code smtp.max_errors} is {@code maxErrors} of smtp-server, and {@code relay.max_idle_seconds} is {@code maxIdle} of smtp.
 */
final class ComponentOptions {

    /** The address is said in the URI, and the certificate is a bean. */
    private static final Set<Key> NO_OPTIONS = Set.of(Key.SMTP_LISTEN, Key.SMTP_TLS_CERTIFICATE, Key.SMTP_TLS_KEY);

    private static final List<Key> OF_ALL_SERVERS = List.of(Key.RELAY_TIMEOUT_SECONDS, Key.RELAY_CONNECT_TIMEOUT_SECONDS,
            Key.RELAY_COMMAND_TIMEOUT_SECONDS, Key.RELAY_DATA_TIMEOUT_SECONDS, Key.RELAY_CONTENT_TIMEOUT_SECONDS,
            Key.RELAY_DOT_TIMEOUT_SECONDS, Key.RELAY_MAX_MESSAGES_PER_CONNECTION, Key.RELAY_MAX_CONNECTION_AGE_SECONDS,
            Key.RELAY_MAX_IDLE_SECONDS);

    private static final String SECONDS = "_seconds";

    private final Settings settings;

    private final Verdicts verdicts;

    private final Properties values;

    private final OptionDefaults servers;

    private final OptionDefaults queues = new OptionDefaults(Map.of());

    private final List<SelectedCopies> selected = new ArrayList<>();

    /** @param verdicts hears of recipients whose copies the settings leave out */
    ComponentOptions(Settings settings, Verdicts verdicts) {
        this.settings = settings;
        this.verdicts = verdicts;
        values = settings.toProperties();
        servers = new OptionDefaults(options(OF_ALL_SERVERS.stream()));
        servers.set(settings.primary().address(), destination(settings.primary(), settings.relayMaxConnections()));
    }

    /** What each server is to the relay, by host and port: primary or backup. */
    static Map<String, String> roles(Settings settings) {
        Map<String, String> roles = new HashMap<>();
        settings.backups().forEach(backup -> roles.put(backup.address(), "backup"));
        roles.put(settings.primary().address(), "primary");
        return roles;
    }

    /**
     * Adds a backup.
     *
     * @param name of its queue, without what all of them begin with, and of the option {@code backup}
     */
    void add(String name, Destination server) {
        Map<String, Object> options = destination(server, settings.connections(server));
        options.put("partialDelivery", true);
        options.put("notifyNever", settings.isBackupNotifyNever());
        servers.set(name, options);
        Map<String, Object> ofQueue = new HashMap<>(Map.of("concurrentConsumers", settings.concurrency(server)));
        if (!server.limits().selection().isAll()) {
            SelectedCopies part = new SelectedCopies(server, verdicts);
            selected.add(part);
            ofQueue.put("filter", part);
        }
        queues.set(QueueNames.WAITING + name, ofQueue);
    }

    /** Of smtp-server; {@code certificate} is null without STARTTLS. */
    OptionDefaults ofListeners(Admission admission, Arrivals arrivals, SSLContextParameters certificate) {
        Map<String, Object> options = options(Arrays.stream(Key.values())
                .filter(key -> key.text().startsWith("smtp.") && !NO_OPTIONS.contains(key)));
        options.put("admission", admission);
        options.put("arrivals", arrivals);
        if (certificate != null) {
            options.put("sslContextParameters", certificate);
        }
        return new OptionDefaults(options);
    }

    /** Of smtp and smtps, for all of them, and by {@code host:port} of the primary and names of backups. */
    OptionDefaults ofServers() {
        return servers;
    }

    /** Of those backups that do not get everything. */
    List<SelectedCopies> selected() {
        return selected;
    }

    /** Of spool, by names of queues. */
    OptionDefaults ofQueues() {
        return queues;
    }

    private Map<String, Object> destination(Destination server, int connections) {
        Map<String, Object> options = options(Stream.of(Key.RELAY_CLIENT_IDENTITY));
        options.put("localName", settings.domain());
        options.put("tls", server.tls());
        options.put("authenticator", new Credentials(server));
        options.put("discardEhlo", settings.discardEhlo(server));
        options.put("maxConnections", connections);
        return options;
    }

    private Map<String, Object> options(Stream<Key> keys) {
        Map<String, Object> options = new HashMap<>();
        keys.forEach(key -> options.put(option(key), values.getProperty(key.text()) + (isSeconds(key) ? "s" : "")));
        return options;
    }

    /** The name of the option that a key is. */
    static String option(Key key) {
        String name = key.text().substring(key.text().indexOf('.') + 1);
        return Pattern.compile("_(.)").matcher(isSeconds(key) ? name.substring(0, name.length() - SECONDS.length()) : name)
                .replaceAll(found -> found.group(1).toUpperCase(Locale.ROOT));
    }

    private static boolean isSeconds(Key key) {
        return key.text().endsWith(SECONDS);
    }
}
