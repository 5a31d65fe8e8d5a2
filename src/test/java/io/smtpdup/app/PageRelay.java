package io.smtpdup.app;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A relay with two backups and its page, in a browser; started by each test. */
abstract class PageRelay {

    static Browser browser;

    final ManagementPort port = new ManagementPort();

    final RelayUnderTest relay = RelayUnderTest.withBackups(2).set("management.port", String.valueOf(port.number()))
            .set("relay.retry_first", "1h");

    @BeforeAll
    static void openBrowser() {
        browser = Browser.open();
    }

    @AfterAll
    static void closeBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @AfterEach
    final void stop() {
        browser.go("about:blank");
        relay.close();
    }

    /** Takes pictures in all shapes, and finds nothing wrong. */
    final void look(String name) {
        assertThat(browser.complaints()).isEmpty();
        for (boolean dark : List.of(false, true)) {
            for (int width : List.of(Browser.DESK, Browser.PHONE)) {
                browser.dark(dark).size(width);
                browser.assertFits();
                browser.screenshot(name + "-" + width + (dark ? "-dark" : ""));
            }
            browser.assertAccessible();
        }
        browser.dark(false).size(Browser.DESK);
        browser.complaints(); // axe breaks the page's policy, and may
    }

    final String url(String path) {
        return port.url() + path;
    }

    final String name(int backup) {
        return relay.backup(backup).address().replace(':', '-').toLowerCase(Locale.ROOT);
    }

    final void send(String... recipients) {
        relay.send("<a@b.example>", List.of(recipients), SteeredRelay.HELLO, "250");
    }

    /** Waits until a backup has so many copies in a state. */
    final void awaitCopies(int backup, String state, int count) {
        await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> {
            for (JsonNode one : port.get("/spool/backups").get("backups")) {
                if (one.get("name").asText().equals(name(backup))) {
                    assertThat(one.get(state).asInt()).isEqualTo(count);
                }
            }
        });
    }
}
