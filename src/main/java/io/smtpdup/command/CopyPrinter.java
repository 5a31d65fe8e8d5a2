package io.smtpdup.command;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.message.PlainText;

/** Copies as text: many in a table, or one with everything that is known about it. */
final class CopyPrinter {

    private static final int RECIPIENTS_IN_TABLE = 2;

    private final PrintWriter out;

    CopyPrinter(PrintWriter out) {
        this.out = out;
    }

    void table(JsonNode listing) {
        Table table = new Table(List.of("ID", "BACKUP", "STATE", "ACCEPTED", "TRIES", "SIZE"), Set.of("TRIES", "SIZE"));
        for (JsonNode copy : listing.get("copies")) {
            List<String> below = new ArrayList<>();
            below.add(path(copy.get("from")) + " -> " + recipients(copy));
            if (!copy.get("last_reply").isNull()) {
                below.add(PlainText.of(copy.get("last_reply").asText()) + when(copy));
            }
            table.row(List.of(
                    PlainText.of(copy.get("id").asText()),
                    PlainText.of(copy.get("backup").asText()),
                    copy.get("state").asText(),
                    Words.ago(copy.get("accepted_at")),
                    copy.get("attempts").asText(),
                    Words.size(copy.get("size").asLong())), below);
        }
        table.print(out);
        long more = listing.get("more").asLong();
        if (more > 0) {
            out.println("and " + more + " more; see them with --limit, or fewer with --backup, --recipient, --reply");
        }
    }

    void details(JsonNode copy) {
        line("id", copy.get("id").asText());
        line("backup", copy.get("backup").asText());
        line("state", copy.get("state").asText());
        line("from", path(copy.get("from")));
        String label = "to";
        for (JsonNode recipient : copy.get("recipients")) {
            line(label, path(recipient));
            label = "";
        }
        int more = copy.get("recipient_count").asInt() - copy.get("recipients").size();
        if (more > 0) {
            line(label, "and " + more + " more");
        }
        line("size", Words.size(copy.get("size").asLong()));
        time("accepted", copy.get("accepted_at"));
        line("tries", copy.get("attempts").asText());
        time("last try", copy.get("last_attempt_at"));
        if (!copy.get("last_reply").isNull()) {
            line("last reply", copy.get("last_reply").asText());
        }
        time("next try", copy.get("next_attempt_at"));
        time("given up", copy.get("dead_at"));
    }

    private void time(String label, JsonNode time) {
        if (!time.isNull()) {
            line(label, Words.at(time));
        }
    }

    private void line(String label, String value) {
        out.printf("%-11s %s%n", label, PlainText.of(value));
    }

    private static String when(JsonNode copy) {
        if (!copy.get("dead_at").isNull()) {
            return " (" + Words.ago(copy.get("dead_at")) + ")";
        }
        return " (" + Words.ago(copy.get("last_attempt_at")) + ")"
                + (copy.get("next_attempt_at").isNull() ? "" : "; next try " + Words.in(copy.get("next_attempt_at")));
    }

    private static String recipients(JsonNode copy) {
        StringBuilder text = new StringBuilder();
        int shown = Math.min(RECIPIENTS_IN_TABLE, copy.get("recipients").size());
        for (int i = 0; i < shown; i++) {
            text.append(i == 0 ? "" : ", ").append(path(copy.get("recipients").get(i)));
        }
        int more = copy.get("recipient_count").asInt() - shown;
        return text + (more > 0 ? " and " + more + " more" : "");
    }

    private static String path(JsonNode address) {
        return "<" + PlainText.of(address.asText()) + ">";
    }
}
