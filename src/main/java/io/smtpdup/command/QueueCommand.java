package io.smtpdup.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;

/** {@code queue}: how each backup is doing. */
@Command(
        name = "queue",
        description = {
            "Show what waits for each backup, and why.",
            "With a command, see the copies, or deal with those of a backup that gets nothing.",
            ""
        },
        footer = {
            "",
            "waiting   copies that wait for their turn",
            "deferred  copies the backup did not want yet (4xx), which are tried again by and by",
            "dead      copies it refused for good (5xx), or that grew too old: see the command dead",
            "damaged   copies that cannot be read or are not what was received: see the commands dead list, export and delete",
            "away      it cannot be reached, is silent, or says 421; it is asked again with growing pauses",
            "overflow  files on the relay's own disk, while the broker takes no copies; they go into their queues by themselves",
            "paused    an operator wants it to get nothing: see the command resume",
            "unread    it is not in relay.destination_backups any more, and its copies stay: see queue drain, move and delete",
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
            out().println(answer.tree().get("overflow").asText() + " copies in the overflow, which their queues have not taken yet");
        }
        if (backups.isEmpty()) {
            out().println("there are no backups (relay.destination_backups)");
            return;
        }
        Table table = new Table(List.of("BACKUP", "STATE", "WAITING", "DEFERRED", "IN FLIGHT", "DEAD", "OLDEST"),
                Set.of("WAITING", "DEFERRED", "IN FLIGHT", "DEAD"));
        for (JsonNode backup : backups) {
            table.row(List.of(
                    Words.plain(backup.get("name").asText()),
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
            lines.add("it is not in relay.destination_backups any more");
        }
        if (backup.get("damaged").asLong() > 0) {
            lines.add(backup.get("damaged").asText() + " damaged, which are not sent: see them with dead list");
        }
        if (!backup.get("last_error").isNull()) {
            lines.add("last error " + Words.ago(backup.get("last_error_at")) + ": "
                    + Words.plain(backup.get("last_error").asText()));
        }
        if (!backup.get("next_try").isNull()) {
            lines.add("next try " + Words.in(backup.get("next_try")));
        }
        return lines;
    }
}
