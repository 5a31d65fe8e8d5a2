package io.smtpdup.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.config.Swap;
import io.smtpdup.message.PlainText;
import picocli.CommandLine.ExitCode;

/** What {@code cutover} and {@code rollback} do with a relay's answer: write its settings where the relay may not, and tell. */
final class Switching {

    private static final int NOT_YET = 3;

    private static final int STATE = 8;

    private final RelaysCommand command;

    Switching(RelaysCommand command) {
        this.command = command;
    }

    /** A request that switches one relay. */
    @FunctionalInterface
    interface Step {

        RelayClient.Answer ask(RelayClient relay);
    }

    /** Switches each of them, until one is not done. Returns the exit status. */
    int all(List<RelayClient> relays, Step step) throws IOException {
        for (RelayClient relay : relays) {
            RelayClient.Answer answer = step.ask(relay);
            if (!command.isJson()) {
                printLines(command.out(), answer.tree().get("lines"));
            }
            if (state(answer).equals("to-write")) {
                answer = writeHere(relay, answer);
            }
            int status = print(answer);
            if (status != ExitCode.OK) {
                return status;
            }
        }
        return ExitCode.OK;
    }

    private static String state(RelayClient.Answer answer) {
        return answer.tree().get("state").asText();
    }

    static void printLines(PrintWriter out, JsonNode lines) {
        for (JsonNode line : lines) {
            String state = line.get("state").asText();
            out.println(state + " ".repeat(STATE - state.length()) + PlainText.of(line.get("text").asText()));
            if (!line.get("advice").isNull()) {
                out.println(" ".repeat(STATE) + PlainText.of(line.get("advice").asText()));
            }
        }
    }

    /** This user may be allowed to write what the relay may not. */
    private RelayClient.Answer writeHere(RelayClient relay, RelayClient.Answer answer) throws IOException {
        JsonNode meant = answer.tree().get("to_write");
        Path ours = command.place().directory().resolve("application.properties");
        if (meant.get("file").isNull() || !Files.isWritable(ours) || !Files.isSameFile(ours, Path.of(meant.get("file").asText()))) {
            return answer;
        }
        Optional<Swap.Undo> undo = written(meant);
        if (undo.isEmpty()) {
            return answer;
        }
        RelayClient.Answer taken = null;
        try {
            taken = relay.post("/cutover/written", new Query());
            return taken;
        } finally {
            if (taken == null || state(taken).equals("failed")) {
                undo.get().run();
            }
        }
    }

    private Optional<Swap.Undo> written(JsonNode meant) {
        try {
            Swap swap = Swap.of(command.place().directory(), command.place().environment(), meant.get("backup").asText(),
                    meant.get("options").asText());
            return swap.isInOneFile() ? Optional.of(swap.write(meant.get("aside").asText())) : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty(); // then the operator reads what to write
        }
    }

    private int print(RelayClient.Answer answer) {
        JsonNode tree = answer.tree();
        if (!command.printedAsJson(answer)) {
            String primary = tree.get("primary").asText();
            command.out().println(switch (state(answer)) {
                case "done" -> primary + " is the primary now, and " + tree.get("backup").asText() + " gets a copy of each mail";
                case "refused" -> "refused: " + primary + " stays the primary";
                case "failed" -> "failed: " + primary + " stays the primary";
                default -> "not done yet, " + primary + " is to be the primary:";
            });
            tree.path("to_write").path("lines").forEach(line -> command.out().println("  " + PlainText.of(line.asText())));
            if (!tree.get("next").isNull()) {
                command.out().println(PlainText.of(tree.get("next").asText()));
            }
            tree.get("problems").forEach(problem -> command.complain(PlainText.of(problem.asText())));
        }
        return switch (state(answer)) {
            case "done" -> ExitCode.OK;
            case "refused", "failed" -> ExitCode.SOFTWARE;
            default -> NOT_YET;
        };
    }
}
