package io.smtpdup.app;

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Whatever clients, senders and servers write, the page shows it as text. */
class PageHostileTextIT extends PageRelay {

    private static final String HTML = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1><svg onload=window.pwned=1>"
            + "\"'><iframe src=javascript:window.parent.pwned=1></iframe>{{7*7}}${7*7}</main></body>\u202e\u2066\u0645\u0631\u062d\u0628\u0627"
            + "&lt;b&gt;&#x3c;";

    private static final String LONG = "W".repeat(400);

    /** What a quoted local part may have in it. */
    private static final String LOCAL = "\\\"><script>window.pwned=1</script><img src=x onerror=window.pwned=1>'";

    @Test
    void showsEveryTextAsText() {
        relay.start();
        relay.backup(1).on("RCPT").reply("550 5.1.1 " + HTML + LONG);
        relay.backup(2).on("RCPT").reply("450 4.2.1 " + HTML + LONG);
        try (SmtpDialogue client = SmtpDialogue.connect(relay.relay().port())) {
            client.expect("220");
            client.say("EHLO <script>window.pwned=1</script>", "250");
            client.say("MAIL FROM:<\"" + LOCAL + "\"@b.example>", "250");
            client.say("RCPT TO:<\"" + LOCAL + "\"@d.example>", "250");
            client.say("RCPT TO:<" + "x".repeat(60) + "@" + "y".repeat(60) + ".example>", "250");
            client.data(("Subject: " + HTML + LONG + "\r\nMessage-ID: <" + HTML + "@x>\r\n\r\n" + HTML + "\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            client.expect("250");
        }
        relay.primary().on("MAIL").reply("451 4.3.0 " + HTML + LONG);
        relay.client().say("MAIL FROM:<refused@b.example>", "451");
        awaitCopies(1, "dead", 1);
        awaitCopies(2, "deferred", 1);
        String id = port.get("/spool/dead").at("/copies/0/id").asText();
        String search = ManagementPort.encoded(HTML.replace("\u202e", "").replace("\u2066", ""));

        for (String path : List.of("/", "/page/dead", "/page/dead?reply=" + search, "/page/dead?recipient=" + search, "/page/dead?id=" + search,
                "/page/queue?backup=" + name(1), "/page/queue?backup=" + name(2), "/page/queue?backup=" + name(2) + "&reply=" + search,
                "/page/queue?backup=" + search, "/page/copy?backup=" + name(2) + "&id=" + id, "/page/agreement", "/page/settings", "/page/cutover",
                "/page/cutover?backup=" + name(1), "/page/cutover?backup=" + search, "/page/mails", "/page/mail?id=" + id,
                "/page/mail?id=" + search, "/page/mails?id=" + search + "&recipient=" + search + "&sender=" + search,
                "/page/copy?backup=" + search + "&id=" + search, "/page/dead?" + search + "=1", "/page/dead?reply=%FF%FE",
                "/page/dead?note=" + search, "/page/" + search, "/page/copy?backup=" + name(1) + "&id=" + id + "&key="
                        + ManagementPort.encoded(port.get("/spool/dead").at("/copies/0/key").asText()))) {
            for (int width : List.of(Browser.DESK, Browser.PHONE)) {
                browser.size(width).go(url(path));
                assertThat(browser.script("return window.pwned === undefined")).as(path).isEqualTo(true);
                assertThat(browser.count("//*[local-name()='script'][not(@src='/page/page.js')] | //*[@onerror] | //*[@onload]"
                        + " | //*[local-name()='iframe'] | //*[local-name()='img']")).as(path).isZero();
                assertThat(browser.count("//main")).as(path).isEqualTo(1);
                assertThat(browser.text()).as(path).doesNotContain("\u202e");
                browser.assertFits();
            }
        }
        browser.go(url("/page/dead"));
        assertThat(browser.text()).contains("<script>window.pwned=1</script>", "{{7*7}}${7*7}");
        browser.complaints(); // of pages with status 404 and 400
        look("hostile-dead");
        browser.go(url("/page/queue?backup=" + name(2)));
        look("hostile-queue");
        browser.go(url("/"));
        look("hostile-overview");
        browser.go(url("/page/mail?id=" + id));
        assertThat(browser.text()).contains("<script>window.pwned=1</script>");
        look("hostile-mail");
    }
}
