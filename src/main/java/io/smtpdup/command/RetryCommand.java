package io.smtpdup.command;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code retry}: no more waiting. */
@Command(
        name = "retry",
        description = {
            "Try deferred copies now, and contact a backup that is away at once.",
            "A backup that is paused stays paused: its copies are tried as soon as it is resumed.",
            ""
        })
final class RetryCommand extends RelayCommand {

    @Mixin
    private SelectionOptions selection = new SelectionOptions();

    @Option(names = "--all", description = "All copies of all backups.")
    private boolean all;

    RetryCommand(Place place) {
        super(place);
    }

    @Override
    void run(RelayClient relay) {
        Query query = selection.queryOrAll(all, spec());
        RelayClient.Answer answer = new LongRequest(Progress.of(this), interruption(), null).answer(() -> relay.post("retry", query), "looked at");
        long released = answer.tree().get("released").asLong();
        long ready = answer.tree().get("ready").asLong();
        long held = answer.tree().get("held").asLong();
        JsonNode asked = answer.tree().get("asked");
        if (!printedAsJson(answer)) {
            if (released > 0) {
                out().println(Words.count(released, "deferred copy is", "deferred copies are") + " tried now");
            }
            if (held > 0) {
                out().println(Words.count(held, "deferred copy is", "deferred copies are")
                        + " tried as soon as the pause ends, before others");
            }
            asked.forEach(backup -> out().println(backup.asText() + " is away and is being contacted now"));
            if (ready > 0 && asked.isEmpty()) {
                out().println(Words.count(ready, "copy needs", "copies need") + " no retry: waiting for its turn, or in flight");
            }
            answer.tree().get("paused").forEach(backup -> out().println(
                    backup.asText() + " is paused and gets nothing: see the command resume"));
        }
        if (released + ready + held == 0 && asked.isEmpty()) {
            throw new CommandException(all ? "nothing is deferred, and no backup is away" : "no copy to retry matches");
        }
    }
}
