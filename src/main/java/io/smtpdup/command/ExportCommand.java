package io.smtpdup.command;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smtpdup.message.PlainText;
import io.smtpdup.message.PrivateFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dead export} and {@code queue export}: one file for each copy that is meant. */
@Command(name = "export")
class ExportCommand extends RelayCommand {

    private static final int LIMIT = 10_000;

    @Mixin
    private SelectionOptions selection = new SelectionOptions();

    @Option(names = "--all", description = "All of them, for all backups.")
    private boolean all;

    @Option(names = {"-d", "--directory"}, paramLabel = "DIR", defaultValue = ".",
            description = "Directory for the files, created if missing. Default: the current one.")
    private Path directory;

    @Option(names = "--raw", description = "Only the octets of the mails, without the envelope.")
    private boolean raw;

    private final Path here;

    private final String path;

    private ExportCommand(Place place, String path) {
        super(place);
        here = place.here();
        this.path = path;
    }

    /** {@code dead export} */
    @Command(
            name = "export",
            description = {
                "Save dead letters as files, ID.eml, with the envelope in front.",
                "They remain dead letters. replay queues such a file again, and any mail reader can open it. Only you can",
                "read the files. An existing file or link of that name is left alone, and the command exits with 1.",
                ""
            })
    static final class Dead extends ExportCommand {

        Dead(Place place) {
            super(place, "dead");
        }
    }

    /** {@code queue export} */
    @Command(
            name = "export",
            description = {
                "Save waiting copies as files, ID.eml, with the envelope in front.",
                "They keep waiting, and deferred ones become due. Only for a backup that gets nothing, because it is paused or",
                "no longer in relay.destination_backups. For the files see dead export.",
                ""
            })
    static final class Queue extends ExportCommand {

        Queue(Place place) {
            super(place, "copies");
        }
    }

    @Override
    void run(RelayClient relay) throws IOException {
        selection.queryOrAll(all, spec());
        JsonNode listing = relay.get(path, selection.query().with("limit", LIMIT)).tree();
        if (listing.get("copies").isEmpty()) {
            throw ListCommand.none(relay, path, all);
        }
        Path target = PrivateFiles.directory(here.resolve(directory));
        ArrayNode files = new ObjectMapper().createArrayNode();
        Map<String, Integer> copies = new HashMap<>();
        Progress progress = Progress.of(this);
        int done = 0;
        for (JsonNode copy : listing.get("copies")) {
            if (interruption().isWanted()) {
                break;
            }
            progress.show(done++, listing.get("copies").size(), "");
            // The relay's answer chooses no other directory, and no hidden file.
            String id = copy.get("id").asText().replaceAll("[^0-9A-Za-z]", "");
            String name = id.isEmpty() ? "mail" : id;
            int number = copies.merge(name, 1, Integer::sum);
            Path file = target.resolve(name + (number == 1 ? "" : "-" + number) + ".eml");
            if (save(relay, copy, file, progress)) {
                files.add(file.toString());
                if (!isJson()) {
                    progress.clear();
                    out().println(file);
                    out().flush();
                }
            }
        }
        progress.clear();
        if (isJson()) {
            ObjectNode answer = new ObjectMapper().createObjectNode();
            answer.set("exported", files);
            out().print(RelayClient.pretty(answer));
        }
        if (interruption().isWanted()) {
            throw CommandException.interrupted(files.size() + " of " + listing.get("copies").size() + " were saved, each as a whole; the same"
                    + " command again leaves those alone and saves the others");
        }
        if (listing.get("more").asLong() > 0) {
            throw new CommandException("there are " + listing.get("more").asLong() + " more than " + LIMIT
                    + ", which were not saved: export fewer at a time");
        }
        if (files.size() < listing.get("copies").size()) {
            throw new CommandException("not all were saved");
        }
    }

    /** Returns whether there is a new file. */
    private boolean save(RelayClient relay, JsonNode copy, Path file, Progress progress) throws IOException {
        try {
            if (NewFile.isTaken(file)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            NewFile.write(file, out -> relay.download(path + "/export", new Query().with("backup", copy.get("backup").asText())
                    .with("key", copy.get(copy.get("key").isNull() ? "id" : "key").asText()).with("raw", raw ? true : null), out));
            return true;
        } catch (FileAlreadyExistsException e) {
            progress.clear();
            complain(file + " already exists and was left alone");
        } catch (CommandException e) {
            progress.clear();
            complain(PlainText.of(copy.get("id").asText()) + ": " + e.getMessage());
        }
        return false;
    }
}
