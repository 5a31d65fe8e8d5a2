package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import io.smtpdup.message.Envelope;
import io.smtpdup.message.NextHop;
import io.smtpdup.message.Recipient;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The primary thinks about DATA while the client already sends its content: what it says to DATA is heard by the smtp step. */
@Timeout(60)
class EarlyDataTest {

    private final ScriptedSmtpServer primary = ScriptedSmtpServer.start();

    private final TestSender sender = new TestSender();

    private final String uri = "smtp:" + primary.address() + "?timeout=3s&localName=localhost";

    private final DeliveryEndpoint endpoint = sender.camel().getEndpoint(uri, DeliveryEndpoint.class);

    @AfterEach
    void stop() {
        sender.close();
        primary.close();
    }

    /** As the server does that has told its client to go ahead. */
    private NextHop.Conversation upToData() {
        NextHop.Conversation mail = endpoint.begin(new Envelope("a@b.test", null, false, List.of()), -1, null);
        mail.ask(new Recipient("1@d.test"));
        assertThat(mail.mailReply().code()).isEqualTo(250);
        assertThat(mail.nextReply().code()).isEqualTo(250);
        assertThat(mail.askForContent()).isTrue();
        return mail;
    }

    private Exchange finish(NextHop.Conversation mail) {
        return sender.send(uri, message -> {
            io.smtpdup.message.EnvelopeHeaders.write(TestSender.from("a@b.test", "1@d.test"), message);
            message.setBody(TestSender.MESSAGE);
            message.getExchange().setProperty(NextHop.CONVERSATION, mail);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "8BITMIME"})
    void dataLeavesAtOnceAndItsReplyIsAwaitedWithTheContent(String extension) {
        primary.announcing(extension);
        CountDownLatch thought = new CountDownLatch(1);
        primary.on("DATA").waitFor(thought).replyAsUsual();

        NextHop.Conversation mail = upToData();
        primary.awaitCommand("DATA");
        thought.countDown();

        assertThat(finish(mail).getException()).isNull();
        assertThat(primary.messages()).hasSize(1);
        assertThat(primary.connectionCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"451 4.3.0 not now", "554 5.7.1 no content from you", "452-4.3.1 full"})
    void theRefusalOfDataIsHeardWordForWord(String reply) {
        primary.on("DATA").reply(reply.replace('-', ' '));

        Exchange exchange = finish(upToData());

        assertThat(exchange.getException(DeliveryException.class).reply()).hasToString(reply.replace('-', ' '));
        assertThat(primary.offeredMessages()).isEmpty();
    }

    @Test
    void theMailGoesOverAnotherConnectionWhenThePrimaryWasTiredOfWaiting() {
        NextHop.Conversation mail = upToData();
        primary.awaitTranscript("354");
        primary.dropIdleConnections();

        assertThat(finish(mail).getException()).isNull();
        assertThat(primary.messages()).hasSize(1);
        assertThat(primary.connectionCount()).isEqualTo(2);
    }

    @Test
    void nothingIsGivenToThePrimaryWhenTheContentNeverComes() {
        upToData().close();

        primary.awaitOpenConnections(0);
        assertThat(primary.offeredMessages()).isEmpty();
    }

    @Test
    void whoWantsToHearItAtOnceStillCan() {
        primary.on("DATA").reply("554 5.7.1 no");

        NextHop.Conversation mail = upToData();

        assertThat(Optional.of(mail.contentReply())).hasToString("Optional[554 5.7.1 no]");
        mail.close();
    }
}
