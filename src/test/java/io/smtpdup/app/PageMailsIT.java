package io.smtpdup.app;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The latest mails on the page, and the whole life of one. */
class PageMailsIT extends PageRelay {

    @Test
    void showsTheWholeLifeOfAMail() {
        relay.start();
        relay.primary().on("DOT").reply("250 2.0.0 Ok: queued as 4F2A9C");
        relay.backup(1).on("RCPT").when(line -> line.contains("busy@")).reply("450 4.2.1 mailbox busy");
        relay.backup(2).on("RCPT").when(line -> line.contains("busy@")).reply("550 5.1.1 no such mailbox");
        send("busy@d.example", "other@d.example");
        awaitCopies(1, "deferred", 1);
        awaitCopies(2, "dead", 1);
        send("else@d.example");

        browser.awaitText(url("/page/mails"), "<else@d.example>");

        assertThat(browser.text()).contains("<busy@d.example>", "queued as 4F2A9C");
        look("mails");
        browser.type("id", "4F2A9C");
        browser.type("recipient", "busy@d.example");
        browser.press("Search");
        assertThat(browser.text()).contains("<busy@d.example>").doesNotContain("<else@d.example>");
        browser.press(port.get("/spool/dead").at("/copies/0/id").asText());
        assertThat(browser.text()).contains("<a@b.example>", "queued as 4F2A9C", "450 4.2.1 mailbox busy", "550 5.1.1 no such mailbox",
                "deferred", "dead-lettered", relay.backup(1).address(), "HELO client.example").doesNotContain("Hello.");
        look("mail");
        browser.press("Look at the copy for " + relay.backup(2).address());
        assertThat(browser.text()).contains("Requeue", "The primary said");
        browser.press("The whole life of this mail");
        assertThat(browser.text()).contains("What happened");
        assertThat(browser.go(url("/page/mail?id=NOBODYSIDATALL00")).text()).contains("Nothing is known of this mail any more");
    }
}
