package io.smtpdup.app;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** How a person gets to the page where there is a token. */
class PageLoginIT extends PageRelay {

    @Test
    void logsInOnceAndOut() {
        relay.set("management.token", "correct-horse-battery").start();

        browser.go(url("/page/dead"));
        assertThat(browser.text()).contains("Log in").doesNotContain("Dead letters");
        look("login");
        browser.type("token", "wrong-horse-battery-staple");
        browser.press("Log in");
        assertThat(browser.text()).contains("This is not the token.");
        browser.type("token", "correct-horse-battery");
        browser.press("Log in");
        assertThat(browser.text()).contains("Mail flows");
        assertThat(browser.script("return document.cookie")).isEqualTo("");

        browser.press("Pause " + relay.backup(1).address());
        assertThat(browser.text()).contains("Paused: " + name(1));
        browser.press("Log out");
        assertThat(browser.go(url("/")).text()).contains("Token of the management port");
        look("login-again");
    }
}
