package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;

/** The end of a listener: nobody loses a mail, nobody gets it twice, and nobody can hold it up. */
class StopTest {

    private final CountDownLatch routing = new CountDownLatch(1);

    private final CountDownLatch primaryAnswers = new CountDownLatch(1);

    /** Has the route wait for the test. */
    private void holdMails(Listener listener) {
        listener.then(exchange -> {
            routing.countDown();
            assertThat(primaryAnswers.await(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        });
    }

    /** A stop that has begun: from now on new clients hear so. */
    private static CompletableFuture<Void> stopping(Listener listener) {
        int port = listener.port();
        CompletableFuture<Void> stop = CompletableFuture.runAsync(listener::close);
        await().until(() -> {
            try (SmtpDialogue client = SmtpDialogue.connect(port)) {
                return client.expect("/^(220|421)/").startsWith("421");
            }
        });
        return stop;
    }

    @Test
    void sendsIdleClientsAwayAtEveryStageBetweenMails() {
        try (Listener listener = Listener.plain();
                SmtpDialogue connected = listener.client();
                SmtpDialogue greeted = listener.greetedClient();
                SmtpDialogue withEnvelope = listener.clientWithEnvelope()) {
            listener.close();

            for (SmtpDialogue client : new SmtpDialogue[] {connected, greeted, withEnvelope}) {
                client.expect("421 4.3.2");
                assertThat(client.isClosedByPeer()).isTrue();
            }
        }
    }

    @Test
    void answersAMailThatIsBeingRoutedAndThenSaysGoodbye() throws Exception {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.clientWithEnvelope()) {
            holdMails(listener);
            client.data("Subject: x\r\n\r\n".getBytes());
            assertThat(routing.await(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            CompletableFuture<Void> stop = stopping(listener);
            primaryAnswers.countDown();

            client.expect("250 2.0.0");
            client.expect("421 4.3.2");
            stop.get(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void letsAMessageThatIsBeingReceivedEnd() throws Exception {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            client.sendRaw("Subject: x\r\n");
            CompletableFuture<Void> stop = stopping(listener);
            client.sendRaw("\r\nhello\r\n.\r\n");

            client.expect("250 2.0.0");
            stop.get(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(listener.arrived()).hasSize(1);
        }
    }

    @Test
    void beginsNoMailAfterTheLastOne() throws Exception {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.clientWithEnvelope()) {
            holdMails(listener);
            client.say("DATA", "354");
            client.sendRaw("Subject: x\r\n\r\n.\r\nMAIL FROM:<second@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
            assertThat(routing.await(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            CompletableFuture<Void> stop = stopping(listener);
            primaryAnswers.countDown();

            client.expect("250 2.0.0");
            client.expect("421 4.3.2");
            assertThat(client.isClosedByPeer()).isTrue();
            stop.get(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(listener.arrived()).hasSize(1);
        }
    }

    @Test
    void cutsAMessageThatDoesNotEndInTime() {
        try (Listener listener = Listener.with("drainTimeout=500"); SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            client.sendRaw("Subject: x\r\n");
            listener.close();

            assertThat(client.isClosedByPeer()).isTrue();
            assertThat(listener.arrived()).isEmpty();
        }
    }

    @Test
    void isNotHeldUpByAClientThatDoesNotReadItsReplies() throws Exception {
        try (Listener listener = Listener.with("maxEmptyCommands=0"); SmtpDialogue client = listener.greetedClient()) {
            NeverReading.fill(client);

            CompletableFuture.runAsync(listener::close).get(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void freesItsPortAtOnce() {
        Listener first = Listener.plain();
        int port = first.port();
        try (SmtpDialogue client = first.greetedClient()) {
            first.close();

            try (Listener second = Listener.on("127.0.0.1:" + port); SmtpDialogue next = second.client()) {
                next.say("NOOP", "250");
            }
        }
    }

    @Test
    void startsAgainWithItsRoute() throws Exception {
        try (Listener listener = Listener.plain()) {
            for (int i = 0; i < 3; i++) {
                listener.context().getRouteController().stopRoute("front");
                listener.context().getRouteController().startRoute("front");
                try (SmtpDialogue client = listener.greetedClient()) {
                    assertThat(Listener.mail(client, "Subject: x\r\n\r\n")).startsWith("250");
                }
            }
        }
    }

    @Test
    void leavesNoThreadBehind() {
        Listener listener = Listener.plain();
        try (SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            String name = listener.context().getName();
            client.reset();
            listener.close();

            await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().contains(name + ")") && thread.getName().contains("smtp-server"))
                    .isEmpty());
        }
    }
}
