package io.smtpdup.command;

import java.util.ArrayList;
import java.util.List;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which copies are meant: those that fit all that is given. */
final class SelectionOptions {

    @Parameters(paramLabel = "ID", arity = "0..*", description = "Copies of these mails.")
    private List<String> ids = new ArrayList<>();

    @Option(names = "--id", paramLabel = "ID", hidden = true)
    private List<String> moreIds = new ArrayList<>();

    @Option(names = {"-b", "--backup"}, paramLabel = "BACKUP",
            description = "Copies for this backup: host:port, or its name. Can be repeated.")
    private List<String> backups = new ArrayList<>();

    @Option(names = {"-r", "--recipient"}, paramLabel = "ADDRESS",
            description = "Copies for this recipient, or for @domain; case does not matter.")
    private String recipient;

    @Option(names = "--reply", paramLabel = "TEXT", description = "Copies whose last reply contains this text.")
    private String reply;

    boolean isEmpty() {
        return ids.isEmpty() && moreIds.isEmpty() && backups.isEmpty() && recipient == null && reply == null;
    }

    /** Whether it means all copies of some backups, or of all of them. */
    boolean isByBackup() {
        return ids.isEmpty() && moreIds.isEmpty() && recipient == null && reply == null;
    }

    Query query() {
        return new Query().withAll("id", ids).withAll("id", moreIds).withAll("backup", backups)
                .with("recipient", recipient).with("reply", reply);
    }

    /** For what changes something: a selection, or all. */
    Query queryOrAll(boolean all, CommandSpec spec) {
        if (all != isEmpty()) {
            throw new UsageException(spec.commandLine(), all
                    ? "--all cannot be combined with a selection"
                    : "say which: IDs, --backup, --recipient or --reply; or --all");
        }
        return query().with("all", all ? true : null);
    }
}
