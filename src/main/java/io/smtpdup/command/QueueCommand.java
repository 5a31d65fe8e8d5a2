package io.smtpdup.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.message.PlainText;
import picocli.CommandLine.Command;

/** {@code queue}: how each backup is doing. */
@Command(
        name = "queue",
        description = {
            "Show what waits for each backup, and why.",
            "With a subcommand: list the copies, or deal with those of a backup that gets nothing.",
            ""
        },
        footer = {
            "",
            "waiting   copies waiting for their turn",
            "deferred  copies that the backup has put off (4xx), to be tried again later",
            "dead      copies that it refused for good (5xx), or that got too old: see the command dead",
            "damaged   copies that cannot be read, or differ from what was received: see dead list, dead export, dead delete",
            "away      it cannot be reached, is silent, or says 421; it is tried again at growing intervals",
            "overflow  files on the relay's own disk while the broker takes no copies; they move into their queues later",
            "paused    an operator has paused it: see the command resume",
            "unread    it is no longer in relay.destination_backups, and its copies stay: see queue drain, move and delete",
            "elsewhere another relay on the same broker has it in its list"
        })
final class QueueCommand extends RelayCommand {

    QueueCommand(Place place) {
        super(place);
    }

    @Override
    void run(RelayClient relay) {
        RelayClient.Answer answer = relay.get("backups", new Query());
        if (printedAsJson(answer)) {
            return;
        }
        JsonNode backups = answer.tree().get("backups");
        if (answer.tree().path("overflow").asInt() > 0) {
            out().println(answer.tree().get("overflow").asText() + " copies in the overflow, not yet taken by their queues");
        }
        if (backups.isEmpty()) {
            out().println("there are no backups (relay.destination_backups)");
            return;
        }
        Table table = new Table(List.of("BACKUP", "STATE", "WAITING", "DEFERRED", "IN FLIGHT", "DEAD", "OLDEST"),
                Set.of("WAITING", "DEFERRED", "IN FLIGHT", "DEAD"));
        for (JsonNode backup : backups) {
            table.row(List.of(
                    PlainText.of(backup.get("name").asText()),
                    backup.get("state").asText(),
                    backup.get("waiting").asText(),
                    backup.get("deferred").asText(),
                    backup.get("in_flight").asText(),
                    backup.get("dead").asText(),
                    Words.ago(backup.get("oldest"))), below(backup));
        }
        table.print(out());
    }

    private static List<String> below(JsonNode backup) {
        List<String> lines = new ArrayList<>();
        if (backup.get("role").asText().equals("primary")) {
            lines.add("it is the primary now; what waits for it goes on to it");
        } else if (backup.get("state").asText().equals("unread")) {
            lines.add("it is no longer in relay.destination_backups");
        }
        if (backup.get("damaged").asLong() > 0) {
            lines.add(backup.get("damaged").asText() + " damaged, which are not sent: see dead list");
        }
        if (!backup.get("last_error").isNull()) {
            lines.add("last error " + Words.ago(backup.get("last_error_at")) + ": "
                    + PlainText.of(backup.get("last_error").asText()));
        }
        if (!backup.get("next_try").isNull()) {
            lines.add("next try " + Words.in(backup.get("next_try")));
        }
        return lines;
    }
}
