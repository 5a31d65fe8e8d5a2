package io.smtpdup.command;

import java.util.List;
import java.util.Optional;

import picocli.CommandLine.Option;

/** A command that concerns one relay, or several that share the traffic. */
abstract class RelaysCommand extends PortCommand {

    @Option(names = "--url", order = 101, paramLabel = "URL",
            description = "A relay's management port; once for each of several relays, which must have the same token. Default:"
                    + " management.host and management.port, from the environment or application.properties.")
    private List<String> urls;

    RelaysCommand(Place place) {
        super(place);
    }

    /** Whether no URL was given, so that it is the relay of the settings here. */
    boolean isOurs() {
        return given(RelaysCommand.class, command -> command.urls).isEmpty();
    }

    /** All that are meant, in the order in which they were given. */
    List<RelayClient> relays() {
        Optional<List<String>> given = given(RelaysCommand.class, command -> command.urls);
        return given.isEmpty() ? List.of(client(Optional.empty())) : given.get().stream().map(url -> client(Optional.of(url))).toList();
    }
}
