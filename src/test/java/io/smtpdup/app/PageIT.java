package io.smtpdup.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The page as an operator sees it, in a browser: what it shows when all is well, and when a backup breaks. */
class PageIT extends PageRelay {

    @Test
    void showsThatMailFlows() {
        relay.start();
        send("one@d.example");
        send("two@d.example");
        relay.backup(1).awaitMessages(2);
        relay.backup(2).awaitMessages(2);

        browser.awaitText(url("/"), "2\nmails accepted in the last hour");

        assertThat(browser.text()).contains("Mail flows", relay.primary().address(), relay.backup(1).address(),
                relay.backup(2).address(), "Copies delivered");
        look("overview");
    }

    @Test
    void showsWhatIsWrongWithABackupByItself() {
        relay.start();
        browser.go(url("/"));
        browser.awaitText("Mail flows");

        relay.backup(1).down();
        relay.backup(2).on("RCPT").when(line -> line.contains("gone@")).reply("550 5.1.1 no such mailbox");
        send("gone@d.example");
        send("other@d.example");

        browser.awaitText("It has not answered for");
        browser.awaitText("Mail flows, and something waits for you");
        browser.awaitText(relay.backup(2).address() + " It will not get 1 copy");
        look("overview-away");
        browser.press("Look at " + relay.backup(1).address() + ", away");
        assertThat(browser.text()).contains("Copies that wait", "<other@d.example>", "Connection refused");
        look("queue");
    }

    @Test
    void saysThatNoMailFlowsWhenThePrimaryIsGone() {
        relay.start();
        relay.primary().down();
        relay.client().say("MAIL FROM:<a@b.example>", "451");

        browser.awaitText(url("/"), "Mail does not flow");

        assertThat(browser.text()).contains("Clients hear 451 and keep their mail");
        look("overview-primary-away");
    }

    @Test
    void pausesResumesAndRetries() {
        relay.start();
        browser.go(url("/"));

        browser.press("Pause " + relay.backup(1).address());
        assertThat(browser.text()).contains("Paused: " + name(1), "Paused by an operator");
        send("one@d.example");
        browser.awaitText("1 copy waits");
        browser.press("Retry now " + relay.backup(1).address());
        browser.press("Resume " + relay.backup(1).address());
        assertThat(browser.text()).contains("Resumed: " + name(1));
        relay.backup(1).awaitMessages(1);
    }

    @Test
    void movesAndDeletesWhatWaitsAfterAQuestion() {
        relay.start();
        port.post("/spool/pause?backup=" + name(1));
        send("one@d.example");
        relay.backup(2).awaitMessages(1);
        browser.awaitText(url("/page/queue?backup=" + name(1)), "1 copy waits");

        browser.press("Move all…");
        assertThat(browser.text()).contains("Move waiting copies?");
        look("confirm-move");
        browser.choose("to", name(2));
        browser.press("Move");
        assertThat(browser.text()).contains("Moved: 1 copy to " + name(2));
        relay.backup(2).awaitMessages(2);

        send("two@d.example");
        browser.awaitText(url("/page/queue?backup=" + name(1)), "1 copy waits");
        browser.press("Delete all…");
        browser.press("Cancel");
        browser.press("Delete all…");
        browser.press("Delete");
        assertThat(browser.text()).contains("Deleted: 1 copy");
        assertThat(port.get("/spool/copies?backup=" + name(1)).get("copies")).isEmpty();
    }

    @Test
    void retriesAndSavesOneCopy() throws IOException {
        relay.start();
        relay.backup(1).on("RCPT").reply("450 4.2.1 mailbox busy");
        send("one@d.example");
        awaitCopies(1, "deferred", 1);
        String id = port.get("/spool/copies?backup=" + name(1)).at("/copies/0/id").asText();
        browser.go(url("/page/queue?backup=" + name(1)));
        browser.press(id);
        assertThat(browser.text()).contains("<one@d.example>", "450 4.2.1 mailbox busy", "Next try");
        look("copy-deferred");

        relay.backup(1).behaveAgain();
        port.post("/spool/pause?backup=" + name(1));
        browser.find("//a[normalize-space()='Export as a file']").click();
        Path file = browser.downloaded(id + ".eml");
        assertThat(Files.readString(file)).contains("X-SMTP-Duplicator-Id: " + id);
        browser.press("Retry now");
        assertThat(browser.text()).doesNotContain("Not done");
        browser.press("Resume " + relay.backup(1).address());
        relay.backup(1).awaitMessages(1);
    }

    @Test
    void drainsWhatABackupLeftThatIsNoneAnyMore() {
        relay.start();
        port.post("/spool/pause?backup=" + name(2));
        send("one@d.example");
        awaitCopies(2, "waiting", 1);
        port.post("/spool/resume?backup=" + name(1));
        relay.stop();
        relay.set("relay.destination_backups", relay.backup(1).address()).start();
        port.post("/spool/resume?backup=" + name(2));

        browser.awaitText(url("/"), "left over");
        assertThat(browser.text()).contains("It is no longer in relay.destination_backups");
        look("overview-left");
        browser.press(name(2));
        browser.press("Drain " + name(2));
        assertThat(browser.text()).contains("is delivered to " + relay.backup(2).address());
        relay.backup(2).awaitMessages(1);
    }

    @Test
    void showsTheSettingsWithoutSecrets() {
        relay.set("relay.backup_rate", "900").set("spool.min_free", "2000000").start();

        browser.go(url("/page/settings"));

        assertThat(browser.text()).contains("smtp-duplicator", "relay.backup_rate", "900\nnot the default", relay.primary().address());
        look("settings");
    }

    @Test
    void worksWithoutScripts() {
        relay.start();
        try (Browser plain = Browser.withoutScripts()) {
            plain.go(url("/"));
            assertThat(plain.text()).contains("Mail flows");
            assertThat(plain.count("//meta[@http-equiv='refresh']")).isEqualTo(1);
            plain.press("Pause " + relay.backup(1).address());
            assertThat(plain.text()).contains("Paused: " + name(1));
            plain.press("Stop refreshing");
            assertThat(plain.count("//meta[@http-equiv='refresh']")).isZero();
        }
    }
}
