package io.smtpdup.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.smtpdup.config.Key;
import io.smtpdup.config.Settings;
import io.smtpdup.delivery.DeliveryEndpoint;
import io.smtpdup.net.TlsMode;
import io.smtpdup.server.SmtpServerConfiguration;
import io.smtpdup.server.SmtpServerEndpoint;
import io.smtpdup.spool.SpoolEndpoint;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What an operator sets is what the components do, whatever the routes hand on, and what a route says itself wins. */
class ComponentOptionsTest {

    private static final String PRIMARY = "old.example:25";

    @TempDir
    private Path directory;

    private Relay relay;

    @AfterEach
    void stop() {
        if (relay != null) {
            relay.close();
        }
    }

    @Test
    void givesEachKeyOfTheListenerToTheListener() throws Exception {
        Map<String, String> values = new TreeMap<>(Map.of("smtp.protocol", "lmtp", "smtp.domain", "relay.example",
                "smtp.clients", "192.0.2.0/24", "smtp.trusted_relays", "192.0.2.1/32", "smtp.proxy_protocol", "true",
                "smtp.bare_newline", "normalize"));
        int number = 2000;
        for (Key key : ofTheListener().toList()) {
            values.putIfAbsent(key.text(), key == Key.SMTP_HOP_LIMIT ? "77" : String.valueOf(number++));
        }

        SmtpServerConfiguration options = listener(start("routes", values));

        for (Key key : ofTheListener().toList()) {
            String option = ComponentOptions.option(key);
            Object value = Arrays.stream(SmtpServerConfiguration.class.getMethods())
                    .filter(method -> method.getName().equalsIgnoreCase("get" + option)
                            || method.getName().equalsIgnoreCase("is" + option))
                    .findFirst().orElseThrow(() -> new AssertionError("smtp-server has no option " + option)).invoke(options);
            assertThat(value.toString().toLowerCase()).as(key.text())
                    .isEqualTo(values.get(key.text()) + (key.text().endsWith("_seconds") ? "000" : ""));
        }
        assertThat(options.getAdmission()).isNotNull();
    }

    private static Stream<Key> ofTheListener() {
        return Arrays.stream(Key.values()).filter(key -> key.text().startsWith("smtp."))
                .filter(key -> key != Key.SMTP_LISTEN && key != Key.SMTP_TLS_CERTIFICATE && key != Key.SMTP_TLS_KEY);
    }

    @Test
    void treatsEachServerAsTheSettingsSay() throws Exception {
        CamelContext context = start("routes", Map.of(
                "smtp.domain", "relay.example", "relay.destination_primary", "smtps://me:secret@old.example:465",
                "relay.destination_backups", "new.example:25?concurrency=7&connections=3&discard_ehlo=CHUNKING,other.example:26?tls=required",
                "relay.client_identity", "xforward", "relay.primary_discard_ehlo", "DSN", "relay.max_connections", "9",
                "relay.command_timeout_seconds", "41", "relay.content_timeout_seconds", "42", "relay.dot_timeout_seconds", "43",
                "relay.backup_notify_never", "false"));

        assertThat(server(context, "old.example:465")).satisfies(primary -> {
            assertThat(primary.getTls()).isEqualTo(TlsMode.IMPLICIT);
            assertThat(primary.getConfiguration().getPasswordAuthentication().getUserName()).isEqualTo("me");
            assertThat(primary.getDiscardEhlo()).isEqualTo("DSN");
            assertThat(primary.getMaxConnections()).isEqualTo(9);
            assertThat(primary.isPartialDelivery()).isFalse();
        });
        assertThat(server(context, "new.example:25")).satisfies(backup -> {
            assertThat(backup.getTls()).isEqualTo(TlsMode.OFFERED);
            assertThat(backup.getConfiguration().getPasswordAuthentication().getUserName()).isNull();
            assertThat(backup.getDiscardEhlo()).isEqualTo("CHUNKING");
            assertThat(backup.getMaxConnections()).isEqualTo(3);
            assertThat(backup.isPartialDelivery()).isTrue();
            assertThat(backup.isNotifyNever()).isFalse();
        });
        assertThat(server(context, "other.example:26").getTls()).isEqualTo(TlsMode.REQUIRED);
        assertThat(servers(context)).hasSize(3).allSatisfy(server -> {
            assertThat(server.getLocalName()).isEqualTo("relay.example");
            assertThat(server.getClientIdentity()).hasToString("XFORWARD");
            assertThat(server.getCommandTimeout()).isEqualTo(Duration.ofSeconds(41));
            assertThat(server.getContentTimeout()).isEqualTo(Duration.ofSeconds(42));
            assertThat(server.getDotTimeout()).isEqualTo(Duration.ofSeconds(43));
        });
        assertThat(context.getEndpoint("spool:backup.new.example-25", SpoolEndpoint.class).getConcurrentConsumers()).isEqualTo(7);
    }

    @Test
    void leavesTheLastWordToTheRoute() throws Exception {
        Path routes = Files.createDirectories(directory.resolve("routes"));
        copy("routes", routes);
        edit(routes.resolve("10-relay.camel.yaml"), "recipientCheck:", "maxErrors: 3\n        recipientCheck:");
        edit(routes.resolve("30-backup.camel.yaml"), "backup: \"{{name}}\"",
                "backup: \"{{name}}\"\n                maxIdle: 5s\n                tls: \"off\"");

        CamelContext context = start(null, Map.of("relay.destination_backups", "new.example:25?tls=required",
                "relay.max_idle_seconds", "44", "smtp.max_errors", "50"));

        assertThat(listener(context).getMaxErrors()).isEqualTo(3);
        assertThat(server(context, "new.example:25").getMaxIdle()).isEqualTo(Duration.ofSeconds(5));
        assertThat(server(context, "new.example:25").getTls()).isEqualTo(TlsMode.OFF);
    }

    /** A key that is newer than the operator's files works with them too. */
    @ParameterizedTest
    @ValueSource(strings = {"maxErrors", "maxRefusals", "hopLimit", "dataTimeout", "dotTimeout", "maxIdle", "discardEhlo"})
    void obeysAKeyThatTheRoutesOfAnEarlierVersionDoNotKnow(String option) throws Exception {
        Path routes = Files.createDirectories(directory.resolve("routes"));
        copy("src/test/resources/earlier-routes", routes);
        for (String file : List.of("10-relay", "30-backup")) {
            Path route = routes.resolve(file + ".camel.yaml");
            Files.writeString(route, Files.readString(route).replaceAll("\n *" + option + ": [^\n]*", ""));
        }

        CamelContext context = start(null, Map.of("smtp.max_errors", "31", "smtp.max_refusals", "32", "smtp.hop_limit", "33",
                "smtp.data_timeout_seconds", "34", "relay.dot_timeout_seconds", "35", "relay.max_idle_seconds", "36",
                "relay.primary_discard_ehlo", "DSN", "relay.destination_backups", "new.example:25"));

        assertThat(listener(context)).satisfies(options -> {
            assertThat(options.getMaxErrors()).isEqualTo(31);
            assertThat(options.getMaxRefusals()).isEqualTo(32);
            assertThat(options.getHopLimit()).isEqualTo(33);
            assertThat(options.getDataTimeout()).isEqualTo(34_000);
        });
        assertThat(servers(context)).hasSize(2).allSatisfy(server -> {
            assertThat(server.getDotTimeout()).isEqualTo(Duration.ofSeconds(35));
            assertThat(server.getMaxIdle()).isEqualTo(Duration.ofSeconds(36));
        });
        assertThat(server(context, PRIMARY).getDiscardEhlo()).isEqualTo("DSN");
    }

    private CamelContext start(String routes, Map<String, String> settings) throws IOException {
        if (routes != null) {
            copy(routes, Files.createDirectories(directory.resolve("routes")));
        }
        Map<String, String> all = new TreeMap<>(settings);
        all.putIfAbsent("relay.destination_primary", PRIMARY);
        relay = new Relay(directory, Settings.load(directory, Map.of(), all), false);
        relay.start();
        return relay.context();
    }

    private static void copy(String from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(from))) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName().toString()));
            }
        }
    }

    private static void edit(Path file, String text, String instead) throws IOException {
        String route = Files.readString(file);
        assertThat(route).contains(text);
        Files.writeString(file, route.replace(text, instead));
    }

    private static SmtpServerConfiguration listener(CamelContext context) {
        return context.getEndpoints().stream().filter(SmtpServerEndpoint.class::isInstance)
                .map(endpoint -> ((SmtpServerEndpoint) endpoint).getConfiguration()).findFirst().orElseThrow();
    }

    private static List<DeliveryEndpoint> servers(CamelContext context) {
        return context.getEndpoints().stream().filter(DeliveryEndpoint.class::isInstance).map(DeliveryEndpoint.class::cast).toList();
    }

    private static DeliveryEndpoint server(CamelContext context, String address) {
        return servers(context).stream().filter(server -> (server.getConfiguration().getHost() + ":"
                + server.getConfiguration().getPort()).equals(address)).findFirst().orElseThrow();
    }
}
