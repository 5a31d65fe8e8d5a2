package io.smtpdup.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import io.smtpdup.message.BodyType;
import io.smtpdup.message.Envelope;
import io.smtpdup.testkit.NastyMessage;
import io.smtpdup.testkit.NastyMessages;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.apache.camel.converter.stream.InputStreamCache;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(300)
class OctetsTest {

    private static final ScriptedSmtpServer SERVER = ScriptedSmtpServer.start();
    private static final TestSender SENDER = new TestSender();

    @AfterAll
    static void close() {
        SENDER.close();
        SERVER.close();
    }

    static List<NastyMessage> nastyMessages() {
        return NastyMessages.all();
    }

    @ParameterizedTest
    @MethodSource("nastyMessages")
    void bringsEveryOctetUnchanged(NastyMessage message) {
        Envelope envelope = new Envelope("a@a.test", BodyType.EIGHT_BIT_MIME, false, List.of("b@b.test"));
        int before = SERVER.messages().size();

        SENDER.deliver("smtp:" + SERVER.address(), envelope, new InputStreamCache(message.octets()));

        assertThat(SERVER.messages()).hasSize(before + 1);
        assertThat(SERVER.messages().get(before).sha256()).isEqualTo(ReceivedMessage.sha256(message.octets()));
    }
}
