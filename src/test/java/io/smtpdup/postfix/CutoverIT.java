package io.smtpdup.postfix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smtpdup.command.Commands;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The switch, the way back and reloads while clients and a Postfix never stop: nobody is refused, and each server gets each mail once. */
class CutoverIT {

    private static final int CLIENTS = 20;

    private static final int SOME = 200;

    @RegisterExtension
    final SiteKeeper keeper = new SiteKeeper();

    private final ExecutorService clients = Executors.newCachedThreadPool();

    private final AtomicInteger next = new AtomicInteger();

    private final Queue<String> accepted = new ConcurrentLinkedQueue<>();

    private final List<Future<?>> load = new ArrayList<>();

    private volatile boolean enough;

    private Path directory;

    private Site site;

    @BeforeEach
    void open(@TempDir Path relayDirectory) throws IOException {
        directory = relayDirectory;
        site = keeper.keep(Site.byDomain(relayDirectory));
        awaitTools();
    }

    @AfterEach
    void endLoad() {
        enough = true;
        clients.shutdown();
    }

    private record Ended(int status, String printed) {
    }

    private Ended execute(String... arguments) {
        StringWriter printed = new StringWriter();
        CommandLine program = new CommandLine(CommandSpec.create().name("smtp-duplicator"));
        Commands.addTo(program, directory, directory, Map.of());
        int status = program.setOut(new PrintWriter(printed)).setErr(new PrintWriter(printed)).execute(arguments);
        return new Ended(status, printed.toString());
    }

    private String run(int status, String... arguments) {
        Ended ended = execute(arguments);
        assertThat(ended.status()).as(ended.printed()).isEqualTo(status);
        return ended.printed();
    }

    /** Which are there a moment after the greeting. */
    private void awaitTools() {
        await().until(() -> execute("cutover", "status").status() == 0);
    }

    private String settings() throws IOException {
        return Files.readString(directory.resolve("application.properties"));
    }

    private void set(String line) throws IOException {
        Files.writeString(directory.resolve("application.properties"), settings() + line + "\n");
    }

    private void send(SmtpDialogue client) {
        String recipient = "m" + next.incrementAndGet() + "@example.com";
        Site.transact(client, "alice@sender.test", List.of(recipient), Site.message(recipient));
        accepted.add(recipient);
    }

    /** Copies may wait, and what is tested is not how many. */
    private void awaitCopies() {
        await().until(() -> enough || Stream.of(site.primary, site.backupA, site.backupB)
                .allMatch(server -> server.messages().size() >= accepted.size() - SOME));
    }

    /** @param stays whether one connection is for all mails, and not for one each */
    private void sendFor(int port, boolean stays) {
        load.add(clients.submit(() -> {
            while (!enough) {
                try (SmtpDialogue client = SmtpDialogue.connect(port)) {
                    client.expect("220");
                    client.say("EHLO client.example", "250");
                    do {
                        awaitCopies();
                        send(client);
                    } while (stays && !enough);
                    client.say("QUIT", "221");
                }
            }
        }));
    }

    private void awaitMore() {
        int now = accepted.size();
        await().until(() -> accepted.size() >= now + SOME || load.stream().anyMatch(Future::isDone));
    }

    private void endClients() throws Exception {
        enough = true;
        for (Future<?> client : load) {
            client.get();
        }
        assertThat(accepted).hasSize(next.get());
    }

    private void assertEachOnceAt(ScriptedSmtpServer server) {
        await().until(() -> server.messages().size() >= accepted.size());
        assertThat(server.messages().stream().map(ReceivedMessage::recipients).flatMap(List::stream).toList())
                .containsExactlyInAnyOrderElementsOf(Set.copyOf(accepted));
    }

    @Test
    void refusesNobodyLosesNothingAndDoublesNothing() throws Exception {
        String written = settings();
        String old = site.primary.address();
        String fresh = site.backupA.address();
        for (int i = 0; i < CLIENTS; i++) {
            sendFor(site.relay.port(), i % 2 == 0);
        }
        sendFor(site.postfix.port(), false);
        awaitMore();
        assertThat(run(0, "cutover", fresh, "--check"))
                .contains(fresh + " answers, and would take a mail", old + " answers, and would take a mail");

        run(0, "cutover", fresh, "--anyway", "the test has no week");
        assertThat(settings().lines()).contains("relay.destination_primary=" + fresh,
                "relay.destination_backups=" + old + "," + site.backupB.address());
        awaitMore();
        run(0, "rollback", "--reason", "and back");
        assertThat(settings()).isEqualTo(written);
        awaitMore();
        set("relay.backup_rate=60000");
        assertThat(run(0, "reload")).contains("relay.backup_rate");
        awaitMore();
        set("relay.retry_for=soon");
        assertThat(run(1, "reload")).contains("relay.retry_for");
        Files.writeString(directory.resolve("application.properties"), written);
        run(0, "cutover", fresh, "--anyway", "once more");
        awaitMore();

        endClients();
        await().until(() -> site.postfix.queue().isEmpty());
        for (ScriptedSmtpServer server : List.of(site.primary, site.backupA, site.backupB)) {
            assertEachOnceAt(server);
        }
        assertThat(run(0, "cutover", "status")).contains(fresh + " is the primary since", "by cutover", "by rollback", "and back");
    }

    @Test
    void knowsTheSwitchAfterARestart() throws Exception {
        String written = settings();
        run(0, "cutover", site.backupA.address(), "--anyway", "the test has no week");
        site.relay.stop();
        site.relay.start();
        awaitTools();

        assertThat(run(0, "cutover", "status")).contains(site.backupA.address() + " is the primary since", "the test has no week");
        run(0, "rollback");

        assertThat(settings()).isEqualTo(written);
        site.send("alice@sender.test", List.of("bob@example.com"), Site.message("after"));
        for (ScriptedSmtpServer server : List.of(site.primary, site.backupA, site.backupB)) {
            assertThat(server.awaitMessages(1)).extracting(Site::subject).containsExactly("after");
        }
    }
}
