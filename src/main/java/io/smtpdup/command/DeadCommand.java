package io.smtpdup.command;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dead}: the copies that were given up, and what to do with them. */
@Command(
        name = "dead",
        description = {
            "List dead letters, the copies that were given up; with a command, queue, save or delete them.",
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

    /** What to say when a selection means none. */
    static CommandException noneFits(RelayClient relay) {
        JsonNode listing = relay.get("dead", new Query().with("limit", 0)).tree();
        long there = listing.get("more").asLong();
        return new CommandException("no dead letter fits: " + (there == 0 ? "there are none"
                : "of " + there + ", see the command dead list"));
    }

    /** Something that is done to all dead letters that are meant. */
    @Command
    private abstract static class Change extends RelayCommand {

        private final String verb;

        private final String done;

        @Mixin
        private SelectionOptions selection = new SelectionOptions();

        @Option(names = "--all", description = "All dead letters of all backups.")
        private boolean all;

        Change(Place place, String verb, String done) {
            super(place);
            this.verb = verb;
            this.done = done;
        }

        @Override
        void run(RelayClient relay) {
            RelayClient.Answer answer = relay.post("dead/" + verb, selection.queryOrAll(all, spec()));
            JsonNode count = answer.tree().get(done);
            if (!printedAsJson(answer) && count.asLong() > 0) {
                out().println(Words.count(count.asLong(), "dead letter", "dead letters") + " " + done);
            }
            if (count.asLong() == 0) {
                throw all ? new CommandException(ListCommand.NO_DEAD) : noneFits(relay);
            }
        }
    }

    /** {@code dead requeue} */
    @Command(
            name = "requeue",
            description = {"Put dead letters back into their backups' queues, as if they had just been accepted.", ""})
    static final class Requeue extends Change {

        Requeue(Place place) {
            super(place, "requeue", "requeued");
        }
    }

    /** {@code dead delete} */
    @Command(
            name = "delete",
            description = {"Delete dead letters for good. Each gets a line in the log; dead export saves them before.", ""})
    static final class Delete extends Change {

        Delete(Place place) {
            super(place, "delete", "deleted");
        }
    }
}
