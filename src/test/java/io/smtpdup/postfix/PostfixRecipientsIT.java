package io.smtpdup.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One mail to fifty people, of whom the primary does not know three: who gets it, and what its sender hears. */
class PostfixRecipientsIT {

    private static final Set<Integer> UNKNOWN = Set.of(1, 27, 50);

    private static final List<String> EVERYBODY =
            IntStream.rangeClosed(1, 50).mapToObj(PostfixRecipientsIT::mailbox).toList();

    private static final List<String> STRANGERS =
            UNKNOWN.stream().map(PostfixRecipientsIT::mailbox).toList();

    private static final List<String> KNOWN =
            EVERYBODY.stream().filter(one -> !STRANGERS.contains(one)).toList();

    @TempDir
    Path relayDirectory;

    private Site site;

    @RegisterExtension
    final SiteKeeper keeper = new SiteKeeper();

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING 8BITMIME SIZE", "8BITMIME"})
    void bouncesForThreeAndDeliversToFortySeven(String announced) throws IOException {
        site = keeper.keep(Site.byDomain(relayDirectory));
        site.primary.announcing(announced.split(" "));
        STRANGERS.forEach(stranger -> site.primary
                .on("RCPT")
                .when(line -> line.contains("<" + stranger + ">"))
                .reply("550 5.1.1 <" + stranger + "> is a stranger to the primary"));

        site.send("alice@sender.test", EVERYBODY, Site.message("to fifty"));

        assertThat(site.postfix.awaitQueue(List::isEmpty)).isEmpty();
        assertBouncedForStrangers("550 5.1.1", "is a stranger to the primary");
        assertDeliveredOnceToTheOthers();
        assertThat(site.primary.commands().stream().filter(line -> line.startsWith("MAIL"))).hasSize(1);
        assertThat(site.primary.commands().stream().filter(line -> line.startsWith("RCPT")))
                .as("one question for each recipient")
                .hasSize(50)
                .doesNotHaveDuplicates();
    }

    @Test
    void asksThePrimaryAgainOnlyForThoseItDeferred() throws IOException {
        site = keeper.keep(Site.byDomain(relayDirectory));
        STRANGERS.forEach(stranger -> site.primary
                .on("RCPT")
                .when(line -> line.contains("<" + stranger + ">"))
                .once()
                .reply("450 4.2.1 not now"));

        site.send("alice@sender.test", EVERYBODY, Site.message("to fifty"));
        site.postfix.awaitQueue(queue -> queue.size() == 1
                && queue.get(0).isDeferred()
                && queue.get(0).reasons().size() == 3);
        site.postfix.flush();

        assertThat(site.postfix.awaitQueue(List::isEmpty)).isEmpty();
        for (ScriptedSmtpServer server : List.of(site.primary, site.backupA, site.backupB)) {
            List<ReceivedMessage> parts = server.awaitMessages(2);
            assertThat(parts.stream().flatMap(part -> part.recipients().stream()))
                    .containsExactlyInAnyOrderElementsOf(EVERYBODY);
            assertThat(parts).extracting(part -> part.recipients().size()).containsExactlyInAnyOrder(47, 3);
        }
        assertThat(site.world.offeredMessages()).as("bounces").isEmpty();
    }

    @Test
    void worksTheSameWithAPostfixAsPrimary() throws IOException {
        String mailboxes = KNOWN.stream().map(one -> one + "=here").collect(Collectors.joining(", ", "inline:{", "}"));
        site = keeper.keep(Site.toPostfix(
                relayDirectory,
                PostfixConfiguration.mailServer()
                        .with("relay_recipient_maps", mailboxes)
                        .with("smtpd_soft_error_limit", "1001"),
                Map.of()));

        site.send("alice@sender.test", EVERYBODY, Site.message("to fifty"));

        assertThat(site.postfix.awaitQueue(List::isEmpty)).isEmpty();
        assertThat(site.mailServer.awaitQueue(List::isEmpty)).isEmpty();
        assertBouncedForStrangers("550 5.1.1", "User unknown in relay recipient table");
        assertDeliveredOnceToTheOthers();
    }

    private void assertBouncedForStrangers(String reply, String words) {
        List<String> bounced = site.postfix
                .log()
                .lines()
                .filter(line -> line.contains("status=bounced"))
                .map(line -> line.replaceFirst(".* to=<([^>]*)>.*", "$1"))
                .toList();
        assertThat(bounced).containsExactlyInAnyOrderElementsOf(STRANGERS);
        // Postfix tells the sender of all three in one report.
        ReceivedMessage report = site.world.awaitMessages(1).get(0);
        assertThat(report.recipients()).containsExactly("alice@sender.test");
        String text = report.text().replaceAll("\\s+", " ");
        assertThat(text.split("Final-Recipient: ", -1)).hasSize(4);
        assertThat(text).contains(reply).contains(words);
        assertThat(STRANGERS).allSatisfy(stranger -> assertThat(text).contains("Final-Recipient: rfc822; " + stranger + " "));
        assertThat(site.world.messages()).hasSize(1);
    }

    private void assertDeliveredOnceToTheOthers() {
        for (ScriptedSmtpServer server : List.of(site.primary, site.backupA, site.backupB)) {
            assertThat(server.awaitMessages(1)).singleElement().satisfies(message ->
                    assertThat(message.recipients()).containsExactlyInAnyOrderElementsOf(KNOWN));
            assertThat(server.offeredMessages()).hasSize(1);
        }
        assertThat(List.of(site.backupA, site.backupB)).allSatisfy(backup -> assertThat(backup.transcript())
                .doesNotContain(STRANGERS));
    }

    private static String mailbox(int number) {
        return "u" + number + "@example.com";
    }
}
