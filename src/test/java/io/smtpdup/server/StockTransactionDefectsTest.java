package io.smtpdup.server;

import static io.smtpdup.server.StockDefects.keptButNotByStock;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;
import org.subethamail.smtp.server.SMTPServer;

/** The library's defects between MAIL and the reply to the content. */
class StockTransactionDefectsTest {

    private static final byte[] MESSAGE = "Subject: x\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final UnaryOperator<SMTPServer.Builder> LIMIT_1000 = server -> server.maxMessageSize(1000);

    @Test
    void neverExecutesTheTextOfARefusedMessage() {
        keptButNotByStock(front -> {
            front.fate(Front.Fate.REFUSED_UNREAD);
            try (SmtpDialogue client = front.clientWithEnvelope()) {
                client.data("NOOP\r\nRSET\r\n".getBytes(StandardCharsets.US_ASCII));
                client.expect("554");
                client.say("QUIT", "221");
            }
        }, "expected 221 but heard 250");
    }

    @Test
    void takesTheNextMailAfterARefusedOne() {
        keptButNotByStock(front -> {
            front.fate(Front.Fate.REFUSED);
            try (SmtpDialogue client = front.clientWithEnvelope()) {
                client.data(MESSAGE);
                client.expect("554");
                client.say("MAIL FROM:<next@b.example>", "250");
            }
        }, "expected 250 but heard 503");
    }

    @Test
    void answers451AndGoesOnWhenAHandlerCrashes() {
        keptButNotByStock(front -> {
            front.fate(Front.Fate.CRASH);
            try (SmtpDialogue client = front.clientWithEnvelope()) {
                client.data(MESSAGE);
                client.expect("451");
                client.say("NOOP", "250");
            }
        }, "expected 451 but heard 421");
    }

    @Test
    void neverHandsOverAChunkThatWasCut() {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.clientWithEnvelope()) {
                client.send("BDAT 100 LAST").sendRaw("only this much").shutdownOutput();
                client.expect("/./");
                assertThat(front.arrived()).as("arrived").isEmpty();
            }
        }, "[arrived]");
    }

    @Test
    void neverExecutesARefusedChunk() {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.greetedClient()) {
                client.send("BDAT 6 LAST").sendRaw("NOOP\r\n");
                client.expect("50");
                assertThat(client.isClosedByPeer()).as("closed").isTrue();
            }
        }, "[closed]");
    }

    @Test
    void refusesAMessageAboveTheSizeLimitAndGoesOn() {
        keptButNotByStock("maxSize=1000", LIMIT_1000, front -> {
            try (SmtpDialogue client = front.clientWithEnvelope()) {
                client.data("0123456789 123456789\r\n".repeat(3000).getBytes(StandardCharsets.US_ASCII));
                client.expect("552");
                client.say("NOOP", "250");
            }
        }, "expected 552 but heard 250");
    }

    @Test
    void takesADeclaredSizeWithoutALimitOfItsOwn() {
        keptButNotByStock(front -> {
            try (SmtpDialogue client = front.greetedClient()) {
                client.say("MAIL FROM:<a@b.example> SIZE=10", "250");
            }
        }, "expected 250 but heard 552");
    }

    @Test
    void readsADeclaredSizeThatAnotherParameterFollows() {
        keptButNotByStock("maxSize=1000", LIMIT_1000, front -> {
            try (SmtpDialogue client = front.greetedClient()) {
                client.say("MAIL FROM:<a@b.example> SIZE=2000 BODY=8BITMIME", "552");
            }
        }, "expected 552 but heard 250");
    }

    @Test
    void survivesADeclaredSizeBeyondAnInteger() {
        keptButNotByStock("maxSize=1000", LIMIT_1000, front -> {
            try (SmtpDialogue client = front.greetedClient()) {
                client.say("MAIL FROM:<a@b.example> SIZE=99999999999", "552");
                client.say("NOOP", "250");
            }
        }, "expected 552 but heard 421");
    }

    @Test
    void namesEveryRecipientWhereTheStockListenerHearsOfTheLast() {
        List<String> heard = new CopyOnWriteArrayList<>();
        SMTPServer stock =
                SMTPServer.port(0).messageHandler((context, from, to, data) -> heard.add(to)).build();
        stock.start();
        try (Listener listener = Listener.plain()) {
            sendToTwo(stock.getPortAllocated());
            sendToTwo(listener.port());

            assertThat(heard).containsExactly("second@d.example");
            assertThat(listener.onlyMail().recipients()).containsExactly("first@d.example", "second@d.example");
        } finally {
            stock.stop();
        }
    }

    private static void sendToTwo(int port) {
        try (SmtpDialogue client = SmtpDialogue.connect(port)) {
            client.expect("220");
            client.say("EHLO client.example", "250");
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<first@d.example>", "250");
            client.say("RCPT TO:<second@d.example>", "250");
            client.data(MESSAGE);
            client.expect("250");
        }
    }
}
