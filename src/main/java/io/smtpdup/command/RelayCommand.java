package io.smtpdup.command;

import java.io.IOException;

import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** A command that asks or steers one relay. */
abstract class RelayCommand extends PortCommand {

    @Option(names = "--url", order = 101, paramLabel = "URL",
            description = "The relay's management port. Default: management.host and management.port, from the"
                    + " environment or application.properties.")
    private String url;

    RelayCommand(Place place) {
        super(place);
    }

    /**
     * Does it.
     *
     * @throws CommandException when it failed, or nothing was there to do
     */
    abstract void run(RelayClient relay) throws IOException;

    @Override
    int answer() throws IOException {
        run(client(given(RelayCommand.class, command -> command.url)));
        return ExitCode.OK;
    }
}
