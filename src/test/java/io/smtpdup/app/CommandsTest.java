package io.smtpdup.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.smtpdup.command.Commands;
import io.smtpdup.testkit.ReceivedMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The commands, as an operator types them beside a running relay. */
class CommandsTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private final ManagementPort port = new ManagementPort();

    @TempDir
    private Path here;

    private RelayUnderTest relay;

    /** What a command printed, and how it ended. */
    private record Result(int status, String out, String err) {
    }

    @BeforeEach
    void start() throws IOException {
        Files.writeString(here.resolve("application.properties"), "management.port=" + port.number());
        relay = RelayUnderTest.withBackups(2).set("management.port", String.valueOf(port.number()))
                .set("relay.retry_first", "1h").start();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void showsHowEachBackupIsDoing() {
        kill("c@d.example", "550 5.7.1 not this one");

        Result result = run("queue");

        assertThat(result.out().lines().map(line -> line.replaceAll(" +", " "))).containsExactly(
                "BACKUP STATE WAITING DEFERRED IN FLIGHT DEAD OLDEST",
                name(1) + " active 0 0 0 1 -",
                name(2) + " active 0 0 0 0 -");
        assertThat(result.out().lines()).allMatch(line -> line.length() <= 100);
        assertThat(result).extracting(Result::status, Result::err).containsExactly(0, "");
    }

    @Test
    void tellsWhereAMailIsAndWhy() {
        kill("c@d.example", "550 5.7.1 not this one");
        run("pause", relay.backup(2).address());
        relay.send("<>", List.of("e@f.example", "g@f.example"), HELLO, "250");
        await().until(() -> run("queue", "list", "-b", name(2)).status() == 0);

        assertThat(run("dead").out()).contains("<a@b.example> -> <c@d.example>", "550 5.7.1 not this one", "dead");
        assertThat(run("queue", "list", "--recipient", "@f.example").out()).contains("waiting", "<> -> <e@f.example>, <g@f.example>");
        String id = run("dead", "list").out().lines().skip(1).findFirst().orElseThrow().split(" ")[0];
        assertThat(run("queue", "show", id).out()).contains("id          " + id, "state       dead", "to          <c@d.example>",
                "last reply  550 5.7.1 not this one", "given up    20");
        assertThat(run("dead", "show", id).out()).contains("id          " + id, "state       dead");
    }

    @Test
    void requeuesExportsDeletesAndReplays() throws IOException {
        kill("one@d.example", "550 5.7.1 not this one");
        kill("two@d.example", "552 5.2.2 quota");

        Result export = run("dead", "export", "--all", "-d", "saved");
        Result again = run("dead", "export", "--reply", "quota", "-d", "saved");
        Result delete = run("dead", "delete", "--recipient", "two@d.example");
        Result requeue = run("dead", "requeue", "-b", relay.backup(1).address());

        List<String> files = export.out().lines().toList();
        assertThat(files).hasSize(2).allMatch(file -> Files.exists(Path.of(file)));
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.err()).contains("already exists");
        assertThat(files).allSatisfy(file -> assertThat(Files.getPosixFilePermissions(Path.of(file)))
                .isEqualTo(PosixFilePermissions.fromString("rw-------")));
        assertThat(Files.getPosixFilePermissions(here.resolve("saved"))).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(delete).extracting(Result::status, Result::out).containsExactly(0, "1 dead letter deleted" + System.lineSeparator());
        assertThat(requeue.out()).startsWith("1 dead letter requeued");
        relay.backup(1).awaitMessages(1);

        Result replay = run(Stream.concat(Stream.of("replay", "-b", name(1)), files.stream()).toArray(String[]::new));

        assertThat(replay.err()).isEmpty();
        assertThat(replay.out().lines()).hasSize(2);
        assertThat(relay.backup(1).awaitMessages(3)).extracting(ReceivedMessage::belowReceived).containsOnly(HELLO);
    }

    @Test
    void replaysAnyMailForWhomTheOperatorSays() throws IOException {
        Files.write(here.resolve("mail.eml"), HELLO);

        assertThat(run("replay", "-b", name(2), "mail.eml").err()).contains("mail.eml: the file has no envelope");
        Result result = run("replay", "-b", name(2), "--from", "<>", "--to", "x@d.example", "mail.eml");

        assertThat(result.out()).startsWith("mail.eml is queued for " + name(2) + " as ");
        assertThat(relay.backup(2).awaitMessages(1).get(0).mailFrom()).contains("<>");
    }

    @Test
    void pausesResumesAndRetries() {
        relay.backup(1).on("RCPT").once().reply("450 4.2.1 mailbox busy");
        relay.send("<a@b.example>", List.of("c@d.example"), HELLO, "250");
        await().until(() -> run("queue", "list").out().contains("deferred"));

        assertThat(run("pause", name(1)).out()).startsWith(name(1) + " gets nothing until it is resumed");
        assertThat(run("retry", "--all").out().lines()).containsExactly(
                "1 deferred copy is tried as soon as the pause ends, before others",
                name(1) + " is paused and gets nothing: see the command resume");
        assertThat(run("resume", "--all").out().lines()).hasSize(2);
        relay.backup(1).awaitMessages(1);
        assertThat(run("retry", "--all")).extracting(Result::status, Result::err)
                .containsExactly(1, "smtp-duplicator: nothing is deferred, and no backup is away" + System.lineSeparator());
    }

    @Test
    void exportsMovesAndDeletesWhatWaitsForABackupThatIsPaused() {
        run("pause", name(1));
        relay.send("<a@b.example>", List.of("one@d.example"), HELLO, "250");
        relay.send("<a@b.example>", List.of("two@d.example"), HELLO, "250");
        relay.backup(2).awaitMessages(2);

        assertThat(run("queue", "export", "-b", name(1), "-d", "waiting").out().lines().toList()).hasSize(2)
                .allMatch(file -> Files.exists(Path.of(file)));
        assertThat(run("queue", "move", "-r", "one@d.example", "--to", name(2)).out()).startsWith("1 copy moved");
        assertThat(relay.backup(2).awaitMessages(3).get(2).recipients()).containsExactly("one@d.example");
        // The server has the mail a moment before its copy is gone from the queue.
        Result deleted = await().until(() -> run("queue", "delete", "--all"), result -> !result.err().contains("is getting its copies"));
        assertThat(deleted.out()).as(deleted.err()).startsWith("1 copy deleted");
        assertFailed("no copy is waiting", "queue", "delete", "--all");
        assertFailed("is in relay.destination_backups", "queue", "drain", name(1));
    }

    @Test
    void printsTheAnswerOfTheRelayAsJson() {
        kill("c@d.example", "550 5.7.1 not this one");

        assertThat(ManagementPort.tree(run("queue", "--json").out()).at("/backups/0/dead").asInt()).isEqualTo(1);
        assertThat(ManagementPort.tree(run("dead", "--json", "list").out()).at("/copies/0/state").asText()).isEqualTo("dead");
        assertThat(ManagementPort.tree(run("queue", "list", "--json").out()).get("copies")).isEmpty();
        assertThat(ManagementPort.tree(run("dead", "delete", "--all", "--json").out()).get("deleted").asInt()).isEqualTo(1);
    }

    @Test
    void saysWhatIsWrongAndEndsWithANumber() throws IOException {
        assertThat(run("dead", "delete")).extracting(Result::status).isEqualTo(2);
        assertThat(run("dead", "delete").err()).contains("or --all");
        assertThat(run("dead", "delete", "--all", "x")).extracting(Result::status).isEqualTo(2);
        assertThat(run("nonsense")).extracting(Result::status).isEqualTo(2);
        assertThat(run("pause")).extracting(Result::status).isEqualTo(2);
        assertFailed("no dead letter fits: there are none", "dead", "delete", "-r", "nobody@d.example");
        assertFailed("no copy that waits fits: there are none", "queue", "list", "nobody");
        assertFailed("nothing is queued of 1M857J9QHYK51GMQ", "queue", "show", "1M857J9QHYK51GMQ");
        assertFailed("there is no backup nobody:25, but " + relay.backup(1).address(), "pause", "nobody:25");
        assertFailed("no relay answers at http://127.0.0.1:1:", "queue", "--url", "http://127.0.0.1:1");
        assertFailed("is not the URL", "queue", "--url", "nonsense");
        Files.writeString(here.resolve("application.properties"), "management.port=x");
        assertFailed("management.port: \"x\"", "queue");
        Files.writeString(here.resolve("application.properties"), "management.port=0");
        assertFailed("use --url", "queue");
        assertThat(run("queue", "--url", port.url()).status()).isZero();
    }

    @Test
    void bringsTheTokenAlong() throws IOException {
        relay.stop();
        relay.set("management.token", "correct-horse-battery").start();

        assertFailed("management.token", "queue");
        assertThat(run("queue", "--token", "correct-horse-battery").status()).isZero();
        assertThat(run(Map.of("SMTP_DUP_MANAGEMENT_TOKEN", "correct-horse-battery"), "queue").status()).isZero();
    }

    private void assertFailed(String reason, String... arguments) {
        Result result = run(arguments);
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).startsWith("smtp-duplicator: ").contains(reason);
        assertThat(result.out()).isEmpty();
    }

    @Test
    void tellsHowTheRelayIs() {
        assertThat(run("health")).isEqualTo(new Result(0, "ready\n", ""));
        assertThat(run("health", "--live")).isEqualTo(new Result(0, "live\n", ""));

        relay.relay().spool().stop();

        assertThat(run("health", "--live").status()).isZero();
        assertThat(run("health").status()).isEqualTo(1);
        assertThat(run("health").err()).startsWith("smtp-duplicator: not ready: ").contains("the spool is closed").hasLineCount(1);
        assertThat(run("health", "--json").out()).contains("\"status\"", "DOWN");
    }

    @Test
    void tellsThatThereIsNoRelay() {
        Result result = run("health", "--url", "http://127.0.0.1:" + new ManagementPort().number());

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("no relay answers").hasLineCount(1);
    }

    /** Sends a mail whose copy for the first backup is dead when this returns. */
    private void kill(String recipient, String reply) {
        relay.backup(1).on("RCPT").when(line -> line.contains(recipient)).once().reply(reply);
        relay.send("<a@b.example>", List.of(recipient), HELLO, "250");
        await().until(() -> run("dead", "list", "-r", recipient).status() == 0);
    }

    private Result run(String... arguments) {
        return run(Map.of(), arguments);
    }

    private Result run(Map<String, String> environment, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine program = new CommandLine(new SmtpDuplicator(here, environment));
        Commands.addTo(program, here, here, environment);
        program.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new Result(program.execute(arguments), out.toString(), err.toString());
    }

    private String name(int backup) {
        return relay.backup(backup).address().replace(':', '-');
    }
}
