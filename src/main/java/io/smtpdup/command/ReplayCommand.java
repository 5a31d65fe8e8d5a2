package io.smtpdup.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code replay}: mails from files into a backup's queue. */
@Command(
        name = "replay",
        description = {
            "Queue mails from files for a backup.",
            "What dead export has saved brings its envelope along; for any other mail, say --from and --to. Lines must end",
            "with CR LF.",
            ""
        })
final class ReplayCommand extends RelayCommand {

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Files with one mail each.")
    private List<Path> files;

    @Option(names = {"-b", "--backup"}, paramLabel = "BACKUP", required = true,
            description = "The backup that gets them: host:port, or its name.")
    private String backup;

    @Option(names = "--from", paramLabel = "ADDRESS", description = "The reverse-path; <> for none. Overrides the one in the file.")
    private String from;

    @Option(names = "--to", paramLabel = "ADDRESS",
            description = "A recipient; can be repeated. Replaces those in the file.")
    private List<String> to = new ArrayList<>();

    private final Path here;

    ReplayCommand(Place place) {
        super(place);
        here = place.here();
    }

    @Override
    void run(RelayClient relay) throws IOException {
        Progress progress = Progress.of(this);
        int failed = 0;
        int done = 0;
        for (Path file : files) {
            if (interruption().isWanted()) {
                progress.clear();
                throw CommandException.interrupted(done - failed + " of " + files.size() + " files were queued; go on with " + file);
            }
            progress.show(done++, files.size(), "");
            try {
                replay(relay, file, progress);
            } catch (CommandException e) {
                failed++;
                progress.clear();
                complain(file + ": " + e.getMessage());
            }
        }
        progress.clear();
        if (failed > 0 && files.size() > 1) {
            throw new CommandException(failed + " of " + files.size() + " files were not queued");
        } else if (failed > 0) {
            throw new CommandException("nothing was queued");
        }
    }

    private void replay(RelayClient relay, Path file, Progress progress) throws IOException {
        if (!Files.isRegularFile(here.resolve(file))) {
            throw new CommandException("there is no such file");
        }
        RelayClient.Answer answer = relay.post("replay",
                new Query().with("backup", backup).with("from", from).withAll("to", to), here.resolve(file));
        progress.clear();
        if (!printedAsJson(answer)) {
            out().println(file + " is queued for " + backup + " as " + answer.tree().get("replayed").asText());
        }
    }
}
