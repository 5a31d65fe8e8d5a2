package io.smtpdup.command;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smtpdup.message.PlainText;
import io.smtpdup.recipients.AddressFile;
import io.smtpdup.recipients.RecipientChecks;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code recipients}: what a backup thinks of addresses. */
@Command(
        name = "recipients",
        description = {"Find out which recipients a backup knows, without sending it a mail: recipients check.", ""})
final class RecipientsCommand extends RelayCommand {

    RecipientsCommand(Place place) {
        super(place);
    }

    @Override
    void run(RelayClient relay) {
        throw new UsageException(spec().commandLine(), "say what to do: recipients check");
    }

    /** {@code recipients check} */
    @Command(
            name = "check",
            description = {
                "Ask a backup about addresses, with MAIL, RCPT and RSET, and find forgotten mailboxes before the first mail.",
                "The relay asks, as it would deliver, no more than relay.backup_check_rate addresses a second. Without FILE about all",
                "addresses that the primary has taken mail for so far; that needs agreement.addresses=plain.",
                ""
            },
            footer = {
                "",
                "Ctrl-C ends the check. What the backup refuses counts in the report of the command agreement, until a later check finds",
                "it taken. Exit status: 0 all are taken, 1 some are refused, 2 wrong usage or a line that is no address, 3 nothing is",
                "refused, and some were not asked about, got no clear answer, or are of a domain of which the backup takes any address."
            })
    static final class Check extends RelayCommand {

        private static final int UNCLEAR = 3;

        /** So many questions in a row, one a second, how far the check is. */
        private static final int MOST_FAILED = 30;

        private static final int AT_ONCE = 10_000;

        @Option(names = {"-b", "--backup"}, paramLabel = "BACKUP", required = true, description = "The backup: host:port, or its name.")
        private String backup;

        @Option(names = "--from", paramLabel = "ADDRESS", description = "The reverse-path. Default: <>, as bounces have it.")
        private String from;

        @Parameters(paramLabel = "FILE", arity = "0..1",
                description = "Addresses, one a line, UTF-8; empty lines and lines that begin with # are skipped. - for the input.")
        private Path file;

        private int status;

        Check(Place place) {
            super(place);
        }

        @Override
        int failed() {
            return UNCLEAR;
        }

        @Override
        int answer() throws IOException {
            super.answer();
            return status;
        }

        @Override
        void run(RelayClient relay) throws IOException {
            checkSender();
            String list = file == null ? null : addresses();
            String job = HexFormat.of().toHexDigits(new SecureRandom().nextLong());
            Query query = new Query().with("backup", backup).with("from", from).with("job", job);
            Thread signal = new Thread(() -> cancel(relay, job), "cancel");
            Runtime.getRuntime().addShutdownHook(signal);
            try {
                JsonNode begun = (list == null ? relay.post("/recipients/check", query.with("known", true))
                        : relay.post("/recipients/check", query, BodyPublishers.ofString(list))).tree();
                print(relay, follow(relay, job, begun));
            } finally {
                if (Thread.interrupted()) { // or nothing could be said to the relay any more
                    cancel(relay, job);
                    Thread.currentThread().interrupt();
                }
                try {
                    Runtime.getRuntime().removeShutdownHook(signal);
                } catch (IllegalStateException e) {
                    // the signal came, and the hook does its work
                }
            }
        }

        private void checkSender() {
            try {
                if (from != null && !from.equals("<>")) {
                    AddressFile.address(from);
                }
            } catch (IllegalArgumentException e) {
                throw new UsageException(spec().commandLine(), "--from: " + e.getMessage());
            }
        }

        /** What the relay need not be asked for. */
        private String addresses() throws IOException {
            boolean input = file.toString().equals("-");
            Path path = place().here().resolve(file);
            if (!input && !Files.isRegularFile(path)) {
                throw new UsageException(spec().commandLine(), file + ": there is no such file");
            }
            AddressFile list;
            try (InputStream octets = input ? InputStream.nullInputStream() : Files.newInputStream(path)) {
                list = AddressFile.read(input ? System.in : octets);
            }
            String name = input ? "the input" : file.toString();
            if (list.wrong() > 0) {
                list.problems().forEach(problem -> complain(PlainText.of(name + ", " + problem)));
                throw new UsageException(spec().commandLine(),
                        name + " has " + (list.isTooLong() ? "at least " : "") + Words.count(list.wrong(), "line that is no address", "lines that are no addresses"));
            }
            if (list.addresses().isEmpty()) {
                throw new UsageException(spec().commandLine(), name + " has no address");
            }
            if (list.isTooLong()) {
                throw new UsageException(spec().commandLine(), name + " has more than " + RecipientChecks.MOST
                        + " addresses, which is what a check takes: use several files");
            }
            return String.join("\n", list.addresses()) + "\n";
        }

        /** Looks until it is over. */
        private JsonNode follow(RelayClient relay, String job, JsonNode begun) {
            Progress progress = Progress.of(this);
            JsonNode seen = begun;
            int failed = 0;
            try {
                for (long pause = 50; isGoingOn(seen); pause = Math.min(1000, pause * 2)) {
                    int open = seen.get("not_asked").asInt();
                    int all = seen.get("total").asInt();
                    progress.show(all - open, all, ", " + seen.get("refused").asInt() + " refused"
                            + (seen.get("state").asText().equals("waiting") ? ", goes on " + Words.in(seen.get("next_try")) : ""));
                    TimeUnit.MILLISECONDS.sleep(pause);
                    try {
                        seen = relay.get("/recipients/status", new Query().with("backup", backup)).tree();
                        failed = 0;
                    } catch (CommandException e) {
                        failed = failedAgain(e, failed);
                    }
                    if (!seen.get("job").asText().equals(job)) {
                        throw new CommandException("another check of " + backup + " has taken the place of this one");
                    }
                }
                return seen;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandException("interrupted");
            } finally {
                progress.clear();
            }
        }

        /** A check may take hours, in which not every question about it need be answered. */
        private static int failedAgain(CommandException e, int before) {
            boolean refused = e.status() >= 400 && e.status() < 500;
            if (refused || Thread.currentThread().isInterrupted()) {
                throw e;
            }
            if (before + 1 == MOST_FAILED) {
                throw new CommandException(e.getMessage() + "; the check goes on, if the relay does");
            }
            return before + 1;
        }

        private static boolean isGoingOn(JsonNode seen) {
            return seen.get("state").asText().equals("running") || seen.get("state").asText().equals("waiting");
        }

        private void cancel(RelayClient relay, String job) {
            try {
                relay.post("/recipients/cancel", new Query().with("backup", backup).with("job", job));
            } catch (CommandException e) {
                if (e.status() == 404) {
                    return; // it had not begun, and now it will not
                }
                complain("the check may go on: " + e.getMessage());
            }
        }

        private void print(RelayClient relay, JsonNode end) {
            ArrayNode notTaken = end.withArray("/results");
            int more = 1;
            while (more > 0) {
                JsonNode page = relay.get("/recipients/results", new Query().with("backup", backup)
                        .with("job", end.get("job").asText()).with("after", notTaken.size()).with("limit", AT_ONCE)).tree();
                page.get("results").forEach(notTaken::add);
                more = page.get("results").isEmpty() ? 0 : page.get("more").asInt();
            }
            int refused = end.get("refused").asInt();
            status = end.get("taken").asInt() == end.get("total").asInt() ? ExitCode.OK : refused > 0 ? ExitCode.SOFTWARE : UNCLEAR;
            if (isJson()) {
                out().print(RelayClient.pretty(end));
            } else {
                printForPeople((ObjectNode) end, notTaken);
            }
            if (!end.get("state").asText().equals("done")) {
                complain("the check was " + end.get("state").asText()
                        + (end.get("reason").isNull() ? "" : ": " + PlainText.of(end.get("reason").asText())));
            }
        }

        private void printForPeople(ObjectNode end, ArrayNode notTaken) {
            out().println(end.get("backup").asText() + ": " + end.get("taken").asInt() + " of " + end.get("total").asInt() + " taken, "
                    + end.get("refused").asInt() + " refused" + count(end, "unclear", "unclear") + count(end, "not_asked", "not asked")
                    + count(end, "catch_all", "of domains of which it takes any address"));
            list("Refused", "refused", notTaken);
            list("Unclear", "unclear", notTaken);
            list("Not asked", "not-asked", notTaken);
            if (!end.get("catch_all_domains").isEmpty()) {
                out().println();
                out().println("It takes any address of these domains, so that what it says about their addresses means nothing:");
                end.get("catch_all_domains").forEach(domain -> out().println("  " + PlainText.of(domain.asText())));
            }
        }

        private static String count(JsonNode end, String name, String words) {
            return end.get(name).asInt() == 0 ? "" : ", " + end.get(name).asInt() + " " + words;
        }

        private void list(String title, String result, ArrayNode notTaken) {
            boolean first = true;
            for (JsonNode one : (Iterable<JsonNode>) StreamSupport.stream(notTaken.spliterator(), false)
                    .filter(each -> each.get("result").asText().equals(result))::iterator) {
                if (first) {
                    out().println();
                    out().println(title);
                    first = false;
                }
                out().println("  " + PlainText.of(one.get("recipient").asText()) + (one.get("reply").isNull() ? ""
                        : "  " + one.get("category").asText() + "  " + PlainText.of(one.get("reply").asText())
                        + (one.get("said_to").asText().equals("mail") ? " (to MAIL)" : "")));
            }
        }
    }
}
