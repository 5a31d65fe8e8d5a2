package io.smtpdup.app;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The recipes of {@code docs/routes.md}: each does what it says, and what it leaves alone goes on as always. */
class ExamplesTest {

    private static final Path EXAMPLES = Path.of("examples");

    /** Behind this one the earlier mails have been handed on, because a backup gets its copies in their order. */
    private static final String LAST = "Subject: last\r\n\r\nlast\r\n";

    private final RelayUnderTest relay = RelayUnderTest.withBackups(2).set("relay.backup_concurrency", "1");

    @TempDir
    private Path journal;

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void writesAJournal() throws IOException {
        relay.route("50-journal.camel.yaml", example("journal-to-directory")).set("journal.directory", journal.toString()).start();

        send("Subject: 1\r\n\r\n.dot\r\nlast line\r\n", "a@example.com");

        // Before the client heard 250.
        try (Stream<Path> files = Files.walk(journal)) {
            Path file = files.filter(Files::isRegularFile).toList().get(0);
            assertThat(file.getFileName().toString()).matches("[0-9A-Z]{16}\\.eml");
            assertThat(Files.readAllBytes(file)).isEqualTo(relay.primary().messages().get(0).octets());
        }
        assertThat(relay.backup(2).awaitMessages(1)).hasSize(1);
    }

    @Test
    void goesOnWhenTheJournalCannotBeWritten() throws IOException {
        Path file = Files.createFile(journal.resolve("a-file-and-no-directory"));
        relay.route("50-journal.camel.yaml", example("journal-to-directory")).set("journal.directory", file.toString()).start();

        send(LAST, "a@example.com");

        relay.backups().forEach(backup -> assertThat(backup.awaitMessages(1)).hasSize(1));
    }

    @Test
    void tellsTheAdministratorOfADeadLetter() {
        relay.route("50-notice.camel.yaml", example("notify-on-dead-letters")).set("notice.to", "postmaster@example.com")
                .set("notice.from", "relay@example.com").start();
        relay.backup(2).on("RCPT").reply("550 5.1.1 nobody");

        send(LAST, "a@example.com");

        ReceivedMessage notice = relay.primary().awaitMessages(2).get(1);
        assertThat(notice.envelopeFrom()).isEmpty();
        assertThat(notice.recipients()).containsExactly("postmaster@example.com");
        assertThat(notice.text()).contains("Subject: dead letter for " + relay.backup(2).address().replace(':', '-') + "\r\n",
                "Auto-Submitted: auto-generated\r\n", "\r\n\r\n", "from:       <me@example.com>\r\n",
                "last reply: 550 5.1.1 nobody").doesNotContain(LAST);
        assertThat(notice.text().replace("\r\n", "")).doesNotContain("\n").doesNotContain("\r").doesNotContain("{");
        assertThat(relay.backup(1).awaitMessages(1)).hasSize(1);
    }

    @Test
    void tellsTheAdministratorOfAPartOfACopyToo() {
        relay.route("50-notice.camel.yaml", example("notify-on-dead-letters")).set("notice.to", "postmaster@example.com")
                .set("notice.from", "relay@example.com").start();
        relay.backup(2).on("RCPT").when(line -> line.contains("nobody@")).reply("550 5.1.1 nobody");

        send(LAST, "a@example.com", "nobody@example.com");

        assertThat(relay.primary().awaitMessages(2).get(1).text()).contains("to:         [nobody@example.com]\r\n");
        assertThat(texts(relay.backup(2), 1)).singleElement().asString().endsWith(LAST);
    }

    /** All that is put beside the routes works beside each other, and a recipe that fails harms none of the others. */
    @Test
    void runsRecipesTogether() throws IOException {
        relay.route("50-journal.camel.yaml", example("journal-to-directory")).set("journal.directory", journal.toString())
                .route("51-notice.camel.yaml", example("notify-on-dead-letters")).set("notice.to", "postmaster@example.com")
                .set("notice.from", "relay@example.com")
                .set("relay.destination_backups", relay.backup(1).address() + "?except=board@example.com," + relay.backup(2).address())
                .write("52-broken.camel.yaml", "- route: {id: broken, from: {uri: 'direct:on-copy.a-broken-one', steps: [{throwException: "
                        + "{exceptionType: java.lang.IllegalStateException, message: broken}}]}}\n")
                .start();
        relay.backup(2).on("RCPT").reply("550 5.1.1 nobody");

        send(LAST, "a@example.com", "board@example.com");

        assertThat(recipientsAt(relay.backup(1), 1)).containsExactly(List.of("a@example.com"));
        assertThat(relay.primary().awaitMessages(2).get(1).text()).contains("Subject: dead letter for");
        try (Stream<Path> files = Files.walk(journal)) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(1);
        }
    }

    @Test
    void addsABackup() throws IOException {
        assertThat(keys("another-backup")).containsOnlyKeys("relay.destination_backups");
        relay.set("relay.destination_backups", relay.backup(1).address()).start();
        send("Subject: 1\r\n\r\none\r\n", "a@example.com");
        relay.backup(1).awaitMessages(1);
        relay.stop();

        relay.set("relay.destination_backups", relay.backup(2).address() + "," + relay.backup(1).address()).start();
        send(LAST, "a@example.com");

        assertThat(relay.backup(1).awaitMessages(2)).hasSize(2);
        assertThat(texts(relay.backup(2), 1)).singleElement().asString().endsWith(LAST);
    }

    @Test
    void swapsPrimaryAndBackup() throws IOException {
        assertThat(keys("swap-primary-and-backup")).containsOnlyKeys("relay.destination_primary", "relay.destination_backups");
        relay.set("relay.destination_backups", relay.backup(1).address()).start();
        send("Subject: 1\r\n\r\none\r\n", "a@example.com");
        relay.backup(1).awaitMessages(1);
        relay.stop();

        relay.backup(1).on("RCPT").once().reply("550 5.1.1 said the new primary");
        relay.set("relay.destination_primary", relay.backup(1).address())
                .set("relay.destination_backups", relay.primary().address()).start();
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<me@example.com>", "250");
            client.say("RCPT TO:<x@example.com>", "550 5.1.1 said the new primary");
        }
        send(LAST, "a@example.com");

        assertThat(texts(relay.primary(), 2)).last().asString().endsWith(LAST);
        assertThat(texts(relay.backup(1), 2)).last().asString().endsWith(LAST);
    }

    @Test
    void standsInTheDocument() throws IOException {
        String document = Files.readString(Path.of("docs/routes.md"));

        // journal-to-s3 needs jars of its own, so .ci/s3 runs it.
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            assertThat(files.map(file -> file.getFileName().toString())).isNotEmpty()
                    .allMatch(name -> document.contains("(../examples/" + name + ")"));
        }
    }

    private static Properties keys(String name) throws IOException {
        Properties keys = new Properties();
        keys.load(new StringReader(Files.readString(EXAMPLES.resolve(name + ".properties"))));
        return keys;
    }

    private static Path example(String name) {
        return EXAMPLES.resolve(name + ".camel.yaml");
    }

    private void send(String message, String... recipients) {
        relay.send("<me@example.com>", List.of(recipients), message.getBytes(StandardCharsets.UTF_8), "250");
    }

    private static List<List<String>> recipientsAt(ScriptedSmtpServer server, int messages) {
        return server.awaitMessages(messages).stream().map(ReceivedMessage::recipients).toList();
    }

    private static List<String> texts(ScriptedSmtpServer server, int messages) {
        return server.awaitMessages(messages).stream().map(ReceivedMessage::text).toList();
    }
}
