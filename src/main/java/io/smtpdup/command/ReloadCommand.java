package io.smtpdup.command;

import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.message.PlainText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code reload}: settings, routes and certificates anew, while mail flows. */
@Command(
        name = "reload",
        description = {
            "Read the settings, the routes and the certificate anew, without refusing or cutting a client.",
            "They are checked first, as --check does; when anything is wrong, nothing changes and each problem is a line.",
            "A mail that has begun ends with what it began with. The relay's environment variables are those of its start.",
            ""
        })
final class ReloadCommand extends RelayCommand {

    @Option(names = "--reason", paramLabel = "TEXT", description = "For the relay's log: who wants it, and why.")
    private String reason;

    ReloadCommand(Place place) {
        super(place);
    }

    @Override
    void run(RelayClient relay) {
        RelayClient.Answer answer = relay.post("/reload", new Query().with("reason", reason), Set.of(200, 409));
        List<String> problems = answer.tree().path("error").asText("").lines().map(PlainText::of).toList();
        if (!problems.isEmpty()) {
            problems.subList(0, problems.size() - 1).forEach(this::complain);
            throw new CommandException(problems.get(problems.size() - 1));
        }
        if (printedAsJson(answer)) {
            return;
        }
        JsonNode result = answer.tree();
        result.get("changed").forEach(key -> out().println(key.get("key").asText() + ": " + value(key, "now") + " (was "
                + value(key, "before") + ")"));
        result.get("backups").get("added").forEach(backup -> out().println("a new backup: " + backup.asText()));
        result.get("backups").get("removed").forEach(backup -> out().println("no backup any more: " + backup.asText()
                + "; what waits for it stays, see queue drain"));
        result.get("backups").get("changed").forEach(backup -> out().println("a backup with other options: " + backup.asText()));
        result.get("routes").forEach(file -> out().println("changed: routes/" + file.asText()));
        if (result.get("certificate").asBoolean()) {
            out().println("changed: the certificate");
        }
        result.get("needs_restart").forEach(key -> out().println("needs a restart: " + key.get("key").asText() + " is "
                + value(key, "before") + " until then, and not " + value(key, "now")));
        out().println("reloaded");
    }

    private static String value(JsonNode change, String which) {
        String text = change.get(which).asText();
        return text.isEmpty() ? "not set" : text;
    }
}
