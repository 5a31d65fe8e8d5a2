package io.smtpdup.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import io.smtpdup.testkit.ScriptedSmtpServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a mail administrator gets who sends all mail through the relay as deploy/postfix says. */
class PostfixWholeServerIT {

    @BeforeEach
    void needsPostfix() {
        PostfixInstance.assumeInstalled();
    }

    @Test
    void deliversEveryDomainToThePrimaryAndBothBackupsButExceptions(@TempDir Path relayDirectory) throws IOException {
        try (Site site = Site.wholeServer(relayDirectory)) {
            site.send("alice@sender.test", List.of("bob@example.com"), Site.message("a relay domain"));
            site.send("alice@sender.test", List.of("eve@anywhere.test"), Site.message("any domain"));
            site.send("alice@sender.test", List.of("zoe@other.test"), Site.message("an exception"));

            for (ScriptedSmtpServer server : List.of(site.primary, site.backupA, site.backupB)) {
                assertThat(server.awaitMessages(2))
                        .as(site::report)
                        .extracting(Site::subject)
                        .containsExactlyInAnyOrder("a relay domain", "any domain");
            }
            assertThat(site.world.awaitMessages(1)).extracting(Site::subject).containsExactly("an exception");
        }
    }
}
