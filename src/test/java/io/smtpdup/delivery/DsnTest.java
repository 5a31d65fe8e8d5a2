package io.smtpdup.delivery;

import java.util.List;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.Recipient;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** What becomes of RET, ENVID, NOTIFY and ORCPT on the way to a server (RFC 3461 section 5.2). */
@Timeout(300)
class DsnTest {

    private static final Recipient SUCCESS = new Recipient("b@b.test", "success,DELAY", "rfc822;B+2Bx@b.test");
    private static final Recipient NEVER = new Recipient("\"c d\"@b.test", "NEVER", null);
    private static final Recipient FAILURE = new Recipient("f@b.test", "FAILURE", null);
    private static final Recipient PLAIN = new Recipient("e@b.test");

    private final ScriptedSmtpServer server = ScriptedSmtpServer.start();
    private final TestSender sender = new TestSender();
    private final String primary = "smtp:" + server.address();
    private final String backup = primary + "?notifyNever=true";

    @AfterEach
    void close() {
        sender.close();
        server.close();
    }

    @Test
    void tellsAServerWithDsnAllThatTheSenderSaid() {
        server.announcing("DSN");

        sender.deliver(primary, envelope(SUCCESS, NEVER, FAILURE, PLAIN), TestSender.MESSAGE);

        assertThat(onlyMail().mailFrom()).isEqualTo("<a@a.test> RET=hdrs ENVID=a+20b");
        assertThat(onlyMail().rcptTo()).containsExactly(
                "<b@b.test> NOTIFY=success,DELAY ORCPT=rfc822;B+2Bx@b.test", "<\"c d\"@b.test> NOTIFY=NEVER",
                "<f@b.test> NOTIFY=FAILURE", "<e@b.test>");
    }

    @Test
    void asksForNoReportsOfACopyButSaysWhoseItIs() {
        server.announcing("DSN");

        sender.deliver(backup, envelope(SUCCESS, PLAIN), TestSender.MESSAGE);

        assertThat(onlyMail().mailFrom()).isEqualTo("<a@a.test> ENVID=a+20b");
        assertThat(onlyMail().rcptTo()).containsExactly(
                "<b@b.test> NOTIFY=NEVER ORCPT=rfc822;B+2Bx@b.test", "<e@b.test> NOTIFY=NEVER");
    }

    @Test
    void tellsABackupWithoutDsnNothing() {
        server.announcing("8BITMIME");

        sender.deliver(backup, envelope(SUCCESS, NEVER, FAILURE), TestSender.MESSAGE);

        assertThat(onlyMail().mailFrom()).isEqualTo("<a@a.test>");
        assertThat(onlyMail().rcptTo()).containsExactly("<b@b.test>", "<\"c d\"@b.test>", "<f@b.test>");
    }

    @Test
    void deliversWithoutTheOtherParametersToAPrimaryThatOffersDsnNoMore() {
        server.announcing("8BITMIME");

        sender.deliver(primary, envelope(NEVER, FAILURE, new Recipient("g@b.test", "DELAY", "rfc822;x")), TestSender.MESSAGE);

        assertThat(onlyMail().mailFrom()).isEqualTo("<a@a.test>");
        assertThat(onlyMail().rcptTo()).containsExactly("<\"c d\"@b.test>", "<f@b.test>", "<g@b.test>");
    }

    @Test
    void writesAnInternationalOriginalRecipientAsTheServerCanReadIt() {
        Recipient recipient = new Recipient("b@b.test", null, "utf-8;b\u00fccher\ud83d\ude00@b.test");

        server.announcing("DSN", "8BITMIME", "SMTPUTF8");
        sender.deliver(primary, new Envelope("a@a.test", null, true, null, null, List.of(recipient)), TestSender.MESSAGE);
        sender.deliver(primary, new Envelope("a@a.test", null, false, null, null, List.of(recipient)), TestSender.MESSAGE);
        server.announcing("DSN", "8BITMIME");
        server.dropIdleConnections();
        sender.deliver(primary, new Envelope("a@a.test", null, true, null, null, List.of(recipient)), TestSender.MESSAGE);

        assertThat(server.messages()).extracting(mail -> mail.rcptTo().get(0)).containsExactly(
                "<b@b.test> ORCPT=utf-8;b\u00fccher\ud83d\ude00@b.test",
                "<b@b.test> ORCPT=utf-8;b\\x{FC}cher\\x{1F600}@b.test",
                "<b@b.test> ORCPT=utf-8;b\\x{FC}cher\\x{1F600}@b.test");
    }

    @Test
    void refusesParametersThatARouteHasSpoiled() {
        server.announcing("DSN");

        for (Envelope spoiled : List.of(
                new Envelope("a@a.test", null, false, "FULL\r\nRSET", null, List.of(PLAIN)),
                new Envelope("a@a.test", null, false, null, "x y", List.of(PLAIN)),
                envelope(new Recipient("b@b.test", "NEVER\r\nDATA", null)),
                envelope(new Recipient("b@b.test", null, "rfc822;x\r\nDATA")))) {
            assertThat(sender.fail(primary, spoiled, TestSender.MESSAGE).reply().toString()).startsWith("554 5.5.4 ");
        }
        assertThat(server.commands()).noneMatch(line -> line.startsWith("MAIL"));
    }

    private ReceivedMessage onlyMail() {
        assertThat(server.messages()).hasSize(1);
        return server.messages().get(0);
    }

    private static Envelope envelope(Recipient... recipients) {
        return new Envelope("a@a.test", null, false, "hdrs", "a+20b", List.of(recipients));
    }
}
