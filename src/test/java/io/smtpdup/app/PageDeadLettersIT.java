package io.smtpdup.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What an operator does about dead letters, in a browser. */
class PageDeadLettersIT extends PageRelay {

    @BeforeEach
    void die() {
        relay.start();
        relay.backup(1).on("RCPT").when(line -> line.contains("gone@")).reply("550 5.1.1 no such mailbox");
        relay.backup(1).on("RCPT").when(line -> line.contains("full@")).reply("552 5.2.2 over quota");
        send("gone@d.example");
        send("full@d.example");
        awaitCopies(1, "dead", 2);
    }

    @Test
    void findsLooksAndRequeues() {
        browser.go(url("/page/dead"));
        assertThat(browser.text()).contains("<gone@d.example>", "<full@d.example>", "550 5.1.1 no such mailbox", "2 copies");
        look("dead");

        browser.type("reply", "QUOTA");
        browser.press("Search");
        assertThat(browser.text()).contains("<full@d.example>").doesNotContain("<gone@d.example>");
        browser.press(port.get("/spool/dead?reply=quota").at("/copies/0/id").asText());
        assertThat(browser.text()).contains("<a@b.example>", "552 5.2.2 over quota", "Given up", name(1))
                .doesNotContain("Hello."); // what the mail says is nobody's business here
        look("copy");

        relay.backup(1).behaveAgain();
        browser.press("Requeue");
        assertThat(browser.text()).contains("Back in the queue: 1 copy.", "<gone@d.example>");
        relay.backup(1).awaitMessages(1);
        assertThat(relay.backup(1).messages().get(0).recipients().toString()).contains("full@d.example");
    }

    @Test
    void requeuesWhatIsPickedAndWhatIsFound() {
        browser.go(url("/page/dead"));
        browser.press("Requeue picked");
        assertThat(browser.text()).contains("Not done: no copy was picked");

        relay.backup(1).behaveAgain();
        browser.tick("id");
        browser.press("Requeue picked");
        assertThat(browser.text()).contains("Back in the queue: 1 copy.");
        relay.backup(1).awaitMessages(1);

        browser.go(url("/page/dead?recipient=%40d.example"));
        browser.press("Requeue all found");
        assertThat(browser.text()).contains("Back in the queue: 1 copy.");
        relay.backup(1).awaitMessages(2);
    }

    @Test
    void deletesOnlyAfterAQuestion() {
        browser.go(url("/page/dead?recipient=gone%40d.example"));
        browser.press("Delete all found…");
        assertThat(browser.text()).contains("Delete dead letters?", "for the recipient gone@d.example");
        look("confirm-delete");
        browser.press("Cancel");
        assertThat(port.get("/spool/dead").get("copies")).hasSize(2);

        browser.press("Delete all found…");
        browser.press("Delete");
        assertThat(browser.text()).contains("Deleted: 1 copy");
        browser.go(url("/page/dead"));
        browser.tick("id");
        browser.press("Delete picked…");
        browser.press("Delete");
        assertThat(browser.text()).contains("Deleted: 1 copy", "There are none.");
        assertThat(port.get("/spool/dead").get("copies")).isEmpty();
    }

    @Test
    void savesOneAsAFile() throws IOException {
        String id = port.get("/spool/dead").at("/copies/0/id").asText();
        browser.go(url("/page/dead"));
        browser.press(id);
        browser.find("//a[normalize-space()='Export as a file']").click();

        Path file = browser.downloaded(id + ".eml");
        assertThat(Files.readString(file)).contains("X-SMTP-Duplicator-Id: " + id, "Hello.");
        assertThat(browser.complaints()).isEqualTo(List.of());
    }
}
