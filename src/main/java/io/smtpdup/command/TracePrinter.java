package io.smtpdup.command;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.message.PlainText;

/** Mails as text: one with everything that is known of it, a line for each event, or many in a table. */
final class TracePrinter {

    /** As the log shows it. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", Locale.ROOT);

    private static final int RECIPIENTS = 10;

    private static final int RECIPIENTS_IN_TABLE = 2;

    private final PrintWriter out;

    private final ZoneId zone;

    TracePrinter(PrintWriter out, ZoneId zone) {
        this.out = out;
        this.zone = zone;
    }

    /** @param wanted whether somebody looked for a mail: then one that is found is told as a whole */
    void print(JsonNode answer, boolean wanted) {
        if (answer.get("mails").size() == 1 && wanted && answer.get("more").asLong() == 0) {
            details(answer.get("mails").get(0));
        } else if (!answer.get("mails").isEmpty()) {
            table(answer);
        } else if (!wanted) {
            out.println("no mail has come yet that is remembered");
        }
    }

    private void table(JsonNode answer) {
        Table table = new Table(List.of("ID", "CAME", "STATE", "COPIES", "SIZE"), Set.of("SIZE"));
        for (JsonNode mail : answer.get("mails")) {
            List<String> below = new ArrayList<>();
            below.add(path(mail.get("from")) + " -> " + recipients(mail));
            if (!mail.get("state").asText().equals("accepted") && !mail.get("reply").isNull()) {
                below.add(plain(mail.get("reply")));
            }
            table.row(List.of(plain(mail.get("id")), time(mail.get("at")), plain(mail.get("state")), copies(mail),
                    mail.get("size").isNull() ? "-" : Words.size(mail.get("size").asLong())), below);
        }
        table.print(out);
        long more = answer.get("more").asLong();
        if (more > 0) {
            out.println("and " + more + " more; see them with --limit, or fewer with --recipient, --sender, --at");
        }
    }

    /** {@code 1 deferred, 2 delivered}. */
    private static String copies(JsonNode mail) {
        String text = StreamSupport.stream(mail.get("copies").spliterator(), false)
                .collect(Collectors.groupingBy(copy -> plain(copy.get("state")), TreeMap::new, Collectors.counting()))
                .entrySet().stream().map(one -> one.getValue() + " " + one.getKey()).collect(Collectors.joining(", "));
        return text.isEmpty() ? "-" : text;
    }

    private void details(JsonNode mail) {
        line("id", plain(mail.get("id")));
        line("state", plain(mail.get("state")) + (mail.get("source").asText().equals("spool") ? " (as its copies in the queues tell)" : ""));
        line("client", plain(mail.get("client")) + (mail.get("helo").isNull() ? "" : " (" + plain(mail.get("helo")) + ")"));
        line("from", path(mail.get("from")));
        String label = "to";
        int shown = Math.min(RECIPIENTS, mail.get("recipients").size());
        for (int i = 0; i < shown; i++) {
            line(label, path(mail.get("recipients").get(i)));
            label = "";
        }
        if (mail.get("recipient_count").asLong() > shown) {
            line(label, "and " + (mail.get("recipient_count").asLong() - shown) + " more");
        }
        line("message-id", plain(mail.get("message_id")));
        line("queue id", mail.get("queue_id").isNull() ? "" : plain(mail.get("queue_id")) + " at the primary");
        line("size", mail.get("size").isNull() ? "" : Words.size(mail.get("size").asLong()));
        out.println();
        int left = mail.get("omitted").asInt();
        int number = 0;
        for (JsonNode event : mail.get("events")) {
            if (left > 0 && number++ == mail.get("events").size() / 2) {
                out.println("... " + Words.count(left, "event is", "events are") + " left out here ...");
            }
            event(event, mail);
        }
        if (!mail.get("copies").isEmpty()) {
            out.println();
            out.println("Copies now");
            mail.get("copies").forEach(this::copy);
        }
    }

    private void event(JsonNode event, JsonNode mail) {
        StringBuilder text = new StringBuilder(time(event.get("at"))).append("  ").append(plain(event.get("event")));
        if (event.hasNonNull("destination")) {
            text.append(event.path("role").asText().equals("primary") ? " by the primary " : " ").append(plain(event.get("destination")));
        } else if (event.hasNonNull("queue")) {
            text.append(' ').append(plain(event.get("queue")));
        }
        if (event.hasNonNull("to") && !event.get("to").equals(mail.get("recipients"))) {
            text.append(" for ").append(recipients(event.get("to"), event.path("nrcpt").asLong(event.get("to").size())));
        }
        if (event.path("attempts").asInt() > 1) {
            text.append(", try ").append(event.get("attempts").asInt());
        }
        if (event.hasNonNull("reply")) {
            text.append(": ").append(plain(event.get("reply")));
        }
        if (event.hasNonNull("cause") && !event.path("cause").asText().endsWith(event.path("reply").asText("?"))) {
            text.append(" (").append(plain(event.get("cause"))).append(')');
        }
        out.println(text);
    }

    private void copy(JsonNode copy) {
        StringBuilder text = new StringBuilder("  ").append(plain(copy.get("destination"))).append("  ").append(plain(copy.get("state")));
        if (!copy.get("recipients").isEmpty()) {
            text.append(" for ").append(recipients(copy.get("recipients"), copy.get("recipients").size()));
        }
        if (copy.get("attempts").asInt() > 0) {
            text.append(", tried ").append(copy.get("attempts").asInt() == 1 ? "once" : copy.get("attempts").asInt() + " times");
        }
        if (!copy.get("at").isNull()) {
            text.append(", ").append(Words.ago(copy.get("at")));
        }
        if (!copy.get("next_attempt_at").isNull()) {
            text.append(", next try ").append(Words.in(copy.get("next_attempt_at")));
        }
        if (!copy.get("reply").isNull()) {
            text.append(": ").append(plain(copy.get("reply")));
        }
        out.println(text);
    }

    private void line(String label, String value) {
        if (!value.isEmpty()) {
            out.printf("%-11s %s%n", label, value);
        }
    }

    private static String recipients(JsonNode mail) {
        return mail.get("recipients").isEmpty() ? "-" : recipients(mail.get("recipients"), mail.get("recipient_count").asLong());
    }

    private static String recipients(JsonNode addresses, long count) {
        int shown = Math.min(RECIPIENTS_IN_TABLE, addresses.size());
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < shown; i++) {
            text.append(i == 0 ? "" : ", ").append(path(addresses.get(i)));
        }
        return text + (count > shown ? " and " + (count - shown) + " more" : "");
    }

    /** Empty when it is not known. */
    private static String path(JsonNode address) {
        return address.isNull() ? "" : "<" + plain(address) + ">";
    }

    private static String plain(JsonNode text) {
        return text.isNull() ? "" : PlainText.of(text.asText());
    }

    private String time(JsonNode time) {
        return TIME.format(Instant.parse(time.asText()).atZone(zone));
    }
}
