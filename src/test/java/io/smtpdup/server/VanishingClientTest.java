package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A client that goes away, at every stage: nothing half delivered, nothing left behind, the next client served. */
class VanishingClientTest {

    /** What a client sends, and the reply it waits for after each piece. */
    private static final List<String[]> STAGES = List.of(
            new String[] {"EH", null},
            new String[] {"LO client.example\r\n", "250"},
            new String[] {"MAIL FROM:<a@b.example>\r\n", "250"},
            new String[] {"RCPT TO:<c@d.example>\r\n", "250"},
            new String[] {"DATA\r\n", "354"},
            new String[] {"Subject: x\r\n\r\n", null},
            new String[] {"text", null},
            new String[] {"\r\n", null},
            new String[] {".", null},
            new String[] {"\r", null});

    private static Listener listener;

    @BeforeAll
    static void listen() {
        listener = Listener.plain();
    }

    @AfterAll
    static void stop() {
        listener.close();
    }

    private enum Farewell {
        FIN {
            @Override
            void leave(SmtpDialogue client) {
                client.close();
            }
        },
        HALF_CLOSE {
            @Override
            void leave(SmtpDialogue client) {
                client.shutdownOutput();
            }
        },
        RST {
            @Override
            void leave(SmtpDialogue client) {
                client.reset();
            }
        };

        abstract void leave(SmtpDialogue client);
    }

    static Stream<Arguments> everyStageAndFarewell() {
        return IntStream.rangeClosed(0, STAGES.size()).boxed()
                .flatMap(stage -> Stream.of(Farewell.values()).map(farewell -> Arguments.of(stage, farewell)));
    }

    @ParameterizedTest
    @MethodSource("everyStageAndFarewell")
    void leavesNothingBehind(int stages, Farewell farewell) {
        try (SmtpDialogue client = listener.client()) {
            for (String[] stage : STAGES.subList(0, stages)) {
                client.sendRaw(stage[0]);
                if (stage[1] != null) {
                    client.expect(stage[1]);
                }
            }
            farewell.leave(client);

            await().until(() -> listener.sessions() == 0);
        }
        assertThat(listener.arrived()).isEmpty();
        assertThat(listener.context().getInflightRepository().size()).isZero();
        try (SmtpDialogue next = listener.client()) {
            next.say("QUIT", "221");
        }
    }

    @Test
    void leavesNothingBehindWhenItGoesAwayBeforeTheGreeting() {
        for (int i = 0; i < 50; i++) {
            SmtpDialogue.connect(listener.port()).reset();
        }
        await().until(() -> listener.sessions() == 0);
        try (SmtpDialogue next = listener.client()) {
            next.say("QUIT", "221");
        }
    }

    @Test
    void isDeliveredForWhenItGoesAwayAfterTheFinalDot() throws Exception {
        try (Listener own = Listener.plain(); SmtpDialogue client = own.clientWithEnvelope()) {
            CountDownLatch routing = new CountDownLatch(1);
            CountDownLatch gone = new CountDownLatch(1);
            own.then(exchange -> {
                routing.countDown();
                assertThat(gone.await(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            });
            client.data("Subject: x\r\n\r\n".getBytes());
            assertThat(routing.await(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            client.reset();
            gone.countDown();

            await().until(() -> own.sessions() == 0);
            assertThat(own.arrived()).hasSize(1);
        }
    }

    private static boolean isInADialogue(Thread thread) {
        return Stream.of(thread.getStackTrace()).anyMatch(frame -> frame.getClassName().equals(Dialogue.class.getName()));
    }

    @Test
    void givesItsThreadBack() {
        try (Listener own = Listener.plain()) {
            for (int i = 0; i < 20; i++) {
                try (SmtpDialogue client = own.clientWithEnvelope()) {
                    client.say("DATA", "354");
                    client.sendRaw("half a message");
                    client.reset();
                }
            }
            await().until(() -> own.sessions() == 0);

            await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().contains(own.context().getName() + ")") && isInADialogue(thread))
                    .isEmpty());
        }
    }
}
