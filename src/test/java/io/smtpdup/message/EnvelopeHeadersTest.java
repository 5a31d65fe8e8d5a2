package io.smtpdup.message;

import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What a route may read of an envelope, and do to it. */
class EnvelopeHeadersTest {

    private static final Recipient FIRST = new Recipient("c@d.example", "NEVER", null);

    private static final Recipient SECOND = new Recipient("c@d.example", "DELAY", "rfc822;x");

    private static final Recipient THIRD = new Recipient("e@d.example", "SUCCESS", null);

    private static final ClientIdentity CLIENT =
            new ClientIdentity(new InetSocketAddress("192.0.2.7", 4711), "mx.example", "helo.example", "ESMTP");

    private static final Envelope FULL = new Envelope("a@b.example", BodyType.EIGHT_BIT_MIME, true, "FULL", "x",
            List.of(FIRST, SECOND, THIRD), new Origin(CLIENT, "UTF8SMTPS", true, false));

    private final DefaultCamelContext context = new DefaultCamelContext();

    private final Exchange exchange = new DefaultExchange(context);

    private final Message message = exchange.getMessage();

    @BeforeEach
    void write() {
        EnvelopeHeaders.write(FULL, message);
    }

    @AfterEach
    void close() {
        context.stop();
    }

    @Test
    void isReadAsTheObjectThatWasWritten() {
        assertThat(message.getHeaders()).hasSize(3);
        assertThat(read()).isSameAs(FULL);
    }

    @Test
    void keepsWhatWasSaidOfTheRecipientsThatARouteLeaves() {
        message.setHeader(SmtpServerConstants.RECIPIENTS, List.of("e@d.example", "new@d.example", "c@d.example"));

        assertThat(read()).isEqualTo(FULL.withForwardPaths(List.of(THIRD, new Recipient("new@d.example"), FIRST)));
    }

    @Test
    void takesTheReversePathThatARouteSets() {
        message.setHeader(SmtpServerConstants.REVERSE_PATH, "");

        assertThat(read().reversePath()).isEmpty();
        assertThat(read().forwardPaths()).isEqualTo(FULL.forwardPaths());
    }

    @Test
    void forgetsWhatAnEarlierEnvelopeAndARouteSaid() {
        message.setHeader(FormerHeader.RET.header(), "HDRS");
        Envelope other = new Envelope("x@y.example", null, false, List.of("c@d.example"));

        EnvelopeHeaders.write(other, message);

        assertThat(read()).isSameAs(other);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CamelSmtpServerReversePath", "CamelSmtpServer*", "Camel*"})
    void isGoneWhenARouteTakesItAway(String pattern) {
        message.removeHeaders(pattern);

        assertThat(EnvelopeHeaders.read(message)).isEmpty();
    }

    @Test
    void isMadeOfWhatARouteAloneHasSet() {
        message.removeHeaders("*");
        message.setHeader(SmtpServerConstants.REVERSE_PATH, "a@b.example");
        message.setHeader(SmtpServerConstants.RECIPIENTS, List.of("c@d.example"));
        message.setHeader(FormerHeader.FORWARD_PATHS.header(), List.of(SECOND));
        message.setHeader(FormerHeader.BODY_TYPE.header(), "7bit");

        assertThat(read()).isEqualTo(new Envelope("a@b.example", BodyType.SEVEN_BIT, false, null, null, List.of(SECOND)));
    }

    @Test
    void heedsEachFormerHeaderThatARouteSets() {
        InetSocketAddress address = new InetSocketAddress("2001:db8::7", 25);
        Map<FormerHeader, Object> set = new EnumMap<>(FormerHeader.class);
        set.put(FormerHeader.RET, "HDRS");
        set.put(FormerHeader.ENVID, "y");
        set.put(FormerHeader.FORWARD_PATHS, List.of(THIRD));
        set.put(FormerHeader.BODY_TYPE, "7BIT");
        set.put(FormerHeader.SMTPUTF8, "false");
        set.put(FormerHeader.EIGHT_BIT, false);
        set.put(FormerHeader.EIGHT_BIT_HEADER, true);
        set.put(FormerHeader.REMOTE_ADDRESS, address);
        set.put(FormerHeader.REMOTE_NAME, "name");
        set.put(FormerHeader.REMOTE_PROTOCOL, "SMTP");
        set.put(FormerHeader.HELO, "helo");
        set.put(FormerHeader.PROTOCOL, "SMTP");
        assertThat(set).containsOnlyKeys(FormerHeader.values());

        set.forEach((header, value) -> message.setHeader(header.header(), value));

        assertThat(read()).isEqualTo(new Envelope("a@b.example", BodyType.SEVEN_BIT, false, "HDRS", "y",
                List.of(new Recipient("c@d.example"), new Recipient("c@d.example"), THIRD),
                new Origin(new ClientIdentity(address, "name", "helo", "SMTP"), "SMTP", false, true)));
    }

    @ParameterizedTest
    @NullAndEmptySource
    void losesWhatARouteSetsToNothing(String nothing) {
        for (FormerHeader one : FormerHeader.values()) {
            message.setHeader(one.header(), nothing);
        }

        assertThat(read()).isEqualTo(new Envelope("a@b.example", null, false, FULL.recipients())
                .withOrigin(new Origin(null, null, null, null)));
    }

    @ParameterizedTest
    @EnumSource
    void tellsARouteInSimpleWhatAFormerHeaderTold(FormerHeader header) {
        Map<FormerHeader, Object> told = new EnumMap<>(FormerHeader.class);
        told.put(FormerHeader.RET, "FULL");
        told.put(FormerHeader.ENVID, "x");
        told.put(FormerHeader.FORWARD_PATHS, FULL.forwardPaths());
        told.put(FormerHeader.BODY_TYPE, "8BITMIME");
        told.put(FormerHeader.SMTPUTF8, true);
        told.put(FormerHeader.EIGHT_BIT, true);
        told.put(FormerHeader.EIGHT_BIT_HEADER, false);
        told.put(FormerHeader.REMOTE_ADDRESS, CLIENT.address());
        told.put(FormerHeader.REMOTE_NAME, "mx.example");
        told.put(FormerHeader.REMOTE_PROTOCOL, "ESMTP");
        told.put(FormerHeader.HELO, "helo.example");
        told.put(FormerHeader.PROTOCOL, "UTF8SMTPS");

        assertThat(simple(header.simple())).isEqualTo(told.get(header));
        EnvelopeHeaders.write(new Envelope("", null, false, List.of()), message);
        assertThat(simple(header.simple())).isIn(null, false, List.of());
    }

    @Test
    void tellsARouteInSimpleWhomAMailIsFor() {
        assertThat(simple("${header.CamelSmtpServerEnvelope.recipients}")).isEqualTo(FULL.recipients());
        assertThat(simple("${header.CamelSmtpServerEnvelope.reversePath}")).isEqualTo("a@b.example");
    }

    private Object simple(String text) {
        return context.resolveLanguage("simple").createExpression(text).evaluate(exchange, Object.class);
    }

    private Envelope read() {
        return EnvelopeHeaders.read(message).orElseThrow();
    }
}
