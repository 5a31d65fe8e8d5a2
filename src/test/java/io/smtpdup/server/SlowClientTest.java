package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that keep a connection by doing next to nothing. */
class SlowClientTest {

    private final ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void stopDripping() {
        drip.shutdownNow();
    }

    private void drip(SmtpDialogue client, String octets) {
        drip.scheduleAtFixedRate(() -> client.sendRaw(octets), 100, 100, TimeUnit.MILLISECONDS);
    }

    private static void hearsTimeoutAndIsGone(Listener listener, SmtpDialogue client) {
        client.expect("421 4.4.2");
        assertThat(client.isClosedByPeer()).isTrue();
        await().until(() -> listener.sessions() == 0);
        assertThat(listener.arrived()).isEmpty();
    }

    @Test
    void givesUpOnAClientThatSaysNothing() {
        try (Listener listener = Listener.with("commandTimeout=1s"); SmtpDialogue client = listener.client()) {
            hearsTimeoutAndIsGone(listener, client);
        }
    }

    @Test
    void givesUpOnACommandWhoseOctetsDrip() {
        try (Listener listener = Listener.with("commandTimeout=1s"); SmtpDialogue client = listener.greetedClient()) {
            drip(client, "N");
            hearsTimeoutAndIsGone(listener, client);
        }
    }

    @Test
    void givesUpOnAMessageThatFallsSilent() {
        try (Listener listener = Listener.with("commandTimeout=1s"); SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            client.sendRaw("Subject: x\r\n");
            hearsTimeoutAndIsGone(listener, client);
        }
    }

    @Test
    void givesUpOnAMessageWhoseOctetsDrip() {
        try (Listener listener = Listener.with("commandTimeout=1s&dataTimeout=2s");
                SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            drip(client, "x");
            hearsTimeoutAndIsGone(listener, client);
        }
    }

    /** Within a message under TLS; there is time enough for everything before. */
    private static SmtpDialogue sendingUnderTls(Listener listener) {
        SmtpDialogue client = listener.greetedClient();
        client.say("STARTTLS", "220");
        client.startTls(TestCertificates.localhost().trustingContext());
        client.say("EHLO client.example", "250");
        client.say("MAIL FROM:<a@b.example>", "250");
        client.say("RCPT TO:<c@d.example>", "250");
        client.say("DATA", "354");
        return client;
    }

    @Test
    void saysGoodbyeUnderTlsToOneThatFallsSilent() {
        try (Listener listener = Listener.withTls("commandTimeout=1m&dataTimeout=1s");
                SmtpDialogue client = sendingUnderTls(listener)) {
            hearsTimeoutAndIsGone(listener, client);
        }
    }

    @Test
    void saysGoodbyeUnderTlsToOneThatDripsItsMessage() {
        try (Listener listener = Listener.withTls("commandTimeout=1m&dataTimeout=1s");
                SmtpDialogue client = sendingUnderTls(listener)) {
            drip(client, "x");
            hearsTimeoutAndIsGone(listener, client);
        }
    }

    @Test
    void givesUpOnAMessageThatDripsAndThenFallsSilent() {
        try (Listener listener = Listener.with("commandTimeout=1m&dataTimeout=1s");
                SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            client.sendRaw("Subject: x\r\n");
            hearsTimeoutAndIsGone(listener, client);
        }
    }

    @Test
    void givesASlowMessageTheTimeForAMessageAndNotThatForACommand() {
        try (Listener listener = Listener.with("commandTimeout=1s&dataTimeout=1m");
                SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            drip(client, "x");
            drip.schedule(() -> client.sendRaw("\r\n.\r\n"), 1500, TimeUnit.MILLISECONDS);
            client.expect("250 2.0.0");

            assertThat(listener.onlyMail().content()).startsWith("xxxxxxxxxx");
        }
    }

    @Test
    void givesEachCommandTheWholeTime() {
        try (Listener listener = Listener.with("commandTimeout=5s"); SmtpDialogue client = listener.greetedClient()) {
            for (int i = 0; i < 6; i++) {
                assertThat(client.hearsNothingFor(Duration.ofSeconds(1))).isTrue();
                client.say("NOOP", "250");
            }
        }
    }

    @Test
    void waitsForARouteHoweverLongItTakes() {
        try (Listener listener = Listener.with("commandTimeout=1s&dataTimeout=1s");
                SmtpDialogue client = listener.clientWithEnvelope()) {
            CountDownLatch primaryAnswers = new CountDownLatch(1);
            listener.then(exchange -> assertThat(primaryAnswers.await(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue());
            client.data("Subject: x\r\n\r\n".getBytes());
            assertThat(client.hearsNothingFor(Duration.ofMillis(1500))).isTrue();
            primaryAnswers.countDown();
            client.expect("250 2.0.0");
            client.say("NOOP", "250");
        }
    }
}
