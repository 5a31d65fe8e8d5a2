package io.smtpdup.command;

import java.util.List;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.message.PlainText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code health}: whether the relay does its work; for people, and for whatever watches a container. */
@Command(
        name = "health",
        description = {"Ask the relay for its health; exits with 0 if it is ready for mail, otherwise with 1.", ""},
        footer = {
            "",
            "Without --live: the relay listens, its routes run, and the spool accepts copies. With --live: it listens, and",
            "a restart would not help. A primary or backup that is away makes neither fail."
        })
final class HealthCommand extends RelayCommand {

    @Option(names = "--live", description = "Check only whether it listens.")
    private boolean live;

    HealthCommand(Place place) {
        super(place);
    }

    @Override
    void run(RelayClient relay) {
        RelayClient.Answer answer = relay.health(live ? "live" : "ready");
        boolean up = answer.tree().path("status").asText().equals("UP");
        if (!printedAsJson(answer) && up) {
            out().println(live ? "live" : "ready");
            answer.tree().path("checks").forEach(check -> {
                if (check.path("name").asText().equals("left-queues") && check.hasNonNull("message")) {
                    out().println(PlainText.of(check.get("message").asText()));
                }
            });
        }
        if (!up) {
            throw new CommandException((live ? "not live" : "not ready") + reasons(answer.tree()));
        }
    }

    private static String reasons(JsonNode health) {
        List<String> reasons = StreamSupport.stream(health.path("checks").spliterator(), false)
                .filter(check -> check.path("status").asText().equals("DOWN"))
                .map(check -> check.path("name").asText() + ": " + check.path("data").path("error.message")
                        .asText(check.path("message").asText("down")))
                .map(PlainText::of)
                .toList();
        return reasons.isEmpty() ? "" : ": " + String.join("; ", reasons);
    }
}
