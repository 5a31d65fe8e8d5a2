package io.smtpdup.app;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.EnvelopeHeaders;
import io.smtpdup.message.SmtpServerConstants;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** An envelope is put together once for each mail, once more for each copy that comes out of its queue, and never taken apart. */
class OneEnvelopeTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private static final String PROBE = "bean: {beanType: io.smtpdup.app.OneEnvelopeTest$Probe, method: look}\n";

    private static final Queue<Look> LOOKS = new ConcurrentLinkedQueue<>();

    private final RelayUnderTest relay = RelayUnderTest.withBackups(2)
            .edit("10-relay.camel.yaml", "        - to:\n            id: primary", "        - " + PROBE + "        - to:\n            id: primary")
            .edit("20-copies.camel.yaml", "        - recipientList:\n", "        - " + PROBE + "        - recipientList:\n")
            .edit("30-backup.camel.yaml", "          - to:\n", "          - " + PROBE + "          - to:\n")
            .edit("40-undelivered.camel.yaml", "            - toD:\n                id: dead-letter",
                    "            - " + PROBE + "            - toD:\n                id: dead-letter");

    /** What a step finds. */
    private record Look(String route, Set<String> headers, Object written, Envelope read) {
    }

    /** A step of the routes. */
    public static final class Probe {

        public void look(Exchange exchange) {
            LOOKS.add(new Look(exchange.getUnitOfWork().getRoute().getRouteId(), Set.copyOf(exchange.getMessage().getHeaders().keySet()),
                    exchange.getMessage().getHeader(SmtpServerConstants.ENVELOPE),
                    EnvelopeHeaders.read(exchange.getMessage()).orElseThrow()));
        }

        public List<String> second(@Header(SmtpServerConstants.RECIPIENTS) List<String> all) {
            return List.of(all.get(1));
        }
    }

    private String name(int backup) {
        return relay.backup(backup).address().replace(':', '-');
    }

    @BeforeEach
    void forget() {
        LOOKS.clear();
    }

    @AfterEach
    void close() {
        relay.close();
    }

    @Test
    void isTheSameObjectFromTheListenerToTheQueuesAndFromAQueueToItsEnd() {
        relay.start();
        relay.backup(2).on("DOT").reply("550 5.7.1 not this one");

        relay.send("<a@b.example>", List.of("c@d.example", "e@d.example"), HELLO, "250");

        relay.backup(1).awaitMessages(1);
        relay.deadLetter(name(2));
        assertThat(LOOKS).hasSize(5).allSatisfy(look -> assertThat(look.read).isSameAs(look.written));
        List<Envelope> before = LOOKS.stream().filter(look -> !look.route.startsWith("backup.")).map(Look::read).toList();
        assertThat(before).hasSize(2).allSatisfy(envelope -> assertThat(envelope).isSameAs(before.get(0)));
        for (int backup : List.of(1, 2)) {
            List<Envelope> behind = LOOKS.stream().filter(look -> look.route.equals("backup." + name(backup))).map(Look::read).toList();
            assertThat(behind).hasSize(backup).allSatisfy(envelope -> assertThat(envelope).isSameAs(behind.get(0)).isEqualTo(before.get(0)));
        }
    }

    @Test
    void travelsInFewHeaders() {
        relay.start();

        relay.send("<a@b.example> BODY=8BITMIME SMTPUTF8", List.of("c@d.example"), HELLO, "250");

        relay.backups().forEach(backup -> backup.awaitMessages(1));
        assertThat(LOOKS).filteredOn(look -> look.route.equals("relay")).singleElement().satisfies(look ->
                assertThat(look.headers).containsExactlyInAnyOrder("CamelSmtpServerId", "CamelSmtpServerReversePath",
                        "CamelSmtpServerRecipients", "CamelSmtpServerSize", "CamelSmtpServerEnvelope"));
        assertThat(LOOKS).filteredOn(look -> look.route.startsWith("backup.")).hasSize(2).allSatisfy(look ->
                assertThat(look.headers).containsExactlyInAnyOrder("CamelSmtpServerId", "CamelSmtpServerReversePath",
                        "CamelSmtpServerRecipients", "CamelSmtpServerSize", "CamelSmtpServerEnvelope",
                        "CamelSmtpServerVerdict", "CamelCopyAcceptedAt", "CamelCopyAttempts", "CamelCopyTaken", "CamelCopyKey"));
    }

    @Test
    void isWhatARouteMakesOfIt() {
        relay.edit("20-copies.camel.yaml", "        - recipientList:\n", """
                        - setHeader:
                            name: CamelSmtpServerRecipients
                            expression: {method: {beanType: io.smtpdup.app.OneEnvelopeTest$Probe, method: second}}
                        - setHeader:
                            name: CamelSmtpServerReversePath
                            constant: {expression: ""}
                        - recipientList:
                """).start();

        relay.send("<a@b.example>", List.of("c@d.example", "e@d.example"), HELLO, "250");

        assertThat(relay.primary().messages().get(0).recipients()).containsExactly("c@d.example", "e@d.example");
        relay.backups().forEach(backup -> {
            assertThat(backup.awaitMessages(1).get(0).recipients()).containsExactly("e@d.example");
            assertThat(backup.commands()).anyMatch(line -> line.startsWith("MAIL FROM:<>"));
        });
    }
}
