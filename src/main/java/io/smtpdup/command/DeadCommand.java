package io.smtpdup.command;

import picocli.CommandLine.Command;

/** {@code dead}: the copies that were given up, and what to do with them. */
@Command(
        name = "dead",
        description = {
            "List dead letters: copies that the relay has given up on.",
            "With a subcommand: requeue, save or delete them.",
            ""
        })
final class DeadCommand extends RelayCommand {

    DeadCommand(Place place) {
        super(place);
    }

    @Override
    void run(RelayClient relay) {
        ListCommand.print(this, relay, "dead", new Query(), ListCommand.NO_DEAD);
    }

    /** {@code dead requeue} */
    @Command(
            name = "requeue",
            description = {"Put dead letters back into their backups' queues, as if they had just been accepted.", ""})
    static final class Requeue extends ChangeCommand {

        Requeue(Place place) {
            super(place, "dead", "requeue", "requeued");
        }
    }

    /** {@code dead delete} */
    @Command(
            name = "delete",
            description = {"Delete dead letters for good.", "Each gets a line in the log. To save them first, use dead export.", ""})
    static final class Delete extends ChangeCommand {

        Delete(Place place) {
            super(place, "dead", "delete", "deleted");
        }
    }
}
