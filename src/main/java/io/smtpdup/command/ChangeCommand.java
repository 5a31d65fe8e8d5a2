package io.smtpdup.command;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Something that is done to all copies, or dead letters, that are meant. */
@Command
abstract class ChangeCommand extends RelayCommand {

    private final String path;

    private final String verb;

    private final String done;

    @Mixin
    private SelectionOptions selection = new SelectionOptions();

    @Option(names = "--all", description = "All of them, for all backups.")
    private boolean all;

    /**
     * @param path copies or dead
     * @param verb what is done to them
     * @param done the same, as the answer calls it
     */
    ChangeCommand(Place place, String path, String verb, String done) {
        super(place);
        this.path = path;
        this.verb = verb;
        this.done = done;
    }

    /** What the request says besides which are meant. */
    Query further(Query query) {
        return query;
    }

    @Override
    void run(RelayClient relay) {
        Query query = further(selection.queryOrAll(all, spec()));
        RelayClient.Answer answer = new LongRequest(Progress.of(this), interruption(), selection.isByBackup()
                ? () -> relay.get(path, selection.query().with("limit", 0)).tree().get("more").asLong() : null)
                .answer(() -> relay.post(path + "/" + verb, query), done);
        JsonNode count = answer.tree().get(done);
        if (!printedAsJson(answer) && count.asLong() > 0) {
            boolean dead = path.equals("dead");
            out().println(Words.count(count.asLong(), dead ? "dead letter" : "copy", dead ? "dead letters" : "copies") + " " + done);
        }
        if (count.asLong() == 0) {
            throw ListCommand.none(relay, path, all);
        }
    }
}
