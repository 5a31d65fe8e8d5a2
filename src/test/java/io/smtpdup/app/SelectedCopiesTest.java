package io.smtpdup.app;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

import io.micrometer.core.instrument.MeterRegistry;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A backup that gets a part of the mails only: by the options behind its address, or by steps of the operator's own. */
class SelectedCopiesTest {

    private static final String COPIES = "20-copies.camel.yaml";

    /** Behind this one the earlier mails have been handed on, because a backup gets its copies in their order. */
    private static final String LAST = "Subject: last\r\n\r\nlast\r\n";

    private final RelayUnderTest relay = RelayUnderTest.withBackups(2).set("relay.backup_concurrency", "1");

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void getsOnlyTheRecipientsThatAreNamed() {
        second("only=@example.org,Chief@example.com").start();

        sendToMany();

        assertThatOnlyThoseThatAreNamedGotTheirs();
        assertThat(leftOut("only")).isEqualTo(3);
        assertThat(relay.relay().context().getRegistry().findSingleByType(MeterRegistry.class).get("smtpdup.copies.queued")
                .tag("destination", relay.backup(2).address()).counter().count()).isEqualTo(3);
    }

    @Test
    void getsNoCopiesForRecipientsThatAreExcepted() {
        second("except=board@example.com,@law.example&concurrency=1").start();

        send("Subject: 1\r\n\r\none\r\n", "board@example.com", "x@law.example");
        send(LAST, "Board@example.com", "a@example.com");

        assertThat(recipientsAt(relay.backup(1), 2)).contains(List.of("board@example.com", "x@law.example"));
        assertThat(recipientsAt(relay.backup(2), 1)).containsExactly(List.of("a@example.com"));
        assertThat(leftOut("except")).isEqualTo(3);
    }

    @Test
    void getsNoMailThatIsLargerThanItTakes() {
        second("max_size=1000").start();

        send("Subject: large\r\n\r\n" + ("y".repeat(70) + "\r\n").repeat(20), "a@example.com", "b@example.com");
        send(LAST, "a@example.com");

        assertThat(relay.backup(1).awaitMessages(2)).hasSize(2);
        assertThat(texts(relay.backup(2), 1)).singleElement().asString().endsWith(LAST);
        assertThat(leftOut("max_size")).isEqualTo(2);
    }

    @Test
    void hasAMailboxWhollyInItsSampleOrWhollyOut() {
        second("sample=30").start();
        List<String> mailboxes = IntStream.range(0, 200).mapToObj(i -> "user" + i + "@example.com").toList();

        send("Subject: 1\r\n\r\none\r\n", mailboxes.toArray(String[]::new));
        send(LAST, mailboxes.stream().map(String::toUpperCase).toArray(String[]::new));

        List<List<String>> sample = recipientsAt(relay.backup(2), 2);
        assertThat(sample.get(0)).hasSizeBetween(30, 90);
        assertThat(sample.get(1).stream().map(String::toLowerCase)).containsExactlyElementsOf(sample.get(0));
        relay.stop();

        second("sample=60").start();
        send(LAST, mailboxes.toArray(String[]::new));

        assertThat(recipientsAt(relay.backup(2), 3).get(2)).hasSizeBetween(80, 160).containsAll(sample.get(0));
    }

    @Test
    void sendsNothingOrAllOfASample() {
        second("sample=0").start();
        send("Subject: 1\r\n\r\none\r\n", "a@example.com");
        relay.stop();

        second("sample=100").start();
        send(LAST, "a@example.com");

        assertThat(texts(relay.backup(2), 1)).singleElement().asString().endsWith(LAST);
    }

    @Test
    void getsEverythingForOneAddress() {
        second("to=journal@archive.example").start();

        send(LAST, "a@example.com", "b@example.org");

        assertThatTheArchiveGotItForItsAddress();
    }

    @Test
    void sendsOnlyOneDomainToABackupWithTheStepsOfARoute() {
        special("one-domain").set("special.recipients", "@example.org, Chief@example.com").start();

        sendToMany();

        assertThatOnlyThoseThatAreNamedGotTheirs();
    }

    @Test
    void sendsEverythingToAnArchivesAddressWithTheStepsOfARoute() {
        special("archive-address").set("special.archive", "journal@archive.example").start();

        send(LAST, "a@example.com", "b@example.org");

        assertThatTheArchiveGotItForItsAddress();
    }

    @Test
    void leavesRecipientsOutWithTheStepsOfARoute() {
        relay.route(COPIES, earlier("leave-out-recipients"))
                .set("special.recipients", "board@example.com, @law.example").start();

        send("Subject: 1\r\n\r\none\r\n", "board@example.com", "x@law.example");
        send("Subject: 2\r\n\r\ntwo\r\n", "board@example.com", "a@example.com");

        for (ScriptedSmtpServer backup : relay.backups()) {
            assertThat(recipientsAt(backup, 1)).containsExactly(List.of("a@example.com"));
        }
        assertThat(recipientsAt(relay.primary(), 2)).contains(List.of("board@example.com", "x@law.example"));
    }

    private void sendToMany() {
        send("Subject: 1\r\n\r\none\r\n", "a@example.com", "b@EXAMPLE.org", "c@sub.example.org");
        send("Subject: 2\r\n\r\ntwo\r\n", "a@example.com");
        send("Subject: 3\r\n\r\nthree\r\n", "chief@example.com");
        send(LAST, "z@example.org");
    }

    /** {@code @example.org} and {@code chief@example.com}. */
    private void assertThatOnlyThoseThatAreNamedGotTheirs() {
        assertThat(recipientsAt(relay.backup(1), 4)).containsExactly(
                List.of("a@example.com", "b@EXAMPLE.org", "c@sub.example.org"), List.of("a@example.com"),
                List.of("chief@example.com"), List.of("z@example.org"));
        assertThat(recipientsAt(relay.backup(2), 3)).containsExactly(
                List.of("b@EXAMPLE.org"), List.of("chief@example.com"), List.of("z@example.org"));
        assertThat(relay.primary().messages()).hasSize(4);
    }

    private void assertThatTheArchiveGotItForItsAddress() {
        assertThat(recipientsAt(relay.backup(1), 1)).containsExactly(List.of("a@example.com", "b@example.org"));
        assertThat(recipientsAt(relay.backup(2), 1)).containsExactly(List.of("journal@archive.example"));
        assertThat(relay.backup(2).messages().get(0).envelopeFrom()).isEqualTo("me@example.com");
    }

    /** The second backup is the special one. */
    private RelayUnderTest second(String options) {
        return relay.set("relay.destination_backups", relay.backup(1).address() + "," + relay.backup(2).address() + "?" + options);
    }

    /** As recipes of an earlier version have it. */
    private RelayUnderTest special(String name) {
        return relay.route(COPIES, earlier(name)).set("special.backup", relay.backup(2).address());
    }

    private static Path earlier(String recipe) {
        return Path.of("src/test/resources/earlier-recipes", recipe + ".camel.yaml");
    }

    private double leftOut(String reason) {
        return relay.relay().context().getRegistry().findSingleByType(MeterRegistry.class).get("smtpdup.copies.left.out")
                .tag("destination", relay.backup(2).address()).tag("reason", reason).functionCounter().count();
    }

    private void send(String message, String... recipients) {
        relay.send("<me@example.com>", List.of(recipients), octets(message), "250");
    }

    private static byte[] octets(String message) {
        return message.getBytes(StandardCharsets.UTF_8);
    }

    private static List<List<String>> recipientsAt(ScriptedSmtpServer server, int messages) {
        return server.awaitMessages(messages).stream().map(ReceivedMessage::recipients).toList();
    }

    private static List<String> texts(ScriptedSmtpServer server, int messages) {
        return server.awaitMessages(messages).stream().map(ReceivedMessage::text).toList();
    }
}
