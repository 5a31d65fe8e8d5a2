package io.smtpdup.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import io.smtpdup.testkit.ReceivedMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a mail administrator gets whose Postfix is the primary itself and has its mail copied as deploy/postfix says. */
class PostfixBeforePrimaryIT {

    @BeforeEach
    void needsPostfix() {
        PostfixInstance.assumeInstalled();
    }

    @Test
    void deliversEachMailOnceAfterOneTurnThroughTheRelay(@TempDir Path relayDirectory) throws IOException {
        byte[] message = Site.message("round trip");
        try (Site site = Site.beforePrimary(relayDirectory)) {
            site.send("alice@sender.test", List.of("team@example.com"), message);

            ReceivedMessage atMailbox = site.primary.awaitMessages(1).get(0);
            ReceivedMessage atA = site.backupA.awaitMessages(1).get(0);
            ReceivedMessage atB = site.backupB.awaitMessages(1).get(0);
            assertThat(site.postfix.awaitQueue(List::isEmpty)).as(site::report).isEmpty();
            assertThat(atMailbox.octets()).endsWith(message);
            assertThat(atMailbox.recipients()).as("after aliases").containsExactly("bob@example.com");
            assertThat(atA.recipients()).as("before aliases").containsExactly("team@example.com");
            assertThat(atA.octets()).endsWith(message);
            assertThat(atB.octets()).endsWith(message);
            assertThat(List.of(site.primary, site.backupA, site.backupB)).allMatch(s -> s.messages().size() == 1);
        }
    }
}
