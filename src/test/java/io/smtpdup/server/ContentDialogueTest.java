package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that a relay refuses, or has to take as they are. */
class ContentDialogueTest {

    private static String sized(int octets) {
        return "x".repeat(octets - 2) + "\r\n";
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "a\n.\nQUIT\nb", "a\r.\rb", "a\n.\r\nb", "a\r\n.\nb", "a\r\n.\rb", "a\r.\r\nb", "a\r\n\0\n.\r\n", "bare\nLF", "bare\rCR"})
    void refusesBareNewlinesAtTheEndAndTakesTheNextMail(String content) {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            client.sendRaw(content + "\r\n.\r\n");
            client.expect("550 5.6.11");
            assertThat(listener.arrived()).isEmpty();

            assertThat(Listener.mail(client, "next\r\n")).startsWith("250");
            assertThat(listener.onlyMail().content()).isEqualTo("next\r\n");
        }
    }

    @Test
    void makesBareNewlinesCrlfWhenToldTo() {
        try (Listener listener = Listener.with("bareNewline=normalize");
                SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            client.sendRaw("Subject: x\n\nbody\r.\rend\r\n.\r\n");
            client.expect("250");

            Listener.Arrived mail = listener.onlyMail();
            assertThat(mail.content()).isEqualTo("Subject: x\r\n\r\nbody\r\n.\r\nend\r\n");
            assertThat(mail.headers()).containsEntry(SmtpServerConstants.SIZE, (long) mail.octets().length);
        }
    }

    @Test
    void keepsEveryOctet() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            StringBuilder all = new StringBuilder("Subject: x\r\n\r\n");
            for (char octet = 0; octet < 256; octet++) {
                all.append(octet == '\r' || octet == '\n' ? '.' : octet);
            }
            String message = all + "\r\n.\r\n..\r\n" + "long line ".repeat(100_000) + "\r\n";

            assertThat(Listener.mail(client, message)).startsWith("250");
            assertThat(listener.onlyMail().content()).isEqualTo(message);
            assertThat(listener.onlyMail().envelope().origin().eightBit()).isTrue();
            assertThat(listener.onlyMail().envelope().origin().eightBitHeader()).isFalse();
        }
    }

    @Test
    void takesAMessageOfExactlyTheSizeLimitAndNotOneOctetMore() {
        try (Listener listener = Listener.with("maxSize=1000"); SmtpDialogue client = listener.greetedClient()) {
            assertThat(Listener.mail(client, sized(1000))).startsWith("250");
            assertThat(Listener.mail(client, sized(1001))).startsWith("552 5.3.4");
            assertThat(Listener.mail(client, sized(500_000))).startsWith("552 5.3.4");
            assertThat(Listener.mail(client, sized(999))).startsWith("250");

            assertThat(listener.arrived()).extracting(mail -> mail.content().length()).containsExactly(1000, 999);
        }
    }

    @Test
    void refusesForGoodAndClosesOnAMessageFarBeyondTheLimit() {
        try (Listener listener = Listener.with("maxSize=1000"); SmtpDialogue client = listener.clientWithEnvelope()) {
            client.say("DATA", "354");
            client.sendRaw("x".repeat(2 * 1000 + 1_000_000 + 1));
            client.expect("552 5.3.4");
            assertThat(client.isClosedByPeer()).isTrue();

            assertThat(listener.arrived()).isEmpty();
            await().until(() -> listener.sessions() == 0);
        }
    }

    @Test
    void takesAMessageAtTheHopLimitAndNotOneHopMore() {
        try (Listener listener = Listener.with("hopLimit=3"); SmtpDialogue client = listener.greetedClient()) {
            assertThat(Listener.mail(client, "Received: by x\r\n".repeat(3) + "\r\nReceived: not a hop\r\n")).startsWith("250");
            assertThat(Listener.mail(client, "Received: by x\r\n".repeat(4) + "\r\n")).startsWith("554 5.4.6");
            assertThat(Listener.mail(client, "Subject: x\r\n\r\n")).startsWith("250");

            assertThat(listener.arrived()).hasSize(2);
        }
    }

    @Test
    void handsOverOurFieldAndThenTheMessage() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            Listener.mail(client, "no header at all\r\n");

            assertThat(listener.onlyMail().text()).matches("(?s)Received: from .*\\+0000\r\nno header at all\r\n");
        }
    }

    @Test
    void doesNotTakeTheContentOfOneMailForTheNext() {
        try (Listener listener = Listener.plain(); SmtpDialogue client = listener.greetedClient()) {
            String big = "0123456789\r\n".repeat(10_000);
            Listener.mail(client, big);
            Listener.mail(client, "small\r\n");
            Listener.mail(client, big);

            assertThat(listener.arrived()).extracting(Listener.Arrived::content).containsExactly(big, "small\r\n", big);
        }
    }
}
