package io.smtpdup.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is done to the copies of a backup that gets nothing: {@code queue drain}, {@code move} and {@code delete}. */
final class WaitingCommands {

    private static final String STILL = "Only of a backup that gets nothing, because it is paused or not in relay.destination_backups"
            + " any more.";

    private WaitingCommands() {
    }

    /** {@code queue drain} */
    @Command(
            name = "drain",
            description = {
                "Deliver what waits for a server that is no backup any more.",
                "That is one which is not in relay.destination_backups. It lasts until the relay's next start. Copies for a server",
                "that is the primary now go on to it without that.",
                ""
            })
    static final class Drain extends RelayCommand {

        @Parameters(paramLabel = "BACKUP", description = "The server, as queue shows it: host:port, or its name.")
        private String backup;

        @Option(names = "--to", paramLabel = "SERVER",
                description = "Where to, as in the settings: new.example.com:25?tls=required. Others see a command's arguments, also a"
                        + " login in this one. Default: the server itself, with relay.tls and without a login.")
        private String to;

        Drain(Place place) {
            super(place);
        }

        @Override
        void run(RelayClient relay) {
            RelayClient.Answer answer = relay.post("drain", new Query().with("backup", backup).with("to", to));
            if (!printedAsJson(answer)) {
                String name = Words.plain(answer.tree().get("draining").asText());
                out().println("what waits for " + name + " goes to " + Words.plain(answer.tree().get("to").asText()));
                if (answer.tree().get("paused").asBoolean()) {
                    out().println(name + " is paused and gets nothing: see the command resume");
                }
            }
        }
    }

    /** {@code queue move} */
    @Command(
            name = "move",
            description = {"Put copies that wait into another backup's queue, as if they had just been accepted.", STILL, ""})
    static final class Move extends ChangeCommand {

        @Option(names = "--to", paramLabel = "BACKUP", required = true, description = "The backup that gets them: host:port, or its name.")
        private String to;

        Move(Place place) {
            super(place, "copies", "move", "moved");
        }

        @Override
        Query further(Query query) {
            return query.with("to", to);
        }
    }

    /** {@code queue delete} */
    @Command(
            name = "delete",
            description = {
                "Delete for good copies that wait.", "Each gets a line in the log. The command queue export saves them before.", STILL, ""
            })
    static final class Delete extends ChangeCommand {

        Delete(Place place) {
            super(place, "copies", "delete", "deleted");
        }
    }
}
