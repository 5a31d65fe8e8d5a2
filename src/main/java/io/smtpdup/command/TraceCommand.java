package io.smtpdup.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smtpdup.message.PlainText;
import io.smtpdup.trace.LogSearch;
import io.smtpdup.trace.TraceJson;
import io.smtpdup.trace.TraceQuery;
import io.smtpdup.trace.TraceTimes;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code trace}: what became of a mail. */
@Command(
        name = "trace",
        description = {
            "Follow one mail: what its client heard, how each backup was tried, and where its copies are.",
            "Several mails that fit are listed; without anything to look for, the latest. The relay remembers the latest mails,",
            "and finds older ones while a copy of them waits or is dead. With --log it also searches log files.",
            ""
        },
        footer = {
            "",
            "ID is the relay's id, a Message-ID, or a queue id that a server has named in its reply, such as Postfix does.",
            "TIME is like 10:32, 2026-03-01, \"2026-03-01 10:32\", 2026-03-01T09:32:00Z, or 2h for two hours ago.",
            "",
            "  smtp-duplicator trace 4ABCDEF1",
            "  smtp-duplicator trace --recipient b@example.com --at 10:32",
            "  journalctl -u smtp-duplicator | smtp-duplicator trace --log - 4ABCDEF1",
            "",
            "Exit status: 0 found, 1 not found or nobody could be asked, 2 wrong usage."
        })
final class TraceCommand extends RelaysCommand {

    private static final int MOST = 1000;

    @Parameters(paramLabel = "ID", arity = "0..1", description = "The mail's name: see below.")
    private String id;

    @Option(names = {"-r", "--recipient"}, paramLabel = "ADDRESS", description = "Mails to this address, or to @domain.")
    private String recipient;

    @Option(names = {"-s", "--sender"}, paramLabel = "ADDRESS", description = "Mails from this address, or from @domain; <> for bounces.")
    private String sender;

    @Option(names = "--at", paramLabel = "TIME", description = "Mails that came about then; see --within.")
    private String at;

    @Option(names = "--within", paramLabel = "SPAN", description = "How far from --at, like 90s, 30m or 2h. Default: 10m.")
    private String within;

    @Option(names = "--since", paramLabel = "TIME", description = "Mails that came then or later.")
    private String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Mails that came then or before.")
    private String until;

    @Option(names = {"-n", "--limit"}, paramLabel = "N", defaultValue = "100",
            description = "List at most this many, up to 1000, the latest. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = {"-l", "--log"}, paramLabel = "FILE",
            description = "Search this log of the relay as well, text or JSON, also compressed (.gz); - for the input. Can be repeated, the"
                    + " oldest first.")
    private List<Path> logs = new ArrayList<>();

    TraceCommand(Place place) {
        super(place);
    }

    @Override
    int answer() throws IOException {
        TraceQuery query = query();
        TracedMails mails = new TracedMails();
        for (Path log : logs) {
            requireReadable(log);
        }
        int asked = ask(query, mails);
        if (!logs.isEmpty()) {
            search(query, mails);
        }
        ObjectNode answer = mails.answer(limit);
        if (isJson()) {
            out().print(RelayClient.pretty(answer));
        } else {
            new TracePrinter(out(), ZoneId.systemDefault()).print(answer, !query.isAll());
        }
        answer.get("notes").forEach(note -> complain(PlainText.of(note.asText())));
        if (answer.get("mails").isEmpty() && !query.isAll()) {
            throw new CommandException("no such mail is " + (asked == 0 ? "in the log" : logs.isEmpty()
                    ? "remembered, or has a copy in a queue; if it is older, search the log: --log FILE" : "remembered, in a queue, or in the log"));
        }
        return ExitCode.OK;
    }

    private TraceQuery query() {
        if (limit < 1 || limit > MOST) {
            throw new UsageException(spec().commandLine(), "--limit is a number from 1 to " + MOST);
        }
        if (at != null && (since != null || until != null)) {
            throw new UsageException(spec().commandLine(), "--at cannot be combined with --since or --until");
        }
        if (within != null && at == null) {
            throw new UsageException(spec().commandLine(), "--within says how far from --at, which is missing");
        }
        TraceTimes times = new TraceTimes(ZoneId.systemDefault(), Instant.now());
        if (at != null) {
            Instant middle = read("--at", at, times::time);
            Duration around = read("--within", within == null ? "10m" : within, TraceTimes::span);
            return new TraceQuery(id, recipient, sender, middle.minus(around), middle.plus(around));
        }
        Instant from = since == null ? null : read("--since", since, times::time);
        Instant to = until == null ? null : read("--until", until, times::time);
        if (from != null && to != null && to.isBefore(from)) {
            throw new UsageException(spec().commandLine(), "--until is before --since");
        }
        return new TraceQuery(id, recipient, sender, from, to);
    }

    private <T> T read(String option, String text, Function<String, T> meaning) {
        try {
            return meaning.apply(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(spec().commandLine(), option + ": " + e.getMessage());
        }
    }

    /** Returns how many relays have answered. One that does not is no reason to leave a log unread. */
    private int ask(TraceQuery query, TracedMails mails) {
        Query parameters = new Query().with("id", id).with("recipient", recipient).with("sender", sender).with("since", query.since())
                .with("until", query.until()).with("limit", limit);
        int asked = 0;
        for (RelayClient relay : relays()) {
            try {
                mails.add((ObjectNode) relay.get("/trace", parameters).tree());
                asked++;
            } catch (CommandException e) {
                if (logs.isEmpty()) {
                    throw e;
                }
                complain(e.getMessage() + "; the log is searched alone");
            }
        }
        return asked;
    }

    private void requireReadable(Path log) {
        if (!isInput(log) && !Files.isRegularFile(place().here().resolve(log))) {
            throw new UsageException(spec().commandLine(), log + ": there is no such file");
        }
    }

    private static boolean isInput(Path log) {
        return log.toString().equals("-");
    }

    private void search(TraceQuery query, TracedMails mails) throws IOException {
        LogSearch search = new LogSearch(query, limit);
        for (Path log : logs) {
            long before = search.events();
            if (isInput(log)) {
                search.read(System.in);
            } else {
                try (InputStream in = Files.newInputStream(place().here().resolve(log))) {
                    search.read(in);
                }
            }
            if (search.events() == before) {
                complain(PlainText.of(log.toString()) + " has no line about a mail");
            }
        }
        mails.add(new TraceJson(time -> time).answer(search.found(), search.more(), List.of()));
    }
}
