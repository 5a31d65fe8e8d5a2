package io.smtpdup.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import io.smtpdup.testkit.ScriptedSmtpServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Postfix that hands its mail to the relay by LMTP, as deploy/postfix says. */
class PostfixLmtpIT {

    private static final List<String> RECIPIENTS = List.of("one@example.com", "two@example.com", "three@example.com");

    private Site site;

    @RegisterExtension
    final SiteKeeper keeper = new SiteKeeper();

    @BeforeEach
    void open(@TempDir Path relayDirectory) throws IOException {
        site = keeper.keep(Site.overLmtp(relayDirectory));
    }

    @Test
    void deliversToThePrimaryAndBothBackups() {
        site.send("alice@sender.test", RECIPIENTS, Site.message("hello"));

        assertThat(site.postfix.awaitQueue(List::isEmpty)).isEmpty();
        for (ScriptedSmtpServer server : List.of(site.primary, site.backupA, site.backupB)) {
            assertThat(server.awaitMessages(1)).singleElement().satisfies(message -> {
                assertThat(message.recipients()).containsExactlyInAnyOrderElementsOf(RECIPIENTS);
                assertThat(message.firstField()).contains("with LMTP");
            });
        }
        assertThat(statuses("sent")).hasSize(3);
    }

    @Test
    void bouncesForThoseThatThePrimaryRefuses() {
        site.primary.on("RCPT").when(line -> line.contains("<two@")).reply("550 5.1.1 two is nobody");

        site.send("alice@sender.test", RECIPIENTS, Site.message("hello"));

        assertThat(site.postfix.awaitQueue(List::isEmpty)).isEmpty();
        assertThat(statuses("sent")).hasSize(2);
        assertThat(statuses("bounced")).singleElement().asString().contains("to=<two@example.com>").contains("two is nobody");
        assertThat(site.backupA.awaitMessages(1).get(0).recipients())
                .containsExactlyInAnyOrder("one@example.com", "three@example.com");
    }

    @Test
    void bouncesForEachWhenThePrimaryRefusesTheContent() {
        site.primary.on("DOT").reply("554 5.7.1 spam");

        site.send("alice@sender.test", RECIPIENTS, Site.message("hello"));

        assertThat(site.postfix.awaitQueue(List::isEmpty)).isEmpty();
        assertThat(statuses("bounced")).hasSize(3).allMatch(line -> line.contains("554 5.7.1 spam"));
        assertThat(List.of(site.backupA, site.backupB)).allMatch(server -> server.offeredMessages().isEmpty());
    }

    private List<String> statuses(String status) {
        return site.postfix.log().lines()
                .filter(line -> line.contains("smtp-dup/lmtp") && line.contains("status=" + status))
                .toList();
    }
}
