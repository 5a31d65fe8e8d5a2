package io.smtpdup.message;

import java.util.List;

import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultMessage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What a route may do to the recipients of an envelope. */
class EnvelopeHeadersTest {

    private static final Recipient FIRST = new Recipient("c@d.example", "NEVER", null);

    private static final Recipient SECOND = new Recipient("c@d.example", "DELAY", "rfc822;x");

    private static final Recipient THIRD = new Recipient("e@d.example", "SUCCESS", null);

    private final Message message = new DefaultMessage(new DefaultCamelContext());

    @Test
    void keepsWhatWasSaidOfTheRecipientsThatARouteLeaves() {
        write(FIRST, SECOND, THIRD);

        message.setHeader(SmtpServerConstants.RECIPIENTS, List.of("e@d.example", "new@d.example", "c@d.example"));

        assertThat(read().forwardPaths()).containsExactly(THIRD, new Recipient("new@d.example"), FIRST);
    }

    @Test
    void tellsTwoRcptCommandsForOneAddressApart() {
        write(FIRST, SECOND);

        assertThat(read().forwardPaths()).containsExactly(FIRST, SECOND);
    }

    @Test
    void forgetsWhatAnEarlierEnvelopeSaid() {
        write(FIRST);

        EnvelopeHeaders.write(new Envelope("x@y.example", null, false, List.of("c@d.example")), message);

        assertThat(read()).isEqualTo(new Envelope("x@y.example", null, false, List.of("c@d.example")));
    }

    @Test
    void readsWhatARouteHasMadeOfTheHeader() {
        write(FIRST);

        message.setHeader(SmtpServerConstants.FORWARD_PATHS, List.of("c@d.example"));

        assertThat(read().forwardPaths()).containsExactly(new Recipient("c@d.example"));
    }

    private void write(Recipient... recipients) {
        EnvelopeHeaders.write(new Envelope("a@b.example", null, false, "FULL", "x", List.of(recipients)), message);
    }

    private Envelope read() {
        return EnvelopeHeaders.read(message).orElseThrow();
    }
}
