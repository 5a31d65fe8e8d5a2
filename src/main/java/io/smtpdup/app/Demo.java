package io.smtpdup.app;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

import io.smtpdup.config.Settings;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ExitCode;

/** Shows what the relay does without any mail server: the relay as it would run, and the three servers around it. */
final class Demo {

    private final Path directory;

    private final Map<String, String> environment;

    private final PrintStream out = System.out;

    Demo(Path directory, Map<String, String> environment) {
        this.directory = directory;
        this.environment = environment;
    }

    /** Runs until the process is asked to end. */
    int run() throws Exception {
        // The demo's log is as quiet or loud as the operator's own, whose primary it does not need.
        Settings plain = Settings.load(directory, environment, Map.of("relay.destination_primary", "127.0.0.1:1",
                "relay.destination_backups", ""));
        LogSetup.apply(plain);
        LogSetup.neverWait();
        Path spool = Files.createTempDirectory("smtp-duplicator-demo");
        try (DemoServers servers = new DemoServers(out)) {
            Settings settings = Settings.load(directory, environment, Map.of(
                    "relay.destination_primary", servers.address("primary"),
                    "relay.destination_backups", servers.address("backup-1") + "," + servers.address("backup-2"),
                    "spool.directory", spool.toString()));
            try (Relay relay = new Relay(directory, settings, true)) {
                relay.endOnSignal(() -> remove(spool));
                relay.start();
                introduce(servers, relay.port());
                relay.awaitEnd();
            }
        } finally {
            remove(spool);
        }
        return ExitCode.OK;
    }

    static void remove(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            LoggerFactory.getLogger(Demo.class).debug("the demo's spool {} stays", directory, e);
        }
    }

    private void introduce(DemoServers servers, int port) {
        out.printf("%nThis is a demo: nothing leaves this process.%n%n  relay     127.0.0.1:%d%n", port);
        for (String name : DemoServers.NAMES) {
            out.printf("  %-9s %s%n", name, servers.address(name));
        }
        out.printf("""

                Send a first mail from another terminal, with one of

                  swaks --server 127.0.0.1:%1$d --from me@example.com --to you@example.com

                  curl smtp://127.0.0.1:%1$d --mail-from me@example.com --mail-rcpt you@example.com \\
                       --crlf -T - <<< $'Subject: hello\\n\\nHello, three servers.'

                and see it arrive here three times. Ctrl-C ends the demo.
                """, port);
    }
}
