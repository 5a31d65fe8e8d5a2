package io.smtpdup.command;

import java.io.IOException;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.message.PlainText;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cutover}: makes a backup the primary. */
@Command(
        name = "cutover",
        description = {
            "Make a backup the primary, and the primary that backup.",
            "Looks first whether it may be done, writes the settings and has the relay read them, without cutting a mail. New mail then",
            "goes to the new primary, and copies that wait for it go on to it. 'rollback' takes it back at any time.",
            ""
        },
        footer = {
            "",
            "The two settings are changed in application.properties, which is kept as it was beside it; where they come from",
            "elsewhere, it says which lines to write. With several --url each relay is switched, one after the other.",
            "Exit status: 0 done, or with --check nothing stops it; 1 refused or failed; 2 wrong usage; 3 the operator has to do",
            "the rest. See docs/migration.md."
        })
final class CutoverCommand extends RelaysCommand {

    @Parameters(paramLabel = "BACKUP", arity = "0..1", description = "The one that becomes the primary: host:port, or its name.")
    private String backup;

    @Option(names = "--check", description = "Only look whether it may be done, and change nothing.")
    private boolean check;

    @Option(names = "--anyway", paramLabel = "REASON", description = "Do it although something is not ok; the reason goes into the log.")
    private String anyway;

    @Option(names = "--reason", paramLabel = "REASON", description = "Why, for the log and for 'cutover status'.")
    private String reason;

    CutoverCommand(Place place) {
        super(place);
    }

    @Override
    int answer() throws IOException {
        if (backup == null) {
            throw new UsageException(spec().commandLine(), "name the backup that becomes the primary");
        }
        if (check && anyway != null) {
            throw new UsageException(spec().commandLine(), "--check cannot be combined with --anyway");
        }
        List<RelayClient> relays = relays();
        boolean passed = true;
        if (check || relays.size() > 1) { // with several, none is switched before all may be
            for (RelayClient relay : relays) {
                passed &= printCheck(relay.get("/cutover/check", new Query().with("backup", backup)), check);
            }
        }
        if (check || !passed && anyway == null) {
            return passed ? ExitCode.OK : ExitCode.SOFTWARE;
        }
        return new Switching(this).all(relays, isOurs(), relay -> relay.post("/cutover/switch",
                new Query().with("backup", backup).with("anyway", anyway).with("reason", reason)));
    }

    private boolean printCheck(RelayClient.Answer answer, boolean asked) {
        if (!isJson()) {
            Switching.printLines(out(), answer.tree().get("lines"));
            out().println(answer.tree().get("passed").asBoolean() ? "nothing stops the switch" : "the switch would be refused");
        } else if (asked || !answer.tree().get("passed").asBoolean()) {
            printedAsJson(answer);
        }
        return answer.tree().get("passed").asBoolean();
    }

    /** {@code cutover status} */
    @Command(name = "status", description = {"Tell who is the primary since when and why, and after a switch whether to go back.", ""})
    static final class Status extends RelaysCommand {

        Status(Place place) {
            super(place);
        }

        @Override
        int answer() {
            for (RelayClient relay : relays()) {
                RelayClient.Answer answer = relay.get("/cutover/status", new Query());
                if (!printedAsJson(answer)) {
                    print(answer.tree());
                }
            }
            return ExitCode.OK;
        }

        private void print(JsonNode tree) {
            JsonNode turn = tree.get("turn");
            out().println(tree.get("primary").asText() + " is the primary" + (turn.isNull() ? "" : " since " + turn.get("since").asText()
                    + how(turn)));
            if (tree.get("baking").asBoolean()) {
                JsonNode advice = tree.get("advice");
                out().println("watched until " + tree.get("bake_until").asText() + ": " + switch (advice.get("advised").asText()) {
                    case "rollback" -> "go back (smtp-duplicator rollback)";
                    case "look" -> "no reason to go back; have a look at this";
                    default -> "no reason to go back";
                });
                advice.get("reasons").forEach(reason -> out().println("  " + PlainText.of(reason.asText())));
            }
            if (!tree.get("planned").isNull()) {
                out().println("planned, and not in force yet: " + tree.get("planned").get("primary").asText());
            }
            tree.get("earlier").forEach(one -> out().println("before: " + one.get("primary").asText() + " since " + one.get("since").asText()
                    + how(one)));
        }

        private static String how(JsonNode turn) {
            String how = switch (turn.get("how").asText()) {
                case "cutover" -> ", by cutover";
                case "rollback" -> ", by rollback";
                case "settings" -> ", because the settings were changed";
                default -> ", as long as the relay knows";
            };
            return how + (turn.get("before").isNull() ? "" : " from " + turn.get("before").asText())
                    + (turn.get("verdict").isNull() ? "" : ", verdict " + turn.get("verdict").asText())
                    + (turn.get("reason").isNull() ? "" : ": " + PlainText.of(turn.get("reason").asText()));
        }
    }
}
