package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.testkit.Patience;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A client that was gone when its 250 came will send the mail again: an operator who finds it twice must find out why. */
class UnheardReplyTest {

    @Test
    void isInTheMailLogWithTheMailsId() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("mail");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.INFO);
        CountDownLatch routed = new CountDownLatch(1);
        CountDownLatch clientIsGone = new CountDownLatch(1);
        try (Listener listener = Listener.plain().then(exchange -> {
            routed.countDown();
            clientIsGone.await(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS);
        }); SmtpDialogue client = listener.clientWithEnvelope()) {
            client.data("Subject: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(routed.await(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();

            client.reset();
            clientIsGone.countDown();

            String id = (String) await().until(listener::arrived, mails -> !mails.isEmpty()).get(0).headers()
                    .get(SmtpServerConstants.ID);
            await().untilAsserted(() -> assertThat(log.list).anySatisfy(event -> {
                assertThat(event.getMessage()).isEqualTo("unheard");
                assertThat(event.getKeyValuePairs().toString()).contains(id, "250 2.0.0");
            }));
        } finally {
            logger.detachAppender(log);
            logger.setLevel(null);
        }
    }
}
