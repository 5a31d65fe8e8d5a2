package io.smtpdup.command;

import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.message.PlainText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is done to the copies of a backup that gets nothing: {@code queue drain}, {@code move} and {@code delete}. */
final class WaitingCommands {

    private static final String STILL = "Only for a backup that gets nothing, because it is paused or no longer"
            + " in relay.destination_backups.";

    private static final long ASKED_EVERY_MILLIS = 500;

    private WaitingCommands() {
    }

    /** {@code queue drain} */
    @Command(
            name = "drain",
            description = {
                "Deliver what waits for a server that is no longer a backup.",
                "That is a server not in relay.destination_backups. It lasts until the relay's next start. Copies for a server",
                "that is the primary now are delivered to it anyway. With --wait the command stays until nothing waits any more;",
                "Ctrl-C ends the command and not the delivery.",
                ""
            })
    static final class Drain extends RelayCommand {

        @Parameters(paramLabel = "BACKUP", description = "The server, as queue shows it: host:port, or its name.")
        private String backup;

        @Option(names = "--to", paramLabel = "SERVER",
                description = "The server to deliver to, as in the settings: new.example.com:25?tls=required. Other users can see a"
                        + " command's arguments, even a login given here. Default: the server itself, with relay.tls and without a login.")
        private String to;

        @Option(names = "--wait", description = "Show how far it is, until nothing waits any more but what became a dead letter.")
        private boolean wait;

        Drain(Place place) {
            super(place);
        }

        @Override
        void run(RelayClient relay) {
            RelayClient.Answer answer = relay.post("drain", new Query().with("backup", backup).with("to", to));
            if (!printedAsJson(answer)) {
                String name = PlainText.of(answer.tree().get("draining").asText());
                out().println("what waits for " + name + " goes to " + PlainText.of(answer.tree().get("to").asText()));
                if (answer.tree().get("paused").asBoolean()) {
                    out().println(name + " is paused and gets nothing: see the command resume");
                }
            }
            if (wait) {
                await(relay, answer.tree().get("draining").asText());
            }
        }

        private void await(RelayClient relay, String name) {
            Progress progress = Progress.of(this);
            long all = left(relay, name);
            try {
                for (long left = all; left > 0; left = left(relay, name)) {
                    all = Math.max(all, left);
                    progress.show(all - left, all, " delivered");
                    if (interruption().isWanted()) {
                        throw CommandException.interrupted("the relay goes on; " + Words.count(left, "copy waits", "copies wait"));
                    }
                    TimeUnit.MILLISECONDS.sleep(ASKED_EVERY_MILLIS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw CommandException.interrupted("the relay goes on");
            } finally {
                progress.clear();
            }
        }

        private static long left(RelayClient relay, String name) {
            for (JsonNode backup : relay.get("backups", new Query()).tree().get("backups")) {
                if (backup.get("name").asText().equals(name)) {
                    return Stream.of("waiting", "deferred", "in_flight").mapToLong(kind -> backup.get(kind).asLong()).sum();
                }
            }
            return 0;
        }
    }

    /** {@code queue move} */
    @Command(
            name = "move",
            description = {"Move waiting copies into another backup's queue, as if they had just been accepted.", STILL, ""})
    static final class Move extends ChangeCommand {

        @Option(names = "--to", paramLabel = "BACKUP", required = true, description = "The backup that gets them: host:port, or its name.")
        private String to;

        Move(Place place) {
            super(place, "copies", "move", "moved");
        }

        @Override
        Query further(Query query) {
            return query.with("to", to);
        }
    }

    /** {@code queue delete} */
    @Command(
            name = "delete",
            description = {
                "Delete waiting copies for good.", "Each gets a line in the log. To save them first, use queue export.", STILL, ""
            })
    static final class Delete extends ChangeCommand {

        Delete(Place place) {
            super(place, "copies", "delete", "deleted");
        }
    }
}
