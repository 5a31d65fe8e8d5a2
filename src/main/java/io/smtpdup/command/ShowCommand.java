package io.smtpdup.command;

import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smtpdup.message.PlainText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code queue show} and {@code dead show}. */
@Command(name = "show")
class ShowCommand extends RelayCommand {

    private final List<String> paths;

    @Parameters(paramLabel = "ID", arity = "1..*", description = "The mails' ids, as in the log and in queue list.")
    private List<String> ids;

    private ShowCommand(Place place, List<String> paths) {
        super(place);
        this.paths = paths;
    }

    /** {@code queue show} */
    @Command(name = "show", description = {"Show everything about a mail's copies, including dead letters.", ""})
    static final class Queue extends ShowCommand {

        Queue(Place place) {
            super(place, List.of("copies", "dead"));
        }
    }

    /** {@code dead show} */
    @Command(name = "show", description = {"Show everything about a mail's dead letters.", ""})
    static final class Dead extends ShowCommand {

        Dead(Place place) {
            super(place, List.of("dead"));
        }
    }

    @Override
    void run(RelayClient relay) {
        ObjectNode all = null;
        for (String path : paths) {
            ObjectNode listing = (ObjectNode) relay.get(path, new Query().withAll("id", ids).with("limit", 10_000)).tree();
            if (all == null) {
                all = listing;
            } else {
                ((ArrayNode) all.get("copies")).addAll((ArrayNode) listing.get("copies"));
            }
        }
        if (isJson()) {
            out().print(RelayClient.pretty(all));
        } else {
            String gap = "";
            for (JsonNode copy : all.get("copies")) {
                out().print(gap);
                new CopyPrinter(out()).details(copy);
                gap = System.lineSeparator();
            }
        }
        for (String id : ids) {
            if (all.get("copies").findValuesAsText("id").stream().noneMatch(id::equals)) {
                complain("nothing is queued of " + PlainText.of(id) + "; the log tells what became of it");
            }
        }
        if (ids.stream().noneMatch(all.get("copies").findValuesAsText("id")::contains)) {
            throw new CommandException("nothing to show");
        }
    }
}
