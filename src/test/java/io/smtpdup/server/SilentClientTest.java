package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;

/** A client that asks and never reads the replies, until the server hangs in a write. */
class SilentClientTest {

    @Test
    void losesItsConnectionWhenItDoesNotReadInTime() {
        try (Listener listener = Listener.with("commandTimeout=1s&maxEmptyCommands=0"); SmtpDialogue client = listener.greetedClient()) {
            NeverReading.fill(client);

            await().until(() -> listener.sessions() == 0);
        }
    }

    @Test
    void takesNobodyElsesPlaceForLongerThanThat() {
        try (Listener listener = Listener.with("commandTimeout=1s&maxConnections=3&maxEmptyCommands=0")) {
            List<SmtpDialogue> silent = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                SmtpDialogue client = listener.greetedClient();
                silent.add(client);
                NeverReading.fill(client);
            }
            await().until(() -> listener.sessions() == 0);

            try (SmtpDialogue next = listener.greetedClient()) {
                assertThat(Listener.mail(next, "Subject: x\r\n\r\n")).startsWith("250");
            }
            silent.forEach(SmtpDialogue::close);
        }
    }
}
