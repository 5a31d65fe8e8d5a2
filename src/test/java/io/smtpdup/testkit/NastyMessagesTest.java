package io.smtpdup.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class NastyMessagesTest {

    @Test
    void areSeveralHundredOfWhichMostAreSmall() {
        assertThat(NastyMessages.all()).hasSizeGreaterThan(500);
        assertThat(NastyMessages.small()).hasSizeGreaterThan(300);
        assertThat(NastyMessages.all().stream().mapToLong(message -> message.octets().length).sum())
                .isLessThan(30_000_000);
    }

    @Test
    void haveEmptyOnesLongLinesNulAndEightBitOctetsAmongThem() {
        assertThat(NastyMessages.named("shapes/empty").octets()).isEmpty();
        assertThat(NastyMessages.that(NastyMessage::hasNul)).hasSizeGreaterThan(20);
        assertThat(NastyMessages.that(NastyMessage::has8BitOctets)).hasSizeGreaterThan(50);
        assertThat(NastyMessages.named("lines/998 octets in the body").longestLine()).isEqualTo(998);
        assertThat(NastyMessages.that(message -> message.longestLine() > 998)).hasSizeGreaterThan(30);
    }

    @Test
    void haveTheirDotWhereTheirNameSays() {
        byte[] octets = NastyMessages.named("dots/.text at offset 8192").octets();
        assertThat(Arrays.copyOfRange(octets, 8190, 8197)).asString(StandardCharsets.US_ASCII).isEqualTo("\r\n.text");
        assertThat(NastyMessages.named("sizes/65537 random octets").octets()).hasSize(65_537);
    }

    @Test
    void haveNoLineEndsButCrLf() {
        for (String text : List.of("x", "x\n", "x\r", "x\ny\r\n", "x\ry\r\n", "\r\r\n")) {
            assertThatIllegalArgumentException().isThrownBy(() -> NastyMessage.of("bad", text));
        }
    }

    @Test
    void arriveOctetForOctetWithData() {
        assertThat(damagedOnTheWay((client, message) -> client.data(message.octets()))).isEmpty();
    }

    @Test
    void arriveOctetForOctetInChunks() {
        assertThat(damagedOnTheWay((client, message) -> client.bdat(message.octets(), true))).isEmpty();
    }

    /** The names of those that a server receives otherwise than they were sent. */
    private static List<String> damagedOnTheWay(BiConsumer<SmtpDialogue, NastyMessage> send) {
        List<String> damaged = new ArrayList<>();
        try (ScriptedSmtpServer server = ScriptedSmtpServer.start();
                SmtpDialogue client = SmtpDialogue.connect(server.port())) {
            client.expect("220");
            client.say("EHLO client.test", "250");
            for (NastyMessage message : NastyMessages.all()) {
                client.say("MAIL FROM:<a@x.test>", "250");
                client.say("RCPT TO:<b@y.test>", "250");
                send.accept(client, message);
                client.expect("250");
                ReceivedMessage received = server.messages().get(server.messages().size() - 1);
                if (!Arrays.equals(received.octets(), message.octets())) {
                    damaged.add(message.name());
                }
            }
            assertThat(server.messages()).hasSameSizeAs(NastyMessages.all());
        }
        return damaged;
    }
}
