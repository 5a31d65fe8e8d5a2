package io.smtpdup.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code rollback}: makes the primary of before the latest switch the primary again. */
@Command(
        name = "rollback",
        description = {
            "Take the latest cutover back: the server that was the primary before is it again.",
            "Always, whatever the agreement report says; it has a copy of each mail that came meanwhile, or it waits for it.",
            ""
        },
        footer = {
            "",
            "Exit status: 0 done; 1 failed; 2 wrong usage; 3 the operator has to do the rest. See docs/migration.md."
        })
final class RollbackCommand extends RelaysCommand {

    @Option(names = "--reason", paramLabel = "REASON", description = "Why, for the log and for 'cutover status'.")
    private String reason;

    RollbackCommand(Place place) {
        super(place);
    }

    @Override
    int answer() {
        return new Switching(this).all(relays(), isOurs(), relay -> relay.post("/cutover/back", new Query().with("reason", reason)));
    }
}
