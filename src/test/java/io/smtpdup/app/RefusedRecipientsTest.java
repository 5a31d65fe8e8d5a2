package io.smtpdup.app;

import java.util.List;
import java.util.Map;

import io.smtpdup.agreement.Report;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A recipient that the primary refuses is asked at the backups that shall be asked, and what they say is compared. */
class RefusedRecipientsTest extends AskingRelay {

    @Test
    void whatOnlyTheBackupWouldTakeIsLeaked() {
        knowsOnly(relay.primary(), "one");
        knowsOnly(relay.backup(1), "one", "gone");
        knowsOnly(relay.backup(2), "one");
        relay.start();

        refuse("<a@b.example>", "gone@d.example");

        assertCounted(1, Map.of("leaked address", 1L));
        assertCounted(2, Map.of("agreed address", 1L));
        assertThat(backup(1).reasons()).extracting(Report.Reason::code).contains("leaked-address");
        assertThat(backup(1).differences()).singleElement().satisfies(leak -> {
            assertThat(leak.stage()).isEqualTo("rcpt");
            assertThat(leak.primary()).isEqualTo("550 5.1.1 No such user here");
            assertThat(leak.backup()).startsWith("250");
        });
        for (ScriptedSmtpServer server : relay.backups()) {
            assertThat(server.commands()).contains("MAIL FROM:<a@b.example>", "RCPT TO:<gone@d.example>", "RSET").doesNotContain("DATA");
            assertThat(server.messages()).isEmpty();
        }
    }

    @Test
    void whatBothRefuseForDifferentReasonsIsDifferent() {
        knowsOnly(relay.primary());
        relay.backup(1).on("RCPT").when(line -> line.contains("<full")).reply("552 5.2.2 Mailbox is over quota");
        knowsOnly(relay.backup(1));
        knowsOnly(relay.backup(2));
        relay.start();

        refuse("<a@b.example>", "full@d.example");

        assertCounted(1, Map.of("different mailbox", 1L));
        assertCounted(2, Map.of("agreed address", 1L));
    }

    @Test
    void aBackupThatTakesAnyAddressIsRecognised() {
        knowsOnly(relay.primary());
        knowsOnly(relay.backup(2));
        relay.start();

        refuse("<a@b.example>", "one@d.example", "two@d.example", "three@d.example");
        refuse("<a@b.example>", "one@e.example");

        assertCounted(1, Map.of("incomparable system", 2L));
        assertCounted(2, Map.of("agreed address", 4L));
        assertThat(backup(1).reasons()).extracting(Report.Reason::code).contains("catch-all");
        assertThat(backup(1).differences()).extracting(Report.Difference::backup).containsOnly("the backup takes any address of the domain");
    }

    @Test
    void onlyWhatIsRefusedForTheRecipientsSakeIsAsked() {
        ScriptedSmtpServer primary = relay.primary();
        primary.on("RCPT").when(line -> line.contains("<grey")).reply("450 4.2.0 Greylisted");
        primary.on("RCPT").when(line -> line.contains("<blocked"))
                .reply("554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.example");
        primary.on("RCPT").when(line -> line.contains("<many")).reply("552 5.5.3 Too many recipients");
        knowsOnly(primary, "one");
        relay.backups().forEach(server -> knowsOnly(server, "one"));
        relay.start();

        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<one@d.example>", "250");
            client.say("RCPT TO:<grey@d.example>", "450");
            client.say("RCPT TO:<blocked@d.example>", "554");
            client.say("RCPT TO:<many@d.example>", "552");
            client.say("RCPT TO:<ours@d.example> X=Y", "555");
            client.say("RCPT TO:<gone@d.example>", "550");
            client.data(HELLO);
            client.expect("250");
        }

        for (int backup = 1; backup <= 2; backup++) {
            assertCounted(backup, Map.of("agreed none", 1L, "agreed address", 1L));
            assertThat(recipients(backup)).containsOnly("one@d.example", "gone@d.example");
            assertThat(relay.backup(backup).messages()).hasSize(1);
        }
    }

    @Test
    void nothingIsAskedAboutAPrimaryThatIsAway() {
        relay.start();
        relay.primary().down();
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "451");
        }
        relay.primary().up();
        relay.primary().on("MAIL").once().reply("550 5.7.23 SPF validation failed");
        try (SmtpDialogue client = relay.client()) {
            client.pipeline("MAIL FROM:<a@b.example>", "RCPT TO:<one@d.example>");
            client.expect("550");
            client.expect("5");
        }

        relay.stop();

        assertThat(relay.backup(1).connectionCount()).isZero();
    }

    @Test
    void oneAddressIsAskedOnceHoweverOftenItIsRefused() {
        knowsOnly(relay.primary());
        relay.backups().forEach(server -> knowsOnly(server, "gone"));
        relay.start();
        refuse("<a@b.example>", "gone@d.example");
        assertCounted(1, Map.of("leaked address", 1L));

        refuse("<other@b.example>", "Gone@D.example", "gone@d.example", "last@d.example");

        assertCounted(1, Map.of("leaked address", 1L, "agreed address", 1L));
        assertThat(recipients(1)).containsExactly("gone@d.example", "last@d.example");
    }

    @Test
    void theReversePathIsTheClients() {
        knowsOnly(relay.primary());
        relay.backups().forEach(server -> knowsOnly(server));
        relay.start();

        refuse("<>", "gone@d.example");
        refuse("<prvs=4711abc=a.b@b.example>", "lost@d.example");

        assertCounted(1, Map.of("agreed address", 2L));
        assertThat(relay.backup(1).commands().stream().filter(line -> line.startsWith("MAIL")))
                .containsExactly("MAIL FROM:<>", "MAIL FROM:<prvs=4711abc=a.b@b.example>");
    }

    @Test
    void aBackupThatJudgesTheClientHearsWhoItIs() {
        for (ScriptedSmtpServer server : List.of(relay.primary(), relay.backup(1), relay.backup(2))) {
            server.announcing("PIPELINING", "XCLIENT NAME ADDR PROTO HELO");
            server.on("XCLIENT").reply("220 scripted.test ESMTP");
            server.on("RCPT").when(line -> line.contains("<one@")).reply("550 5.7.23 SPF validation failed");
            knowsOnly(server);
        }
        relay.set("smtp.trusted_relays", "127.0.0.1").set("relay.client_identity", "xclient").start();

        try (SmtpDialogue postfix = relay.client()) {
            postfix.say("XFORWARD NAME=mx.alice.example ADDR=192.0.2.7 PROTO=SMTP HELO=alice.example", "250");
            postfix.say("MAIL FROM:<a@b.example>", "250");
            postfix.say("RCPT TO:<one@d.example>", "550 5.7.23");
        }

        assertCounted(1, Map.of("agreed sender-auth", 1L));
        assertThat(relay.backup(1).commands()).anyMatch(line -> line.startsWith("XCLIENT") && line.contains("ADDR=192.0.2.7"));
    }

    @Test
    void aRecipientThatIsPutOffIsAskedAgain() {
        knowsOnly(relay.primary());
        relay.backup(1).on("RCPT").when(line -> line.contains("<gone")).times(2).reply("450 4.2.0 Not verified yet");
        knowsOnly(relay.backup(1));
        knowsOnly(relay.backup(2));
        relay.start();

        refuse("<a@b.example>", "gone@d.example");

        assertCounted(1, Map.of("agreed address", 1L));
        assertThat(recipients(1)).containsExactly("gone@d.example", "gone@d.example", "gone@d.example");
    }

    @Test
    void whatABackupOnlyPutsOffIsComparedWhereItSaysAnotherReason() {
        knowsOnly(relay.primary());
        relay.backup(1).on("RCPT").when(line -> line.contains("<gone")).reply("450 4.1.1 Unverified address");
        relay.backup(1).on("RCPT").when(line -> line.contains("<lost")).reply("451 4.3.0 Not now");
        relay.backup(1).on("RCPT").when(line -> line.contains("<full")).reply("452 4.2.2 Mailbox is over quota");
        knowsOnly(relay.backup(1));
        knowsOnly(relay.backup(2));
        relay.start();

        refuse("<a@b.example>", "gone@d.example", "lost@d.example", "full@d.example");

        await().until(() -> recipients(1).size() == 15);
        await().until(() -> waiting(1) == 0);
        assertCounted(1, Map.of("different mailbox", 1L));
    }

    @Test
    void aRefusalOfNobodyForAnotherReasonIsNoSignThatAddressesAreKnown() {
        knowsOnly(relay.primary());
        relay.backup(1).on("RCPT").when(line -> line.contains("no-such-mailbox")).once()
                .reply("554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.example");
        knowsOnly(relay.backup(2));
        relay.start();

        refuse("<a@b.example>", "gone@d.example");

        assertCounted(1, Map.of("incomparable system", 1L));
        assertThat(recipients(1)).containsExactly("gone@d.example", "gone@d.example");
    }

    @Test
    void eachBackupIsAskedAsItsOptionsSay() {
        knowsOnly(relay.primary());
        relay.backups().forEach(server -> knowsOnly(server, "gone"));
        relay.set("relay.backup_check_refused", "false").set("relay.destination_backups", relay.backup(1).address()
                + "?check_refused=true&except=@e.example," + relay.backup(2).address()).start();

        refuse("<a@b.example>", "gone@e.example", "gone@d.example");

        assertCounted(1, Map.of("leaked address", 1L));
        assertThat(recipients(1)).containsExactly("gone@d.example");
        relay.stop();
        assertThat(relay.backup(2).connectionCount()).isZero();
    }
}
