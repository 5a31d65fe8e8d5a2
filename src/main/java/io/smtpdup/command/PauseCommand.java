package io.smtpdup.command;

import java.util.ArrayList;
import java.util.List;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pause} and {@code resume}. */
@Command(name = "pause")
class PauseCommand extends RelayCommand {

    private final String verb;

    private final String done;

    private final String sentence;

    @Parameters(paramLabel = "BACKUP", arity = "0..*", description = "Backups: host:port, or their names.")
    private List<String> backups = new ArrayList<>();

    @Option(names = {"-b", "--backup"}, paramLabel = "BACKUP", hidden = true)
    private List<String> moreBackups = new ArrayList<>();

    @Option(names = "--all", description = "All backups.")
    private boolean all;

    private PauseCommand(Place place, String verb, String done, String sentence) {
        super(place);
        this.verb = verb;
        this.done = done;
        this.sentence = sentence;
    }

    /** {@code pause} */
    @Command(
            name = "pause",
            description = {"Hold a backup's copies back until it is resumed, also across a restart.", "The copies wait.", ""})
    static final class Pause extends PauseCommand {

        Pause(Place place) {
            super(place, "pause", "paused", "gets nothing until it is resumed");
        }
    }

    /** {@code resume} */
    @Command(name = "resume", description = {"End a pause: the backup gets its copies again.", ""})
    static final class Resume extends PauseCommand {

        Resume(Place place) {
            super(place, "resume", "resumed", "gets its copies");
        }
    }

    @Override
    void run(RelayClient relay) {
        boolean none = backups.isEmpty() && moreBackups.isEmpty();
        if (all != none) {
            throw new UsageException(spec().commandLine(),
                    all ? "--all cannot be combined with a backup" : "name a backup, or use --all");
        }
        RelayClient.Answer answer = relay.post(verb, new Query()
                .withAll("backup", backups).withAll("backup", moreBackups).with("all", all ? true : null));
        if (!printedAsJson(answer)) {
            answer.tree().get(done).forEach(backup -> out().println(backup.asText() + " " + sentence));
        }
        if (answer.tree().get(done).isEmpty()) {
            throw new CommandException("no configured backup matches");
        }
    }
}
