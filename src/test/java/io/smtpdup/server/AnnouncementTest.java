package io.smtpdup.server;

import java.util.Map;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What a client is told, and held to, when somebody else answers MAIL and RCPT. */
class AnnouncementTest {

    private final AnnouncingHop hop = new AnnouncingHop();

    private final Listener listener = Listener.asking(hop);

    @AfterEach
    void stop() {
        listener.close();
    }

    @Test
    void offersDsnWhenTheNextHopDoes() {
        assertThat(keywords()).isEqualTo("PIPELINING|SIZE 1000|ENHANCEDSTATUSCODES|8BITMIME|SMTPUTF8|DSN");
    }

    @Test
    void offersNothingThatTheNextHopCannotTake() {
        hop.announce(Map.of("DSN", ""));
        assertThat(keywords()).isEqualTo("PIPELINING|SIZE 1000|ENHANCEDSTATUSCODES|DSN");

        hop.announce(Map.of());
        assertThat(keywords()).isEqualTo("PIPELINING|SIZE 1000|ENHANCEDSTATUSCODES");
    }

    @Test
    void offersWhatIsUsualWhileTheNextHopIsUnknown() {
        hop.unknown();

        assertThat(keywords()).isEqualTo("PIPELINING|SIZE 1000|ENHANCEDSTATUSCODES|8BITMIME|SMTPUTF8");
    }

    @ParameterizedTest
    @CsvSource({"500, 500", "1001, 1000", "0, 1000", "'', 1000", "1k, 1000", "99999999999, 1000"})
    void offersTheSmallerSize(String its, String announced) {
        hop.announce(Map.of("SIZE", its));

        assertThat(keywords()).contains("|SIZE " + announced + "|");
    }

    @Test
    void refusesASizeAboveTheNextHops() {
        hop.announce(Map.of("SIZE", "500"));
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example> SIZE=501", "552 5.3.4");
            client.say("MAIL FROM:<a@b.example> SIZE=500", "250 2.1.0");
        }
    }

    @ParameterizedTest
    @CsvSource({"BODY=8BITMIME", "BODY=7BIT", "SMTPUTF8", "RET=FULL", "ENVID=x"})
    void takesNoParameterOfMailThatItDidNotOffer(String parameter) {
        hop.announce(Map.of("SIZE", ""));
        try (SmtpDialogue client = listener.greetedClient()) {
            client.say("MAIL FROM:<a@b.example> " + parameter, "555 5.5.4");
            client.say("MAIL FROM:<a@b.example>", "250 2.1.0");
            client.say("RCPT TO:<c@d.example> NOTIFY=NEVER", "555 5.5.4");
            client.say("RCPT TO:<c@d.example> ORCPT=rfc822;c@d.example", "555 5.5.4");
            client.say("RCPT TO:<c@d.example>", "250 2.1.5");
        }
    }

    @Test
    void holdsAClientToWhatItWasTold() {
        try (SmtpDialogue client = listener.greetedClient()) {
            hop.announce(Map.of());
            client.say("MAIL FROM:<a@b.example> BODY=8BITMIME SMTPUTF8 RET=HDRS", "250");
            client.say("EHLO client.example", "250");
            client.say("MAIL FROM:<a@b.example> RET=HDRS", "555 5.5.4");
            hop.announce(Map.of("DSN", ""));
            client.say("MAIL FROM:<a@b.example> RET=HDRS", "555 5.5.4");
            client.say("EHLO client.example", "250");
            client.say("MAIL FROM:<a@b.example> RET=HDRS", "250");
            client.say("HELO client.example", "250");
            client.say("MAIL FROM:<a@b.example> RET=HDRS", "555 5.5.4");
            client.say("MAIL FROM:<a@b.example> SIZE=1", "555 5.5.4");
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<c@d.example> NOTIFY=NEVER", "555 5.5.4");
        }
    }

    private String keywords() {
        try (SmtpDialogue client = listener.client()) {
            String reply = client.say("EHLO client.example", "250");
            return String.join("|", reply.lines().skip(1).map(line -> line.substring(4)).toList());
        }
    }
}
