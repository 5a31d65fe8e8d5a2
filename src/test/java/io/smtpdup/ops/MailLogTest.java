package io.smtpdup.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Reply;
import io.smtpdup.message.ServerAnswer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Whatever clients and servers say, an event stays one line of harmless text. */
class MailLogTest {

    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 4711);

    /** A control, NEL, CSI of a terminal, the line separator, and the mark that turns the writing around. */
    private static final String NASTY = "a\rb\u0085c\u009bd\u2028e\u202ef\u2066g\ud800h";

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
        Envelope envelope = new Envelope(NASTY, null, true, List.of(NASTY, NASTY));
        ClientIdentity client = new ClientIdentity(CLIENT, NASTY, NASTY, "ESMTP");
        Reply reply = Reply.of(451, "4.4.1", NASTY);
        ServerAnswer server = new ServerAnswer(NASTY, "primary", NASTY, NASTY);
        MailLog.refused(CLIENT.getAddress(), NASTY);
        MailLog.refused(NASTY, CLIENT.getAddress(), server, NASTY, reply);
        MailLog.recipientRejected(NASTY, CLIENT, server, NASTY, NASTY, reply);
        MailLog.accepted(NASTY, client, envelope, 1, NASTY, reply);
        MailLog.rejected(NASTY, CLIENT, envelope, 1, NASTY, reply, new Exception(NASTY));
        MailLog.vanished(NASTY, CLIENT, envelope, 1, NASTY);
        MailLog.unheard(NASTY, CLIENT, reply, NASTY);
        MailLog.tried(MailEvent.PARTIAL, new DeliveryTry(NASTY, NASTY, "backup", envelope, 1L, 2, Instant.now()), reply, NASTY);
        MailLog.deadLettered(NASTY, NASTY, envelope, 1, NASTY, 1, NASTY);
        MailLog.steered(MailEvent.REPLAYED, NASTY, NASTY, NASTY, 1, 1);
        MailLog.lost(NASTY, NASTY, NASTY);
        MailLog.damaged(NASTY, NASTY, NASTY);
        MailLog.commandRefused(CLIENT.getAddress(), NASTY, reply);
        MailLog.tlsFailed(CLIENT.getAddress(), NASTY);
        MailLog.away(NASTY, "primary", NASTY);

        assertThat(log.list).hasSize(15).allSatisfy(event -> assertThat(event.getKeyValuePairs())
                .extracting(pair -> String.valueOf(pair.value))
                .allSatisfy(value -> assertThat(value).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Cs}\u2028]")));
    }

    @Test
    void showsTheBeginningOfAListOfRecipientsAndItsLength() {
        List<String> recipients = IntStream.range(0, 1000).mapToObj(i -> "r" + i + "@b.example").toList();

        Envelope envelope = new Envelope("a@b.example", null, false, recipients);
        MailLog.rejected("ID", CLIENT, envelope, 1, null, Reply.of(554, "5.7.1", "No"), null);

        assertThat(log.list).singleElement().satisfies(event -> assertThat(event.getKeyValuePairs())
                .extracting(pair -> pair.key, pair -> pair.value)
                .contains(tuple("from", "a@b.example"), tuple("to", recipients.subList(0, 10)), tuple("nrcpt", 1000)));
    }

    @Test
    void tellsWhoFollowsMailsTheSameHarmlessTextWhateverTheLevel() {
        logger.setLevel(Level.OFF);
        List<LoggedEvent> heard = new ArrayList<>();
        List<String> recipients = IntStream.range(0, 1000).mapToObj(i -> "r" + i + "@b.example").toList();
        Runnable unfollow = MailLog.follow(event -> {
            throw new IllegalStateException("a follower of no use");
        });
        Runnable unfollowToo = MailLog.follow(heard::add);

        MailLog.accepted("ID", new ClientIdentity(CLIENT, null, NASTY, "ESMTP"), new Envelope("", null, true, recipients), 7, NASTY,
                Reply.of(250, "2.0.0", NASTY));
        unfollow.run();
        unfollowToo.run();
        MailLog.lost("ID", "new:25", "nobody hears of it");

        assertThat(log.list).isEmpty();
        assertThat(heard).singleElement().satisfies(event -> {
            assertThat(event.fields().keySet()).containsExactly("id", "client", "from", "to", "nrcpt", "size", "message_id", "helo", "reply");
            assertThat(event.fields().values()).extracting(String::valueOf)
                    .allSatisfy(value -> assertThat(value).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Cs}\u2028]"));
            assertThat(event.has("from")).isTrue();
            assertThat(event.text("from")).isEmpty();
            assertThat(event.all("to")).hasSizeBetween(100, 400).startsWith("r0@b.example");
            assertThat(event.number("nrcpt", 0)).isEqualTo(1000);
        });
    }

    @Test
    void saysWhatTheManualSaysOfEveryEvent() throws IOException {
        String manual = Files.readString(Path.of("docs/operations.md"));
        Map<String, String> documented = Pattern.compile("(?m)^\\| `([a-z-]+)` \\| ([A-Z]+) \\| ([^|]+) \\|").matcher(manual).results()
                .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2) + " " + row.group(3).strip()));

        assertThat(documented).containsExactlyInAnyOrderEntriesOf(Arrays.stream(MailEvent.values()).collect(Collectors.toMap(
                MailEvent::text, event -> event.level() + " " + String.join(", ", event.fields()))));
    }
}
