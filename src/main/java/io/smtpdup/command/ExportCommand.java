package io.smtpdup.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dead export}: one file for each dead letter that is meant. */
@Command(
        name = "export",
        description = {
            "Save dead letters as files, ID.eml, with the envelope in front. They stay dead letters.",
            "The command replay queues such a file again, and any mail reader shows it.",
            ""
        })
final class ExportCommand extends RelayCommand {

    private static final int LIMIT = 10_000;

    @Mixin
    private SelectionOptions selection = new SelectionOptions();

    @Option(names = "--all", description = "All dead letters of all backups.")
    private boolean all;

    @Option(names = {"-d", "--directory"}, paramLabel = "DIR", defaultValue = ".",
            description = "Where the files go; made when missing. Default: here.")
    private Path directory;

    @Option(names = "--raw", description = "The mails' octets alone, without the envelope.")
    private boolean raw;

    private final Path here;

    ExportCommand(Place place) {
        super(place);
        here = place.here();
    }

    @Override
    void run(RelayClient relay) throws IOException {
        selection.queryOrAll(all, spec());
        JsonNode listing = relay.get("dead", selection.query().with("limit", LIMIT)).tree();
        if (listing.get("copies").isEmpty()) {
            throw new CommandException(all ? "there are no dead letters" : "no dead letter fits");
        }
        Path target = Files.createDirectories(here.resolve(directory));
        ArrayNode files = new ObjectMapper().createArrayNode();
        Map<String, Integer> copies = new HashMap<>();
        boolean complete = true;
        for (JsonNode copy : listing.get("copies")) {
            String id = copy.get("id").asText().replaceAll("[^0-9A-Za-z]", "");
            int number = copies.merge(id, 1, Integer::sum);
            Path file = target.resolve(id + (number == 1 ? "" : "-" + number) + ".eml");
            if (Files.exists(file)) {
                complain(file + " is there already, and stays as it is");
                complete = false;
                continue;
            }
            save(relay, copy, file);
            files.add(file.toString());
            if (!isJson()) {
                out().println(file);
            }
        }
        if (isJson()) {
            ObjectNode answer = new ObjectMapper().createObjectNode();
            answer.set("exported", files);
            out().print(RelayClient.pretty(answer));
        }
        if (listing.get("more").asLong() > 0) {
            throw new CommandException("there are " + listing.get("more").asLong() + " more than " + LIMIT
                    + ", which were not saved: export fewer at a time");
        }
        if (!complete) {
            throw new CommandException("not all were saved");
        }
    }

    /** A file with the name's end is a whole mail. */
    private void save(RelayClient relay, JsonNode copy, Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            relay.download("dead/export", new Query().with("backup", copy.get("backup").asText())
                    .with("key", copy.get("key").asText()).with("raw", raw ? true : null), part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
