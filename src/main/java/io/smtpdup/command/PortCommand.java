package io.smtpdup.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;

import io.smtpdup.config.ConfigurationException;
import io.smtpdup.config.ManagementSettings;
import io.smtpdup.message.PlainText;
import io.smtpdup.net.HostPort;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands have in common: how they find a relay, how they answer, how they fail. */
abstract class PortCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", order = 100, description = "Print the relay's answer as JSON; see docs/management.md.")
    private boolean json;

    @Option(names = "--token", order = 102, paramLabel = "TOKEN",
            description = "Default: management.token. Other users can see a command's arguments: better use the variable"
                    + " SMTP_DUP_MANAGEMENT_TOKEN.")
    private String token;

    @Option(names = {"-h", "--help"}, order = 103, usageHelp = true, description = "Show this help and exit.")
    @SuppressWarnings("unused") // read by picocli
    private boolean help;

    private final Place place;

    private Interruption interruption;

    PortCommand(Place place) {
        this.place = place;
    }

    /**
     * Does it.
     *
     * @return the exit status
     * @throws CommandException when it failed, or nothing was there to do
     */
    abstract int answer() throws IOException;

    /** The exit status of a command that failed. */
    int failed() {
        return ExitCode.SOFTWARE;
    }

    @Override
    public Integer call() {
        try {
            return answer();
        } catch (ConfigurationException e) {
            e.problems().forEach(this::complain);
        } catch (CommandException e) {
            complain(e.getMessage());
            if (e.isInterruption()) {
                return Interruption.STATUS;
            }
        } catch (IOException e) {
            complain(PlainText.of(String.valueOf(e)));
        } finally {
            out().flush();
            if (interruption != null) {
                interruption.close();
            }
        }
        return failed();
    }

    /** From the first call on, Ctrl-C has the command come to an end of its own, for what it has to say. */
    Interruption interruption() {
        if (interruption == null) {
            interruption = new Interruption(() -> {
                spec.commandLine().getErr().println(); // behind whatever the terminal shows on this line
                complain("ending with what is begun");
            });
        }
        return interruption;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    CommandSpec spec() {
        return spec;
    }

    void complain(String problem) {
        out().flush();
        spec.commandLine().getErr().println("smtp-duplicator: " + problem);
        spec.commandLine().getErr().flush();
    }

    /** Prints the answer as JSON when that is wanted; tells whether it was. */
    boolean printedAsJson(RelayClient.Answer answer) {
        if (isJson()) {
            out().print(answer.text());
        }
        return isJson();
    }

    boolean isJson() {
        return given(PortCommand.class, command -> command.json ? Boolean.TRUE : null).isPresent();
    }

    Place place() {
        return place;
    }

    /**
     * A relay.
     *
     * @param givenUrl empty for the one of the settings
     */
    RelayClient client(Optional<String> givenUrl) {
        Optional<String> givenToken = given(PortCommand.class, command -> command.token);
        ManagementSettings settings = ManagementSettings.load(place.directory(), place.environment());
        if (givenUrl.isEmpty() && !settings.unreadable().isEmpty()) {
            throw new CommandException(settings.unreadable().get(0) + "; say where the relay is, --url http://127.0.0.1:9876"
                    + " or another port, or be a user who may read it");
        }
        if (givenUrl.isEmpty() && settings.port() == 0) {
            throw new CommandException("management.port is 0, so the port is not known here: use --url");
        }
        return new RelayClient(
                givenUrl.orElseGet(() -> "http://" + new HostPort(reachable(settings.host()), settings.port())),
                givenToken.or(settings::token));
    }

    /** An option may stand before the subcommand as well. */
    <C, T> Optional<T> given(Class<C> kind, Function<C, T> option) {
        return Stream.iterate(spec, one -> one != null, CommandSpec::parent)
                .map(CommandSpec::userObject)
                .filter(kind::isInstance)
                .map(command -> option.apply(kind.cast(command)))
                .filter(value -> value != null)
                .findFirst();
    }

    private static String reachable(String host) {
        return host.equals("0.0.0.0") ? "127.0.0.1" : host.equals("::") ? "::1" : host;
    }
}
