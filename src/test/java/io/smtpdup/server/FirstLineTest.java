package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our Received field is ours: no message continues it, and none is changed below it. */
class FirstLineTest {

    @ParameterizedTest
    @ValueSource(strings = {" by forged.example; today\r\nSubject: x\r\n\r\nbody\r\n", "\tfolded\r\n", " \r\nSubject: x\r\n", " \r\n",
        "\t.\r\n"})
    void partsAFirstLineThatBeginsWithABlankFromOurField(String message) {
        for (String protocol : new String[] {"smtp", "lmtp"}) {
            assertThat(received(protocol, "reject", message).content()).isEqualTo("\r\n" + message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\r\nbody\r\n", ":no name\r\n", "no field at all\r\n", "From joe Mon Jan 1\r\nSubject: x\r\n\r\n",
        "Subject: x\r\n folded\r\n\r\n", ". a dot\r\n", "\u00a0x\r\n", "\u000bx\r\n"})
    void leavesEveryOtherFirstLineAsItIs(String message) {
        assertThat(received("smtp", "reject", message).content()).isEqualTo(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {" x\r\nReceived: y\r\n\u00fc\r\n"})
    void takesAllOfItForTheBodyThen(String message) {
        Listener.Arrived mail = received("smtp", "reject", message);

        assertThat(mail.envelope().origin().eightBitHeader()).isFalse();
        assertThat(mail.headers()).containsEntry(SmtpServerConstants.SIZE, (long) mail.octets().length);
    }

    @ParameterizedTest
    @ValueSource(strings = {" x\ny\r\n", "\n x\r\n", "\r x\r\n"})
    void holdsWithNewlinesMendedToo(String message) {
        assertThat(received("smtp", "normalize", message).content()).startsWith("\r\n x\r\n");
    }

    private static Listener.Arrived received(String protocol, String bareNewline, String message) {
        try (Listener listener = Listener.with("hopLimit=1&protocol=" + protocol + "&bareNewline=" + bareNewline);
                SmtpDialogue client = listener.client()) {
            client.say((protocol.equals("smtp") ? "EHLO" : "LHLO") + " client.example", "250");
            Listener.envelope(client);
            client.data(message.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
            client.expect("250");
            return listener.onlyMail();
        }
    }
}
