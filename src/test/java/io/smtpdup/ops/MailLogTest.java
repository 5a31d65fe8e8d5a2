package io.smtpdup.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Whatever clients and servers say, an event stays one line of harmless text. */
class MailLogTest {

    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 4711);

    /** A control, NEL, CSI of a terminal, the line separator, and the mark that turns the writing around. */
    private static final String NASTY = "a\rb\u0085c\u009bd\u2028e\u202ef";

    private final Logger logger = (Logger) LoggerFactory.getLogger("mail");

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
    }

    @AfterEach
    void leave() {
        logger.setAdditive(true);
        logger.setLevel(null);
        logger.detachAppender(log);
    }

    @Test
    void showsNoCharacterThatIsMoreThanItself() {
        MailLog.vanished("ID", CLIENT, new Envelope(NASTY, null, true, List.of(NASTY)), 1, NASTY);
        MailLog.undelivered("deferred", "ID", "mail:25", Reply.of(451, "4.4.1", NASTY), NASTY);
        MailLog.lost("ID", "mail:25", NASTY);

        assertThat(log.list).hasSize(3).allSatisfy(event -> assertThat(event.getKeyValuePairs())
                .extracting(pair -> String.valueOf(pair.value))
                .allSatisfy(value -> assertThat(value).doesNotContainPattern("[\\p{Cc}\\p{Cf}\u2028]")));
    }

    @Test
    void showsTheBeginningOfAListOfRecipientsAndItsLength() {
        List<String> recipients = IntStream.range(0, 1000).mapToObj(i -> "r" + i + "@b.example").toList();

        Envelope envelope = new Envelope("", null, false, recipients);
        MailLog.rejected("ID", CLIENT, envelope, 1, Reply.of(554, "5.7.1", "No"), null);

        assertThat(log.list).singleElement().extracting(event -> event.getKeyValuePairs().toString()).asString()
                .contains("r9@b.example,...", "nrcpt=\"1000\"").doesNotContain("r10@b.example");
    }
}
