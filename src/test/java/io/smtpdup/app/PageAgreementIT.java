package io.smtpdup.app;

import java.time.Instant;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The agreement report on the page. */
class PageAgreementIT extends PageRelay {

    @Test
    void showsTheVerdictWithItsReasonsAndSetsAMark() {
        relay.start();
        AgreementRelay.refused(relay, "1M857J9QHYK51GMQ", "sales@d.example");
        AgreementRelay.agreed(relay, "1M857J9QHYK51GMR", "info@d.example", Instant.now());

        browser.awaitText(url("/page/agreement"), "The backup refused one recipient that the primary took");

        assertThat(browser.text()).contains("not ready", "Create the missing mailboxes", "refused, address", "550 5.1.1 User unknown",
                "1M857J9QHYK51GMQ").doesNotContain("sales@d.example");
        look("agreement");
        browser.type("reason", "made the missing mailbox");
        browser.press("Set the mark");
        assertThat(browser.text()).contains("A mark is set").doesNotContain("not ready");
        assertThat(port.get("/agreement").at("/backups/0/evidence/mark").asText()).isEqualTo("made the missing mailbox");
    }
}
