package io.smtpdup.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The switch and the way back on the page. */
class PageSwitchIT extends PageRelay {

    private static final String HOSTILE = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>\"'&lt;b&gt;";

    private String next() {
        return relay.backup(1).address();
    }

    private Path file() {
        return relay.directory().resolve("application.properties");
    }

    private void lookAt(String backup) {
        browser.press("Look whether I may switch to " + backup);
    }

    @Test
    void looksSwitchesAndGoesBack() throws IOException {
        relay.namedIn("application.properties").start();
        String before = Files.readString(file());
        send("one@d.example");
        relay.backup(1).awaitMessages(1);

        browser.go(url("/page/agreement"));
        browser.press("To the switch");
        assertThat(browser.text()).contains(relay.primary().address() + " is the primary", next(), relay.backup(2).address())
                .doesNotContain("Back to");
        look("switch");
        lookAt(next());
        assertThat(browser.text()).contains("Nothing stops the switch.", next() + " answers, and would take a mail",
                "As a backup " + relay.primary().address() + " must keep quiet", "Turn off vacation notices");
        look("switch-looked");
        browser.type("reason", "the new one is ready");
        browser.press("Switch to " + next() + "…");
        assertThat(browser.text()).contains("Make " + next() + " the primary?", "It can be taken back at any time.");
        look("confirm-switch");
        assertThat(Files.readString(file())).isEqualTo(before);
        browser.press("Switch now");
        assertThat(browser.text()).contains(next() + " is the primary now, and " + relay.primary().address() + " gets a copy of each mail.",
                "The settings as they were are in application.properties.before-", next() + " is the primary\nSince",
                "by a switch from " + relay.primary().address(), "“the new one is ready”", "Go back?", "relay.bake_time");
        look("switched");
        send("two@d.example");
        relay.backup(1).awaitMessages(2);
        relay.primary().awaitMessages(2);

        browser.find("//input[@id='back-reason']").sendKeys(HOSTILE);
        browser.press("Back to " + relay.primary().address() + "…");
        assertThat(browser.text()).contains("Go back?", "whatever the report says: " + relay.primary().address());
        look("confirm-rollback");
        browser.press("Cancel");
        browser.find("//input[@id='back-reason']").sendKeys(HOSTILE);
        browser.press("Back to " + relay.primary().address() + "…");
        browser.press("Go back");
        assertThat(browser.text()).contains(relay.primary().address() + " is the primary now", "by the way back from " + next(),
                "“" + HOSTILE + "”", "“the new one is ready”").doesNotContain("Back to");
        assertThat(browser.script("return window.pwned === undefined")).isEqualTo(true);
        assertThat(browser.count("//*[local-name()='script'] | //*[@onerror] | //*[local-name()='img']")).isZero();
        assertThat(Files.readString(file())).isEqualTo(before);
        look("switched-back");
    }

    @Test
    void needsAReasonWhereALineIsNotOk() {
        relay.namedIn("application.properties").start();
        port.post("/spool/pause?backup=" + name(1));

        browser.go(url("/page/cutover"));
        lookAt(next());
        assertThat(browser.text()).contains("Not everything is in order.", "not ok", next() + " is paused", "Run 'smtp-duplicator resume'");
        assertThat(browser.count("//input[@name='reason'][@required]")).isEqualTo(1);
        look("switch-not-ok");
        browser.type("reason", "the old one burns");
        browser.press("Switch to " + next() + "…");
        assertThat(browser.text()).contains("Not everything is in order; this is done all the same: “the old one burns”");
        look("confirm-switch-anyway");
        browser.press("Switch now");

        assertThat(browser.text()).contains(next() + " is the primary now", "“anyway: the old one burns”");
    }

    @Test
    void saysWhyNothingWasSwitched() throws IOException {
        relay.namedIn("application.properties").start();
        String before = Files.readString(file());
        browser.go(url("/page/cutover"));
        lookAt(next());
        port.post("/spool/pause?backup=" + name(1));

        browser.press("Switch to " + next() + "…");
        browser.press("Switch now");

        assertThat(browser.text()).contains("Refused: " + relay.primary().address() + " stays the primary", next() + " is paused: Run");
        look("switch-refused");
        port.post("/spool/resume?backup=" + name(1));
        relay.write("60-own.camel.yaml", "- route: {nonsense\n");
        lookAt(next());
        browser.press("Switch to " + next() + "…");
        browser.press("Switch now");
        assertThat(browser.text()).contains("Failed: " + relay.primary().address() + " stays the primary. The settings are as they were.",
                "60-own.camel.yaml");
        look("switch-failed");
        assertThat(Files.readString(file())).isEqualTo(before);
    }

    @Test
    void saysWhatToWriteAndTakesItUp() throws IOException {
        relay.namedIn("config.yaml").start();
        browser.go(url("/page/cutover"));
        lookAt(next());

        browser.press("Switch to " + next() + "…");
        browser.press("Switch now");

        assertThat(browser.text()).contains("Not done yet: " + next() + " is to be the primary.", "config.yaml", "Begun, and not in force");
        look("switch-to-write");
        List<String> lines = browser.texts("//div[@role='status']//li");
        assertThat(lines).hasSize(2);
        browser.press("They are written: read them");
        assertThat(browser.text()).contains("still say that " + relay.primary().address() + " is the primary");

        lookAt(next());
        browser.press("Switch to " + next() + "…");
        browser.press("Switch now");
        Files.write(relay.directory().resolve("config.yaml"), lines);
        browser.press("They are written: read them");
        assertThat(browser.text()).contains(next() + " is the primary now").doesNotContain("Begun, and not in force");
    }

    @Test
    void advisesToGoBack() {
        relay.namedIn("application.properties").start();
        assertThat(port.post("/cutover/switch?backup=" + next()).get("state").asText()).isEqualTo("done");
        String old = relay.primary().address().replace(':', '-');
        for (int i = 1; i <= 3; i++) {
            AgreementRelay.leaked(relay, old, "1M857J9QHYK51GM" + i, "forgotten" + i + "@d.example");
        }

        browser.go(url("/page/cutover"));

        assertThat(browser.text()).contains("Go back: there are reasons to.", "The new primary refuses what the old one would take, 3 recipients");
        look("switch-go-back");
        browser.go(url("/"));
        assertThat(browser.text()).contains("Something is wrong", "There are reasons to go back to the primary of before.");
        browser.press("Look at The switch, go back");
        browser.press("Back to " + relay.primary().address() + "…");
        browser.press("Go back");
        assertThat(browser.text()).contains(relay.primary().address() + " is the primary now").doesNotContain("there are reasons to");
    }

    @Test
    void switchesWithoutScripts() {
        relay.namedIn("application.properties").start();
        try (Browser plain = Browser.withoutScripts()) {
            plain.go(url("/page/cutover"));
            plain.press("Look whether I may switch to " + next());
            plain.press("Switch to " + next() + "…");
            plain.press("Switch now");
            assertThat(plain.text()).contains(next() + " is the primary now");
            plain.press("Back to " + relay.primary().address() + "…");
            plain.press("Go back");
            assertThat(plain.text()).contains(relay.primary().address() + " is the primary now");
        }
    }
}
