package io.smtpdup.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smtpdup.command.Commands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The command {@code trace}, as an operator types it beside a running relay. */
class TraceCommandTest extends SteeredRelay {

    private static final byte[] NAMED = "Message-ID: <one@b.example>\r\nSubject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private static final String OLD = "2026-03-01T10:12:30.004+01:00 INFO  mail accepted id=\"1M857J9QHYK51GMQ\" client=\"192.0.2.7\""
            + " from=\"old@b.example\" to=\"b@b.example\" nrcpt=\"1\" size=\"100\" reply=\"250 2.0.0 Ok: queued as 4OLD\"\n";

    @TempDir
    private Path here;

    /** What a command printed, and how it ended. */
    private record Result(int status, String out, String err) {
    }

    @Test
    void tellsAMailsLifeALineForEachEvent() {
        relay.primary().on("DOT").reply("250 2.0.0 Ok: queued as 4ABCDEF1");
        relay.backup(2).on("RCPT").reply("450 4.2.1 busy");
        relay.send("<a@b.example>", List.of("b@b.example"), NAMED, "250");
        await().until(() -> trace("4ABCDEF1").out(), out -> out.contains(" deferred for <b@b.example>, tried once") && out.contains("delivered, tried once"));

        Result result = trace("one@b.example");

        assertThat(result.status()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out().lines()).contains("state       accepted", "client      127.0.0.1 (client.example)", "from        <a@b.example>",
                "to          <b@b.example>", "message-id  <one@b.example>", "queue id    4ABCDEF1 at the primary", "", "Copies now");
        assertThat(result.out().lines().filter(line -> line.startsWith("20")).map(line -> line.replaceFirst("^\\S+  ", "")))
                .startsWith("accepted: 250 2.0.0 Ok: queued as 4ABCDEF1",
                        "delivered by the primary " + relay.primary().address() + ": 250 2.0.0 Ok: queued as 4ABCDEF1")
                .anySatisfy(line -> assertThat(line).startsWith("deferred " + relay.backup(2).address() + ": 450 4.2.1 busy"));
        assertThat(result.out()).containsPattern(relay.backup(2).address() + "  deferred for <b@b.example>, tried once, .* next try in .*: 450 4.2.1 busy");
    }

    @Test
    void listsSeveralMails() {
        send("one@d.example");
        send("two@d.example");

        Result result = trace("-r", "@d.example");

        assertThat(result.status()).isZero();
        assertThat(result.out()).startsWith("ID").containsSubsequence("<a@b.example> -> <two@d.example>", "<a@b.example> -> <one@d.example>");
        assertThat(trace().out()).isEqualTo(result.out());
        assertThat(trace("-r", "@d.example", "--at", "1m").out()).isEqualTo(result.out());
        assertThat(trace("-r", "@d.example", "--until", "1h").status()).isEqualTo(1);
        assertThat(trace("-n", "1").out()).contains("and 1 more");
    }

    @Test
    void findsInALogWhatTheRelayDoesNotRemember() throws IOException {
        Files.writeString(here.resolve("old.log"), OLD);

        Result alone = trace("4OLD");
        Result logged = trace("4OLD", "--log", "old.log");
        Result json = trace("4OLD", "--log", "old.log", "--json");

        assertThat(alone.status()).isEqualTo(1);
        assertThat(alone.err()).contains("search the log: --log FILE");
        assertThat(logged.out()).contains("id          1M857J9QHYK51GMQ", "from        <old@b.example>", "accepted: 250 2.0.0 Ok: queued as 4OLD");
        assertThat(new ObjectMapper().readTree(json.out()).at("/mails/0/source").asText()).isEqualTo("log");
    }

    @Test
    void readsALogAlsoWhenNoRelayAnswers() throws IOException {
        Files.writeString(here.resolve("old.log"), OLD);
        relay.stop();

        Result result = trace("4OLD", "--log", "old.log");
        Result alone = trace("4OLD");

        assertThat(result.status()).isZero();
        assertThat(result.err()).contains("no relay answers", "the log is searched alone");
        assertThat(result.out()).contains("id          1M857J9QHYK51GMQ");
        assertThat(alone.status()).isEqualTo(1);
        relay.start();
    }

    @Test
    void putsTogetherWhatSeveralRelaysAndALogKnow() throws IOException {
        relay.send("<a@b.example>", List.of("b@b.example"), NAMED, "250");
        await().until(() -> json("one@b.example").at("/mails/0/copies"), copies -> copies.size() == 2);
        JsonNode mail = json("one@b.example").at("/mails/0");
        String id = mail.get("id").asText();
        Files.writeString(here.resolve("other.log"), mail.get("at").asText() + " INFO  mail accepted id=\"" + id
                + "\" client=\"127.0.0.1\" from=\"a@b.example\" to=\"b@b.example\" reply=" + mail.get("reply") + "\n"
                + "2036-03-01T10:12:30.004Z WARN  mail deleted id=\"" + id + "\" destination=\"gone:25\"\n");

        JsonNode merged = json(id, "--url", port.url(), "--url", port.url(), "--log", "other.log");

        assertThat(merged.get("mails")).hasSize(1);
        assertThat(merged.at("/mails/0/events")).hasSize(mail.get("events").size() + 1);
        assertThat(merged.at("/mails/0/copies")).hasSize(3);
        assertThat(merged.at("/mails/0/events").findValuesAsText("event")).startsWith("accepted").endsWith("deleted");
    }

    @Test
    void showsNoControlCharacterWhateverIsSaid() throws IOException {
        Files.writeString(here.resolve("bad.log"), OLD.replace("old@b", "o\u001b[2Jld@b").replace("queued", "que\u009bued")
                + "{\"@timestamp\":\"2026-03-01T10:12:31Z\",\"message\":\"lost\",\"logger_name\":\"mail\",\"id\":\"1M857J9QHYK51GMQ\","
                + "\"destination\":\"x\\u001b[2J\",\"cause\":\"\\u202e\\u0007\"}\n");

        Result result = trace("1M857J9QHYK51GMQ", "-l", "bad.log");
        Result list = trace("-r", "b@b.example", "-l", "bad.log", "-n", "1");

        assertThat(result.out()).contains("lost x").doesNotContainPattern("[\\p{Cc}\\p{Cf}&&[^\n]]");
        assertThat(list.out()).contains("1M857J9QHYK51GMQ").doesNotContainPattern("[\\p{Cc}\\p{Cf}&&[^\n]]");
    }

    @Test
    void refusesWhatCannotBeMeant() {
        assertWrong("--at: \"noon\" is no time like 10:32", "--at", "noon");
        assertWrong("--within: \"long\" is no time like 90s", "--at", "10:32", "--within", "long");
        assertWrong("--within says how far from --at, which is missing", "--within", "5m");
        assertWrong("--at cannot be combined with --since or --until", "--at", "10:32", "--since", "2h");
        assertWrong("--until is before --since", "--since", "1h", "--until", "2h");
        assertWrong("--limit is a number from 1 to 1000", "-n", "0");
        assertWrong("nowhere.log: there is no such file", "-l", "nowhere.log");
        assertWrong("one argument too many", "one", "two");
    }

    private void assertWrong(String reason, String... arguments) {
        Result result = trace(arguments);
        assertThat(result.status()).as(result.err()).isEqualTo(2);
        assertThat(result.err()).contains(reason);
    }

    private JsonNode json(String... arguments) {
        String[] all = Stream.concat(Arrays.stream(arguments), Stream.of("--json")).toArray(String[]::new);
        return ManagementPort.tree(trace(all).out());
    }

    private Result trace(String... arguments) {
        try {
            Files.writeString(here.resolve("application.properties"), "management.port=" + port.number());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine program = new CommandLine(new SmtpDuplicator(here, Map.of()));
        Commands.addTo(program, here, here, Map.of());
        program.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] all = Stream.concat(Stream.of("trace"), Arrays.stream(arguments)).toArray(String[]::new);
        return new Result(program.execute(all), out.toString(), err.toString());
    }
}
