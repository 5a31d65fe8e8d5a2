package io.smtpdup.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;

import io.smtpdup.agreement.AgreementSettings;
import io.smtpdup.command.Commands;
import io.smtpdup.config.ConfigurationException;
import io.smtpdup.config.Settings;
import io.smtpdup.ops.Emergency;
import io.smtpdup.ops.HeapWatch;
import io.smtpdup.server.Listeners;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/** The program: reads the settings, then runs the relay, the demo, or the check. */
@Command(
        name = "smtp-duplicator",
        versionProvider = SmtpDuplicator.Version.class,
        sortOptions = false,
        usageHelpWidth = 120,
        description = {
            "Relays every mail to a primary server, whose answer the client hears, and gives a copy to every backup.",
            "Without a command it runs the relay; the commands inspect and control the running one.",
            ""
        },
        footer = {
            "",
            "Run it in a directory with routes/ and application.properties (or gosmtp-dup's config.yaml). The only",
            "setting without a default is relay.destination_primary; it can also come from the environment:",
            "",
            "  SMTP_DUP_RELAY_DESTINATION_PRIMARY=mail.example.com:25 java -jar smtp-duplicator.jar",
            "",
            "Exit status: 0 after a clean stop (SIGTERM drains), 1 if it cannot start or a check or command fails, 2 for wrong",
            "usage, 3 if memory has run out."
        })
public final class SmtpDuplicator implements Callable<Integer> {

    @Option(names = "--check", description = "Check the settings and every route file, report what is wrong, and exit.")
    private boolean check;

    @Option(names = "--demo", description = "Run with a primary and two backups in this process; no mail server needed.")
    private boolean demo;

    /** For bin/smtp-duplicator --archive. */
    @Option(names = "--train", hidden = true)
    private boolean train;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help and exit.")
    @SuppressWarnings("unused") // read by picocli
    private boolean help;

    @Option(names = {"-V", "--version"}, versionHelp = true, description = "Show the version and exit.")
    @SuppressWarnings("unused") // read by picocli
    private boolean version;

    /** What bin/smtp-duplicator sets when the routes and settings are not where it was called. */
    private static final String DIRECTORY = "smtpdup.directory";

    private final Path directory;

    private final Map<String, String> environment;

    SmtpDuplicator(Path directory, Map<String, String> environment) {
        this.directory = directory;
        this.environment = environment;
    }

    public static void main(String[] arguments) {
        Emergency.arm();
        HeapWatch.start();
        Path here = Path.of("").toAbsolutePath();
        Path directory = here.resolve(System.getProperty(DIRECTORY, "")).normalize();
        SmtpDuplicator program = new SmtpDuplicator(directory, System.getenv());
        CommandLine commands = new CommandLine(program);
        Commands.addTo(commands, here, program.directory, program.environment);
        int status = run(commands, arguments);
        if (LogSetup.flush()) {
            System.out.flush(); // otherwise the log's thread has it, in a write that does not end
        }
        if (status != ExitCode.OK) {
            // Everything is closed, and a hook that drains a relay would end with its own status.
            Runtime.getRuntime().halt(status);
        }
    }

    private static int run(CommandLine commands, String[] arguments) {
        try {
            return commands.execute(arguments);
        } catch (Throwable e) {
            Emergency.consider(e);
            System.err.println("smtp-duplicator: cannot go on: " + e);
            return ExitCode.SOFTWARE;
        }
    }

    @Override
    public Integer call() throws Exception {
        if (check && demo) {
            System.err.println("--check and --demo cannot be combined");
            return ExitCode.USAGE;
        }
        try {
            if (train) {
                return Training.run();
            }
            return demo ? new Demo(directory, environment).run() : load(Settings.load(directory, environment));
        } catch (ConfigurationException e) {
            LogSetup.flush();
            e.problems().forEach(SmtpDuplicator::complain);
        } catch (StartException e) {
            LogSetup.flush();
            System.err.println("smtp-duplicator: cannot start: " + e.getMessage());
            LoggerFactory.getLogger(SmtpDuplicator.class).debug("stack trace", e);
        }
        return ExitCode.SOFTWARE;
    }

    private int load(Settings settings) throws Exception {
        LogSetup.apply(settings);
        Logger log = LoggerFactory.getLogger(SmtpDuplicator.class);
        settings.warnings().forEach(log::warn);
        settings.unknown().forEach(check ? SmtpDuplicator::complain : log::warn);
        List<String> wrongRules = check ? AgreementSettings.of(settings).problems() : List.of();
        wrongRules.forEach(SmtpDuplicator::complain);
        try (Relay relay = new Relay(directory, settings, !check, () -> Settings.load(directory, environment), listeners())) {
            if (!check) {
                LogSetup.neverWait();
                relay.endOnSignal(() -> { });
                ReloadSignal.listen(relay::reload);
            }
            relay.start();
            if (check && !(settings.unknown().isEmpty() && wrongRules.isEmpty())) {
                return ExitCode.SOFTWARE;
            }
            if (check) {
                System.out.println("settings and routes are valid");
                return ExitCode.OK;
            }
            log.info("primary {}, backups {}", settings.primary(), settings.backups());
            relay.awaitEnd();
        }
        return ExitCode.OK;
    }

    /** With the socket that a service manager has started the process with, where it has. */
    private Listeners listeners() {
        try {
            return !check && System.inheritedChannel() instanceof ServerSocketChannel socket ? new Listeners(socket) : new Listeners();
        } catch (IOException | RuntimeException e) {
            LoggerFactory.getLogger(SmtpDuplicator.class).debug("there is no socket to listen with", e);
            return new Listeners();
        }
    }

    private static void complain(String problem) {
        System.err.println("smtp-duplicator: " + problem);
    }

    /** The version from the build. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() throws IOException {
            Properties build = new Properties();
            try (InputStream in = SmtpDuplicator.class.getResourceAsStream("/io/smtpdup/version.properties")) {
                build.load(in);
            }
            return new String[] {
                "smtp-duplicator " + build.getProperty("version"),
                "Apache Camel " + build.getProperty("camel") + ", Java " + Runtime.version()
            };
        }
    }
}
