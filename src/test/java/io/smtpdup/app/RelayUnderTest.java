package io.smtpdup.app;

import static org.awaitility.Awaitility.await;

import org.apache.camel.support.DefaultMessage;
import org.apache.camel.Message;
import io.smtpdup.spool.Selection;
import io.smtpdup.spool.CopyQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.smtpdup.config.Settings;
import io.smtpdup.server.Listeners;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.tools.ReloadResult;

/**
 * The whole relay in this process, with the repository's own routes in a directory of its own, between a scripted primary
 * and scripted backups. Order: {@link #withBackups}, then {@link #set} as often as wanted, then {@link #start}.
 */
final class RelayUnderTest implements AutoCloseable {

    private final Map<String, String> settings = new LinkedHashMap<>();

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final List<ScriptedSmtpServer> backups = new ArrayList<>();

    private final Path directory;

    /** Which of the directory's files names primary and backups; null for none. */
    private String file;

    private Relay relay;

    private RelayUnderTest(int backupCount) {
        for (int i = 0; i < backupCount; i++) {
            backups.add(ScriptedSmtpServer.start());
        }
        try {
            directory = Files.createTempDirectory("relay");
            copyRoutes(Path.of("routes"), directory.resolve("routes"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        set("smtp.listen", "127.0.0.1:0");
        set("management.port", "0");
        // Longer than any server here needs, on a busy machine too; a test whose server says nothing sets its own.
        set("relay.timeout_seconds", "600");
        set("relay.dot_timeout_seconds", "600");
        set("relay.retry_first", "1s");
    }

    static RelayUnderTest withBackups(int count) {
        return new RelayUnderTest(count);
    }

    RelayUnderTest set(String key, String value) {
        settings.put(key, value);
        return this;
    }

    /** Puts a file of examples/ in the place of one of routes/. */
    RelayUnderTest route(String name, Path example) {
        try {
            Files.copy(example, directory.resolve("routes").resolve(name), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Puts a file beside those of routes/, or in the place of one. */
    RelayUnderTest write(String name, String text) {
        try {
            Files.writeString(directory.resolve("routes").resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Has one of routes/ say something else. */
    RelayUnderTest edit(String name, String text, String instead) {
        Path file = directory.resolve("routes").resolve(name);
        try {
            String route = Files.readString(file);
            if (!route.contains(text)) {
                throw new IllegalArgumentException(name + " does not say " + text);
            }
            Files.writeString(file, route.replace(text, instead));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Has primary and backups stand in {@code application.properties} or {@code config.yaml}, where a switch finds them. */
    RelayUnderTest namedIn(String propertiesOrYaml) {
        file = propertiesOrYaml;
        return this;
    }

    private void nameServers() {
        String all = String.join(",", backups.stream().map(ScriptedSmtpServer::address).toList());
        if (file == null) {
            settings.putIfAbsent("relay.destination_primary", primary.address());
            settings.putIfAbsent("relay.destination_backups", all);
        } else if (!Files.exists(directory.resolve(file))) {
            String lines = file.endsWith(".yaml") ? "relay.destination_primary: '%s'\nrelay.destination_backups: '%s'\n"
                    : "# the servers\nrelay.destination_primary=%s\nrelay.destination_backups=%s\n";
            try {
                Files.writeString(directory.resolve(file), String.format(lines, primary.address(), all));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    RelayUnderTest start() {
        nameServers();
        relay = new Relay(directory, Settings.load(directory, Map.of(), settings), true,
                () -> Settings.load(directory, Map.of(), settings), new Listeners());
        relay.start();
        return this;
    }

    /** As {@code smtp-duplicator reload}, after {@link #set} and changes of the routes. */
    ReloadResult reload() {
        return relay.reload("a test");
    }

    /** Stops the relay; its directory, spool and all, stays for another {@link #start}. */
    void stop() {
        relay.stop();
    }

    ScriptedSmtpServer primary() {
        return primary;
    }

    ScriptedSmtpServer backup(int number) {
        return backups.get(number - 1);
    }

    List<ScriptedSmtpServer> backups() {
        return backups;
    }

    Path directory() {
        return directory;
    }

    Relay relay() {
        return relay;
    }

    /** A client that has said EHLO. */
    SmtpDialogue client() {
        SmtpDialogue client = SmtpDialogue.connect(relay.port());
        client.expect("220");
        client.say("EHLO client.example", "250");
        return client;
    }

    /** Sends one mail as a client of its own and returns the reply to its content. */
    String send(String mailParameters, List<String> recipients, byte[] message, String expectation) {
        try (SmtpDialogue client = client()) {
            return send(client, mailParameters, recipients, message, expectation);
        }
    }

    static String send(
            SmtpDialogue client, String mailParameters, List<String> recipients, byte[] message, String expectation) {
        client.say("MAIL FROM:" + mailParameters, "250");
        recipients.forEach(recipient -> client.say("RCPT TO:<" + recipient + ">", "250"));
        client.data(message);
        return client.expect(expectation);
    }

    /** Waits for a copy among the dead letters of a backup, and reads the first with its content in memory. */
    Message deadLetter(String backup) {
        CopyQueue dead = new CopyQueue(relay.spool(), relay.context(), "dead." + backup);
        List<String> keys = new ArrayList<>();
        await().until(() -> {
            dead.browse(Selection.ALL, copy -> keys.add(copy.key()));
            return !keys.isEmpty();
        });
        return dead.read(keys.get(0), mail -> {
            Message copy = new DefaultMessage(relay.context());
            copy.setHeaders(mail.getHeaders());
            copy.setBody(mail.getBody(byte[].class));
            return copy;
        }).orElseThrow();
    }

    private static void copyRoutes(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName().toString()));
            }
        }
    }

    @Override
    public void close() {
        if (relay != null) {
            relay.stop();
        }
        primary.close();
        backups.forEach(ScriptedSmtpServer::close);
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(java.io.File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
