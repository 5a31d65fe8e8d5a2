package io.smtpdup.app;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The button that reads everything anew, and what the page says of reloads. */
class PageReloadIT extends PageRelay {

    private static final String HOSTILE = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>\u202e";

    @Test
    void readsTheSettingsAnewAndShowsThem() {
        relay.start();
        browser.go(url("/page/settings"));
        assertThat(browser.text()).contains("As they were read when the relay was started.");
        browser.press("Reload");
        assertThat(browser.text()).contains("Reloaded: nothing is different.", "(an operator, on the page)");

        relay.set("relay.backup_rate", "6000").set("smtp.listen", "127.0.0.2:0").write("60-own.camel.yaml", "[]\n");
        browser.press("Reload");

        assertThat(browser.text()).contains("Reloaded, and not all of it is in force:", "relay.backup_rate: 6000 (was 0)",
                "Changed: routes/60-own.camel.yaml", "smtp.listen needs a restart: it is 127.0.0.1:0 until then, and not 127.0.0.2:0",
                "This waits for the relay's next start:", "6000\nnot the default");
        look("reloaded");
        assertThat(browser.go(url("/")).text()).contains("Mail flows").doesNotContain("something waits for you");
    }

    @Test
    void saysWhatIsWrongUntilItIsMended() {
        relay.start();
        browser.go(url("/page/settings"));
        relay.set("relay.backup_rate", HOSTILE).set("smtp.hop_limit", "none");

        browser.press("Reload");

        assertThat(browser.text()).contains("Not reloaded, and nothing has changed:", "relay.backup_rate", "<script>window.pwned=1</script>",
                "smtp.hop_limit", "was refused: what the files said then is not in force").doesNotContain("\u202e");
        assertThat(browser.script("return window.pwned === undefined")).isEqualTo(true);
        look("reload-refused");
        browser.go(url("/"));
        assertThat(browser.text()).contains("Mail flows, and something waits for you", "The latest reload was refused");
        look("overview-reload-refused");
        browser.press("Look at Settings, refused");
        relay.set("relay.backup_rate", "0").set("smtp.hop_limit", "50");
        browser.press("Reload");
        assertThat(browser.text()).contains("Reloaded").doesNotContain("was refused: what");
    }
}
