package io.smtpdup.page;

import java.util.ArrayList;
import java.util.List;

import io.smtpdup.config.KeyChange;
import io.smtpdup.cutover.Preflight;
import io.smtpdup.page.Notes.Note;
import io.smtpdup.tools.ReloadResult;
import io.smtpdup.tools.Switched;

/** What came of a switch or of a reload, in words. */
final class Outcome {

    private Outcome() {
    }

    /** @param command which does the same where the relay is, for who may write what the relay may not */
    static Note of(Switched switched, String command) {
        String primary = switched.primary();
        List<String> lines = new ArrayList<>(switched.problems());
        switch (switched.state()) {
            case "done" -> {
                lines.addAll(saved(switched));
                return new Note(primary + " is the primary now, and " + switched.backup() + " gets a copy of each mail.", "ok", lines);
            }
            case "needs-restart" -> {
                lines.addAll(saved(switched));
                return new Note("Written, and not in force yet: " + primary + " is the primary from the relay's next start on.", "warn", lines);
            }
            case "to-write" -> {
                lines.addAll(switched.toWrite() == null ? List.of() : switched.toWrite().lines());
                boolean file = switched.toWrite() != null && switched.toWrite().file() != null;
                return new Note("Not done yet: " + primary + " is to be the primary. " + said(switched) + (file ? " Or run '" + command
                        + "' on the relay's host, as somebody who may write that file: it does the rest." : ""), "warn", lines);
            }
            case "refused" -> {
                switched.lines().stream().filter(line -> line.state() == Preflight.State.NOT_OK)
                        .forEach(line -> lines.add(line.text() + (line.advice() == null ? "" : ": " + line.advice())));
                return new Note("Refused: " + primary + " stays the primary, because not everything is in order. Mend it, or look again and say"
                        + " why it shall be done all the same.", "bad", lines);
            }
            default -> {
                return new Note("Failed: " + primary + " stays the primary. " + (switched.next() == null ? "The settings are as they were."
                        : said(switched)), "bad", lines);
            }
        }
    }

    private static String said(Switched switched) {
        return switched.next() == null ? "" : switched.next();
    }

    private static List<String> saved(Switched switched) {
        return switched.saved() == null ? List.of() : List.of("The settings as they were are in " + switched.saved() + ".");
    }

    static Note of(ReloadResult result) {
        if (!result.reloaded()) {
            return new Note("Not reloaded, and nothing has changed:", "bad", result.problems());
        }
        List<String> lines = new ArrayList<>();
        result.changed().forEach(change -> lines.add(change.key() + ": " + value(change.now()) + " (was " + value(change.before()) + ")"));
        result.backups().added().forEach(backup -> lines.add("A new backup: " + backup));
        result.backups().removed().forEach(backup -> lines.add("No backup any more: " + backup + "; what waits for it stays, see the overview"));
        result.backups().changed().forEach(backup -> lines.add("A backup with other options: " + backup));
        result.routes().forEach(file -> lines.add("Changed: routes/" + file));
        if (result.certificate()) {
            lines.add("Changed: the certificate");
        }
        result.needsRestart().forEach(change -> lines.add(needsRestart(change)));
        return new Note(lines.isEmpty() ? "Reloaded: nothing is different." : result.needsRestart().isEmpty() ? "Reloaded:"
                : "Reloaded, and not all of it is in force:", result.needsRestart().isEmpty() ? "ok" : "warn", lines);
    }

    /** Of a key that is not as the files say. */
    static String needsRestart(KeyChange change) {
        return change.key() + " needs a restart: it is " + value(change.before()) + " until then, and not " + value(change.now());
    }

    private static String value(String text) {
        return text.isEmpty() ? "not set" : text;
    }
}
