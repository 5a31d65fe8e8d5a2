package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;

import io.smtpdup.message.ClientIdentity;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.testkit.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay in front of us that says for whom it speaks, with XCLIENT and XFORWARD. */
class TrustedRelayTest {

    private static final String MESSAGE = "Subject: x\r\n\r\nx\r\n";

    private Listener listener = Listener.with("trustedRelays=127.0.0.0/8&domain=relay.example");

    @AfterEach
    void stop() {
        listener.close();
    }

    private ClientIdentity client() {
        return listener.onlyMail().client();
    }

    @Test
    void announcesBothToTrustedRelays() {
        try (SmtpDialogue relay = listener.client()) {
            assertThat(relay.say("EHLO mx.example", "250"))
                    .contains("XCLIENT NAME ADDR PORT PROTO HELO").contains("XFORWARD NAME ADDR PORT PROTO HELO");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"XCLIENT", "XFORWARD"})
    void refusesThemFromAnybodyElse(String verb) {
        listener.close();
        listener = Listener.with("trustedRelays=192.0.2.0/24");

        try (SmtpDialogue client = listener.client()) {
            assertThat(client.say("EHLO client.example", "250")).doesNotContain("XCLIENT", "XFORWARD");
            client.say(verb + " ADDR=192.0.2.1", "550 5.7.0");
            Listener.mail(client, MESSAGE);
        }
        assertThat(listener.onlyMail().receivedField()).contains("[127.0.0.1]");
    }

    @Test
    void xforwardNamesTheClientOfOneMail() {
        try (SmtpDialogue relay = listener.greetedClient()) {
            relay.say("XFORWARD NAME=mx.sender.example ADDR=192.0.2.7 PORT=4711", "250 2.0.0");
            relay.say("XFORWARD PROTO=SMTP HELO=he+6Co.example IDENT=4bXYZ SOURCE=REMOTE", "250 2.0.0");
            Listener.mail(relay, MESSAGE);

            assertThat(client().address()).isEqualTo(new InetSocketAddress("192.0.2.7", 4711));
            assertThat(client().name()).isEqualTo("mx.sender.example");
            assertThat(client().helo()).isEqualTo("helo.example");
            assertThat(client().protocol()).isEqualTo("SMTP");
            assertThat(listener.onlyMail().receivedField()).as("the trace has who connected")
                    .contains("from client.example ([127.0.0.1])").contains("with ESMTP ");

            Listener.mail(relay, MESSAGE);

            Listener.Arrived second = listener.arrived().get(1);
            assertThat(second.client().address().getHostString()).isEqualTo("127.0.0.1");
            assertThat(second.client().helo()).isEqualTo("client.example");
            assertThat(second.client().name()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSET", "EHLO again.example"})
    void xforwardEndsWithWhatEndsAMail(String command) {
        try (SmtpDialogue relay = listener.greetedClient()) {
            relay.say("XFORWARD NAME=mx.sender.example ADDR=192.0.2.7", "250");
            relay.say(command, "250");
            Listener.mail(relay, MESSAGE);
        }
        assertThat(client().name()).isNull();
    }

    @Test
    void xclientPutsTheClientInTheRelaysPlace() {
        try (SmtpDialogue relay = listener.greetedClient()) {
            relay.say("XCLIENT NAME=mx.sender.example ADDR=IPV6:2001:db8::7 PORT=25", "/220 relay\\.example ESMTP.*/");
            relay.say("MAIL FROM:<a@b.example>", "503 5.5.1");
            relay.say("EHLO sender.example", "250");
            Listener.mail(relay, MESSAGE);
            Listener.mail(relay, MESSAGE);
        }
        assertThat(listener.arrived()).hasSize(2).allSatisfy(mail -> {
            assertThat(mail.receivedField())
                    .contains("from sender.example (mx.sender.example [IPv6:2001:db8:0:0:0:0:0:7])");
            assertThat(mail.client()).isEqualTo(new ClientIdentity(
                    new InetSocketAddress("2001:db8::7", 25), "mx.sender.example", "sender.example", "ESMTP"));
        });
    }

    @Test
    void goesByWhatItSeesWhereTheRelayKnowsNothing() {
        try (SmtpDialogue relay = listener.greetedClient()) {
            relay.say("XFORWARD NAME=[UNAVAILABLE] ADDR=[unavailable] PROTO=[UNAVAILABLE] HELO=[TEMPUNAVAIL]", "250");
            Listener.mail(relay, MESSAGE);
        }
        assertThat(client().address().getHostString()).isEqualTo("127.0.0.1");
        assertThat(client().helo()).isEqualTo("client.example");
        assertThat(client().protocol()).isEqualTo("ESMTP");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PORT=0", "PORT=65536", "PORT=x", "PROTO=HTTP", "PROTO=LMTP", "NAME=a+20b", "NAME=<script>",
        "HELO=a+20b", "HELO=a+0Db", "HELO=[192.0.2.9]+20hello"})
    void takesWhatIsOfNoUseForUnknownAndKeepsTheAddress(String attribute) {
        try (SmtpDialogue relay = listener.greetedClient()) {
            relay.say("XFORWARD ADDR=192.0.2.7 " + attribute, "250 2.0.0");
            Listener.mail(relay, MESSAGE);

            assertThat(client().address().getHostString()).isEqualTo("192.0.2.7");
            assertThat(client().name()).isNull();
            assertThat(client().helo()).isEqualTo("client.example");
            assertThat(client().protocol()).isEqualTo("ESMTP");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "XFORWARD", "XFORWARD ADDR", "XFORWARD ADDR=", "XFORWARD ADDR=mx.example", "XFORWARD ADDR=192.0.2.256",
        "XFORWARD ADDR=IPV6:1.2.3.x", "XFORWARD HELO=a+0", "XFORWARD COLOUR=blue", "XCLIENT ADDR=192.0.2.1 X", "XCLIENT =x"})
    void refusesWhatIsMalformed(String command) {
        try (SmtpDialogue relay = listener.greetedClient()) {
            relay.say(command, "501 5.5.4");
            Listener.mail(relay, MESSAGE);
        }
        assertThat(client().helo()).isEqualTo("client.example");
        assertThat(client().name()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"XCLIENT", "XFORWARD"})
    void refusesThemWithinAMail(String verb) {
        try (SmtpDialogue relay = listener.clientWithEnvelope()) {
            relay.say(verb + " ADDR=192.0.2.1", "503 5.5.1");
            relay.data(MESSAGE.getBytes());
            relay.expect("250");
        }
        assertThat(listener.onlyMail().recipients()).containsExactly("c@d.example");
    }

    @Test
    void takesXforwardAndTheMailInOneFlight() {
        try (SmtpDialogue relay = listener.greetedClient()) {
            relay.pipeline("XFORWARD NAME=mx.sender.example ADDR=192.0.2.7", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>",
                    "DATA");
            relay.expect("250 2.0.0");
            relay.expect("250 2.1.0");
            relay.expect("250 2.1.5");
            relay.expect("354");
            relay.message(MESSAGE.getBytes());
            relay.expect("250");
        }
        assertThat(client().name()).isEqualTo("mx.sender.example");
    }

    @Test
    void forgetsTheClientUnderTls() {
        listener.close();
        listener = Listener.withTls("trustedRelays=127.0.0.1");
        try (SmtpDialogue relay = listener.greetedClient()) {
            relay.say("XCLIENT ADDR=192.0.2.7", "220");
            relay.say("EHLO relay.example", "250");
            relay.say("STARTTLS", "220");
            relay.startTls(TestCertificates.localhost().trustingContext());
            relay.say("EHLO relay.example", "250");
            Listener.mail(relay, MESSAGE);
        }
        assertThat(listener.onlyMail().receivedField()).contains("[127.0.0.1]");
    }
}
