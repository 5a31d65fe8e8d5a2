package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import io.smtpdup.testkit.SmtpDialogue;
import org.apache.camel.StreamCache;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A large message is in a file while its route works on it, and nowhere afterwards. */
class MessageFileTest {

    private static final String LARGE = "0123456789\r\n".repeat(10_000);

    @TempDir
    private Path spool;

    private List<Path> files() {
        try (Stream<Path> files = Files.list(spool)) {
            return files.toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void noFileIsLeft() {
        await().until(() -> files().isEmpty());
    }

    @Test
    void isOnDiskWhileTheRouteWorksAndGoneAfterwards() {
        try (Listener listener = Listener.spoolingTo(spool, ""); SmtpDialogue client = listener.greetedClient()) {
            listener.then(exchange -> {
                assertThat(files()).hasSize(1);
                assertThat(exchange.getMessage().getBody()).isInstanceOfSatisfying(StreamCache.class,
                        body -> assertThat(body.inMemory()).isFalse());
            });
            assertThat(Listener.mail(client, LARGE)).startsWith("250");

            assertThat(listener.onlyMail().content()).isEqualTo(LARGE);
            noFileIsLeft();
        }
    }

    @Test
    void isGoneWhenTheRouteFailed() {
        try (Listener listener = Listener.spoolingTo(spool, ""); SmtpDialogue client = listener.greetedClient()) {
            listener.then(exchange -> {
                throw new IllegalStateException("the route is broken");
            });
            assertThat(Listener.mail(client, LARGE)).startsWith("451");

            noFileIsLeft();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"maxSize=50000", "hopLimit=0"})
    void isGoneWhenTheMessageWasRefused(String options) {
        try (Listener listener = Listener.spoolingTo(spool, options); SmtpDialogue client = listener.greetedClient()) {
            assertThat(Listener.mail(client, "Received: by x\r\n" + LARGE)).startsWith("55");

            noFileIsLeft();
        }
    }

    @Test
    void isGoneAfterABareNewline() {
        try (Listener listener = Listener.spoolingTo(spool, ""); SmtpDialogue client = listener.greetedClient()) {
            assertThat(Listener.mail(client, LARGE + "bare\nnewline\r\n")).startsWith("550");

            noFileIsLeft();
        }
    }

    @Test
    void isGoneAfterAMessageThatDidNotEnd() {
        try (Listener listener = Listener.spoolingTo(spool, "maxSize=50000");
                SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            client.sendRaw("x".repeat(1_100_001));
            client.expect("552");

            noFileIsLeft();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isGoneWhenTheClientVanished(boolean politely) {
        try (Listener listener = Listener.spoolingTo(spool, ""); SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            client.sendRaw(LARGE);
            await().until(() -> files().size() == 1);
            if (politely) {
                client.shutdownOutput();
            } else {
                client.reset();
            }

            noFileIsLeft();
            await().until(() -> listener.sessions() == 0);
            assertThat(listener.arrived()).isEmpty();
        }
    }

    @Test
    void asksTheClientToComeBackWhenThereIsNoPlaceForAFile() throws IOException {
        Path directory = spool.resolve("messages");
        try (Listener listener = Listener.spoolingTo(directory, ""); SmtpDialogue client = listener.greetedClient()) {
            Files.delete(directory);
            Files.createFile(directory);
            assertThat(Listener.mail(client, LARGE)).startsWith("452 4.3.1");
            assertThat(Listener.mail(client, "small enough for memory\r\n")).startsWith("250");

            Files.delete(directory);
            assertThat(Listener.mail(client, LARGE)).startsWith("250");
            assertThat(listener.arrived()).hasSize(2);
        }
    }

    @Test
    void neverTakesContentForCommandsWhenKeepingItFailsInAnUnforeseenWay() {
        try (Listener listener = Listener.spoolingTo(spool, ""); SmtpDialogue client = listener.clientWithEnvelope()) {
            listener.context().getStreamCachingStrategy().addSpoolRule(length -> {
                throw new IllegalStateException("an operator's rule is broken");
            });
            client.say("DATA", "354");
            client.sendRaw("x".repeat(8192)); // what is kept at once

            client.expect("421 4.3.0");
            assertThat(client.isClosedByPeer()).isTrue();
            assertThat(listener.arrived()).isEmpty();
            noFileIsLeft();
        }
    }
}
