package io.smtpdup.delivery;

import static io.smtpdup.delivery.TestSender.octets;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import io.smtpdup.message.BodyType;
import io.smtpdup.message.Envelope;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ParametersTest {

    private static final byte[] SEVEN_BIT = TestSender.MESSAGE;
    private static final byte[] EIGHT_BIT_BODY = octets("Subject: x\r\n\r\nfür\r\n");
    private static final byte[] EIGHT_BIT_HEADER = octets("Subject: für\r\n\r\nx\r\n");

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();
    private final TestSender sender = new TestSender();
    private final String uri = "smtp:" + server.address();

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    @Test
    void passesBodyOnAsDeclared() {
        sender.deliver(uri, declared(BodyType.SEVEN_BIT, false), SEVEN_BIT);
        sender.deliver(uri, declared(BodyType.EIGHT_BIT_MIME, false), SEVEN_BIT);
        sender.deliver(uri, declared(null, false), EIGHT_BIT_BODY);

        assertThat(server.messages()).extracting(m -> m.mailFrom().replaceAll("SIZE=\\d+", "SIZE"))
                .containsExactly("<a@a.test> SIZE BODY=7BIT", "<a@a.test> SIZE BODY=8BITMIME", "<a@a.test> SIZE");
    }

    @Test
    void leavesBodyOutWhereNoOctetNeedsIt() {
        server.announcing();

        sender.deliver(uri, declared(BodyType.EIGHT_BIT_MIME, false), SEVEN_BIT);

        assertThat(server.messages().get(0).mailFrom()).isEqualTo("<a@a.test>");
    }

    @Test
    void answers554WhenTheServerCannotTakeEightBits() {
        server.announcing("SIZE");

        DeliveryException failure = sender.fail(uri, declared(BodyType.EIGHT_BIT_MIME, false), EIGHT_BIT_BODY);

        assertThat(failure.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(failure.isDestinationAway()).isFalse();
        assertThat(failure.reply().toString()).startsWith("554 5.6.3 ");
        assertThat(server.commands()).noneMatch(line -> line.startsWith("MAIL"));
    }

    @Test
    void answers554ForEightBitsThatNobodyDeclared() {
        server.announcing("SIZE");

        for (BodyType declared : new BodyType[] {null, BodyType.SEVEN_BIT}) {
            DeliveryException failure = sender.fail(uri, declared(declared, false), EIGHT_BIT_BODY);

            assertThat(failure.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(failure.reply().toString()).startsWith("554 5.6.3 ");
        }
        assertThat(sender.fail(uri, declared(null, false), EIGHT_BIT_HEADER).reply().toString()).startsWith("554 5.6.3 ");
        assertThat(server.commands()).noneMatch(line -> line.startsWith("MAIL"));
    }

    @Test
    void passesInternationalAddressesOn() {
        Envelope envelope = new Envelope("jürgen@müller.test", null, true, List.of("δοκιμή@παράδειγμα.test"));

        sender.deliver(uri, envelope, SEVEN_BIT);

        assertThat(server.messages().get(0).mailFrom()).isEqualTo("<jürgen@müller.test> SIZE=26 SMTPUTF8");
        assertThat(server.messages().get(0).recipients()).containsExactly("δοκιμή@παράδειγμα.test");
    }

    @Test
    void answers550WhenTheServerCannotTakeAnInternationalAddress() {
        server.announcing("8BITMIME");
        Envelope envelope = new Envelope("a@a.test", null, true, List.of("jürgen@b.test"));

        assertThat(sender.fail(uri, envelope, SEVEN_BIT).reply().toString()).startsWith("550 5.6.7 ");
    }

    @Test
    void answers550WhenTheServerCannotTakeAnInternationalHeader() {
        for (String announced : List.of("8BITMIME", "SIZE")) {
            server.announcing(announced);

            DeliveryException failure = sender.fail(uri, declared(BodyType.EIGHT_BIT_MIME, true), EIGHT_BIT_HEADER);

            assertThat(failure.reply().toString()).startsWith("550 5.6.7 ");
        }
    }

    @Test
    void leavesSmtpUtf8OutWhereNothingNeedsIt() {
        server.announcing("8BITMIME");

        sender.deliver(uri, declared(BodyType.EIGHT_BIT_MIME, true), EIGHT_BIT_BODY);

        assertThat(server.messages().get(0).mailFrom()).isEqualTo("<a@a.test> BODY=8BITMIME");
    }

    @Test
    void asksForNoReportsWhereTheServerOffersDsn() {
        server.announcing("DSN");

        sender.deliver(uri + "?notifyNever=true", TestSender.from("a@a.test", "b@b.test", "c@c.test"), SEVEN_BIT);

        assertThat(server.messages().get(0).rcptTo()).containsExactly("<b@b.test> NOTIFY=NEVER", "<c@c.test> NOTIFY=NEVER");
    }

    @Test
    void asksForNothingWhereTheServerKnowsNoDsn() {
        sender.deliver(uri + "?notifyNever=true", TestSender.from("a@a.test", "b@b.test"), SEVEN_BIT);

        assertThat(server.messages().get(0).rcptTo()).containsExactly("<b@b.test>");
    }

    @Test
    void leavesReportsToTheServerWhenNotSetOtherwise() {
        server.announcing("DSN");

        sender.deliver(uri, TestSender.from("a@a.test", "b@b.test"), SEVEN_BIT);

        assertThat(server.messages().get(0).rcptTo()).containsExactly("<b@b.test>");
    }

    @Test
    void refusesControlCharactersInAnAddress() {
        DeliveryException failure = sender.fail(uri,
                TestSender.from("a@a.test", "b@b.test>\r\nRCPT TO:<c@c.test"), SEVEN_BIT);

        assertThat(failure.reply().toString()).startsWith("553 5.1.3 ");
        assertThat(server.commands()).noneMatch(line -> line.startsWith("RCPT"));
    }

    private static Envelope declared(BodyType body, boolean smtpUtf8) {
        return new Envelope("a@a.test", body, smtpUtf8, List.of("b@b.test"));
    }
}
