package io.smtpdup.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.config.Destination;
import io.smtpdup.config.Swap;
import io.smtpdup.message.PlainText;
import io.smtpdup.net.TlsMode;
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

    /**
     * Switches each of them, also when another is not done. Returns the worst exit status.
     *
     * @param ours whether they are found by the settings here, so that it is the file here that is meant
     */
    int all(List<RelayClient> relays, boolean ours, Step step) {
        int worst = ExitCode.OK;
        for (RelayClient relay : relays) {
            try {
                RelayClient.Answer answer = step.ask(relay);
                if (!command.isJson()) {
                    printLines(command.out(), answer.tree().get("lines"));
                }
                if (ours && state(answer).equals("to-write")) {
                    answer = writeHere(relay, answer);
                }
                worst = worse(worst, print(answer));
            } catch (CommandException e) {
                if (relays.size() == 1) {
                    throw e;
                }
                command.complain(relay + ": " + e.getMessage());
                worst = ExitCode.SOFTWARE;
            }
        }
        return worst;
    }

    private static int worse(int one, int other) {
        return one == ExitCode.SOFTWARE || other == ExitCode.SOFTWARE ? ExitCode.SOFTWARE : Math.max(one, other);
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

    /** This user may be allowed to write what the relay may not; what the relay has said is not trusted with more than whom to swap. */
    private RelayClient.Answer writeHere(RelayClient relay, RelayClient.Answer answer) {
        JsonNode meant = answer.tree().get("to_write");
        Optional<Swap.Undo> undo = written(meant);
        if (undo.isEmpty()) {
            return answer;
        }
        RelayClient.Answer taken;
        try {
            taken = relay.post("/cutover/written", new Query());
        } catch (CommandException e) {
            throw new CommandException("the settings are written, and whether the relay has taken them up is not known, see 'cutover status': "
                    + e.getMessage());
        }
        if (state(taken).equals("failed")) {
            try {
                undo.get().run();
            } catch (IOException e) {
                command.complain("the settings cannot be put back, do it by hand: " + e);
            }
        }
        return taken;
    }

    private Optional<Swap.Undo> written(JsonNode meant) {
        try {
            String options = meant.get("options").asText();
            Destination.parse("host:25" + (options.isEmpty() ? "" : "?" + options), TlsMode.OFF);
            Swap swap = Swap.of(command.place().directory(), command.place().environment(), meant.get("backup").asText(), options);
            boolean same = !meant.get("file").isNull() && swap.digest().equals(meant.get("digest").asText()) && swap.isInOneFile();
            return same ? Optional.of(swap.write(Swap.aside(Instant.now()))) : Optional.empty();
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
            if (!tree.get("saved").isNull()) {
                command.out().println("the settings as they were are in " + PlainText.of(tree.get("saved").asText()));
            }
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
