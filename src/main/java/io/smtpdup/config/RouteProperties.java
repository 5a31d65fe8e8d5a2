package io.smtpdup.config;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * Writes settings the way routes read them: every key with its value in canonical form, empty when it has none, and the
 * operator's own keys. Paths are absolute, destinations are {@code host:port}, and {@code relay.max_connections} is never
 * 0; a time limit that has no value is 0, which is the destination's own default. {@code relay.primary.tls} derives from {@code relay.destination_primary}. Credentials are not among them.
 */
final class RouteProperties {

    private static final List<Key> TIME_LIMITS = List.of(Key.RELAY_TIMEOUT_SECONDS, Key.RELAY_CONNECT_TIMEOUT_SECONDS,
            Key.RELAY_COMMAND_TIMEOUT_SECONDS, Key.RELAY_DATA_TIMEOUT_SECONDS);

    private RouteProperties() {
    }

    static Properties of(Settings settings, Map<Key, String> values, Map<String, String> own) {
        Properties properties = new Properties();
        properties.putAll(own);
        for (Key key : Key.values()) {
            if (!key.isSecret()) {
                properties.setProperty(key.text(), values.getOrDefault(key, ""));
            }
        }
        TIME_LIMITS.forEach(key -> properties.setProperty(key.text(), values.getOrDefault(key, "0")));
        settings.tlsCertificate().ifPresent(path -> properties.setProperty(Key.SMTP_TLS_CERTIFICATE.text(), path.toString()));
        settings.tlsKey().ifPresent(path -> properties.setProperty(Key.SMTP_TLS_KEY.text(), path.toString()));
        settings.agreementExpected().ifPresent(path -> properties.setProperty(Key.AGREEMENT_EXPECTED.text(), path.toString()));
        settings.agreementReplies().ifPresent(path -> properties.setProperty(Key.AGREEMENT_REPLIES.text(), path.toString()));
        properties.setProperty(Key.SPOOL_DIRECTORY.text(), settings.spoolDirectory().toString());
        properties.setProperty(Key.RELAY_MAX_CONNECTIONS.text(), Integer.toString(settings.relayMaxConnections()));
        Destination primary = settings.primary();
        properties.setProperty(Key.RELAY_DESTINATION_PRIMARY.text(), primary.address());
        properties.setProperty(Key.RELAY_DESTINATION_BACKUPS.text(),
                settings.backups().stream().map(Destination::address).collect(Collectors.joining(",")));
        properties.setProperty(Key.PRIMARY_TLS, primary.tls().word());
        return properties;
    }
}
