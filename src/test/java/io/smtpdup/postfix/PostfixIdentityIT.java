package io.smtpdup.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.SmtpDialogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A client's identity on its way from one Postfix through the relay to another, which judges it. */
class PostfixIdentityIT {

    private static final String ALICE = "NAME=mx.alice.example ADDR=192.0.2.7 PROTO=ESMTP HELO=alice.example";

    @TempDir
    Path relayDirectory;

    private Site site;

    @RegisterExtension
    final SiteKeeper keeper = new SiteKeeper();

    /** A site whose primary refuses one client by its address. */
    private void open(String clientIdentity) throws IOException {
        site = keeper.keep(Site.toPostfix(
                relayDirectory,
                PostfixConfiguration.mailServer()
                        .with("smtpd_client_restrictions",
                                "check_client_access inline:{{192.0.2.66 = REJECT Mallory is not welcome}}"),
                Map.of("smtp.trusted_relays", "127.0.0.1", "relay.client_identity", clientIdentity)));
    }

    /** Mail from a client of the first Postfix, which is told that it is somebody else. */
    private void send(String client) {
        try (SmtpDialogue dialogue = SmtpDialogue.connect(site.postfix.port())) {
            dialogue.expect("220");
            dialogue.say("EHLO test.example", "250");
            dialogue.say("XCLIENT " + client, "220");
            dialogue.say("EHLO alice.example", "250");
            Site.transact(dialogue, "alice@sender.test", List.of("bob@example.com"), Site.message("hello"));
            dialogue.say("QUIT", "221");
        }
    }

    @Test
    void isInThePrimarysLogWithXforward() throws IOException {
        open("xforward");

        send(ALICE);

        site.primary.awaitMessages(1);
        assertThat(site.postfix.awaitQueue(List::isEmpty)).isEmpty();
        assertThat(site.mailServer.log())
                .containsPattern("client=\\S+\\[127\\.0\\.0\\.1].*orig_client=mx\\.alice\\.example\\[192\\.0\\.2\\.7]");
        assertThat(site.relay.output()).containsPattern("accepted .*client=\"?192\\.0\\.2\\.7");
    }

    @Test
    void isThePrimarysClientWithXclient() throws IOException {
        open("xclient");

        send(ALICE);

        ReceivedMessage delivered = site.primary.awaitMessages(1).get(0);
        assertThat(site.mailServer.log())
                .containsPattern("smtpd.*: client=mx\\.alice\\.example\\[192\\.0\\.2\\.7]");
        assertThat(delivered.firstField().replaceAll("\\s+", " "))
                .contains("from alice.example (mx.alice.example [192.0.2.7]) by mx.postfix.test");
        assertThat(site.backupA.awaitMessages(1)).hasSize(1);
    }

    @Test
    void getsThePrimarysVerdictAtRcpt() throws IOException {
        open("xclient");

        try (SmtpDialogue mallory = SmtpDialogue.connect(site.relay.port())) {
            mallory.expect("220");
            mallory.say("EHLO relay-in-front.example", "250");
            mallory.say("XCLIENT NAME=mx.mallory.example ADDR=192.0.2.66", "220");
            mallory.say("EHLO mallory.example", "250");
            mallory.say("MAIL FROM:<mallory@sender.test>", "250");
            assertThat(mallory.say("RCPT TO:<bob@example.com>", "554 5.7.1")).contains("Mallory is not welcome");
            mallory.say("XCLIENT " + ALICE, "503");
            mallory.say("RSET", "250");
            mallory.say("XCLIENT " + ALICE, "220");
            mallory.say("EHLO alice.example", "250");
            Site.transact(mallory, "alice@sender.test", List.of("bob@example.com"), Site.message("hello"));
        }

        assertThat(site.primary.awaitMessages(1)).extracting(Site::subject).containsExactly("hello");
        assertThat(site.backupA.awaitMessages(1)).hasSize(1);
    }
}
