package io.smtpdup.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code queue list} and {@code dead list}. */
@Command(name = "list")
class ListCommand extends RelayCommand {

    static final String NO_DEAD = "there are no dead letters";

    static final String NO_COPY = "no copy is waiting";

    private final String path;

    private final String none;

    @Mixin
    private SelectionOptions selection = new SelectionOptions();

    @Option(names = {"-n", "--limit"}, paramLabel = "N", defaultValue = "100",
            description = "Show at most this many, up to 10000. Default: ${DEFAULT-VALUE}.")
    private int limit;

    private ListCommand(Place place, String path, String none) {
        super(place);
        this.path = path;
        this.none = none;
    }

    /** {@code queue list} */
    @Command(name = "list", description = {
        "List the copies that are waiting, deferred or being sent.",
        "By backup: first those in flight, then those waiting, the oldest first, then the deferred ones, the next due first.",
        ""
    })
    static final class Queue extends ListCommand {

        Queue(Place place) {
            super(place, "copies", NO_COPY);
        }
    }

    /** {@code dead list} */
    @Command(name = "list", description = {"List dead letters, the oldest first.", ""})
    static final class Dead extends ListCommand {

        Dead(Place place) {
            super(place, "dead", NO_DEAD);
        }
    }

    @Override
    void run(RelayClient relay) {
        boolean nothing = print(this, relay, path, selection.query().with("limit", limit), selection.isEmpty() ? none : null);
        if (nothing && !selection.isEmpty()) {
            throw none(relay, path, false);
        }
    }

    /**
     * What to say when nothing was meant.
     *
     * @param all whether everything was
     */
    static CommandException none(RelayClient relay, String path, boolean all) {
        String kind = path.equals("dead") ? "dead letter" : "copy that waits";
        if (all) {
            return new CommandException(path.equals("dead") ? NO_DEAD : NO_COPY);
        }
        long there = relay.get(path, new Query().with("limit", 0)).tree().get("more").asLong();
        return new CommandException("no " + kind + " fits: " + (there == 0 ? "there are none"
                : "of " + there + ", see the command " + (path.equals("dead") ? "dead" : "queue") + " list"));
    }

    /**
     * Asks, and prints the answer.
     *
     * @param none what to say when there is nothing; null to say nothing
     * @return whether there was nothing
     */
    static boolean print(RelayCommand command, RelayClient relay, String path, Query query, String none) {
        RelayClient.Answer answer = relay.get(path, query);
        boolean nothing = answer.tree().get("copies").isEmpty() && answer.tree().get("more").asLong() == 0;
        if (!command.printedAsJson(answer)) {
            if (!nothing) {
                new CopyPrinter(command.out()).table(answer.tree());
            } else if (none != null) {
                command.out().println(none);
            }
        }
        return nothing;
    }
}
