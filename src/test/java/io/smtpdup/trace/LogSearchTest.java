package io.smtpdup.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import io.smtpdup.message.ClientIdentity;
import io.smtpdup.message.Envelope;
import io.smtpdup.message.Reply;
import io.smtpdup.ops.FieldsConverter;
import io.smtpdup.ops.LoggedEvent;
import io.smtpdup.ops.MailEvent;
import io.smtpdup.ops.MailLog;
import net.logstash.logback.encoder.LogstashEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Mails out of log files, as the relay writes them and as others hand them on. */
class LogSearchTest {

    private static final String ID = "1M857J9QHYK51GMQ";

    private static final String ACCEPTED = "2026-03-01T10:12:30.004+01:00 INFO  mail accepted id=\"" + ID + "\" client=\"192.0.2.7\""
            + " from=\"a@b.example\" to=\"b@b.example,\\\"x,y\\\"@c.example\" nrcpt=\"2\" size=\"100\" message_id=\"<1@b.example>\""
            + " reply=\"250 2.0.0 Ok: queued as 4ABCDEF1\"";

    private static final String DEFERRED = "2026-03-01T10:12:31.004+01:00 WARN  mail deferred id=\"" + ID + "\" destination=\"new:25\""
            + " role=\"backup\" attempts=\"1\" delay=\"0.2\" reply=\"450 4.2.1 say \\\"please\\\" \\\\ busy\"";

    @Test
    void findsAMailByANameThatOnlyALaterLineHas() throws IOException {
        String rejected = "2026-03-01T10:12:29.004+01:00 WARN  mail recipient-rejected id=\"" + ID + "\" to=\"gone@b.example\" reply=\"550 5.1.1 no\"";

        List<TracedMail> mails = search("4ABCDEF1", String.join("\n", rejected, "noise", ACCEPTED, DEFERRED) + "\n");

        assertThat(mails).singleElement().satisfies(mail -> {
            assertThat(mail.events()).extracting(LoggedEvent::event)
                    .containsExactly(MailEvent.RECIPIENT_REJECTED, MailEvent.ACCEPTED, MailEvent.DEFERRED);
            assertThat(mail.at()).isEqualTo("2026-03-01T09:12:29.004Z");
            assertThat(mail.recipients()).containsExactly("b@b.example", "\"x,y\"@c.example");
            assertThat(mail.size()).isEqualTo(100);
            assertThat(mail.copies()).singleElement().satisfies(copy -> {
                assertThat(copy.state()).isEqualTo("deferred");
                assertThat(copy.reply()).isEqualTo("450 4.2.1 say \"please\" \\ busy");
            });
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "%s",
        "Mar 01 10:12:30 host smtp-duplicator[123]: %s",
        "relay-1  | %s",
        "2026-03-01T09:12:30.004123456Z stdout F %s",
        "{\"MESSAGE\":%j,\"PRIORITY\":\"6\",\"_PID\":\"123\"}",
        "{\"log\":%j,\"stream\":\"stdout\",\"time\":\"2026-03-01T09:12:30.004Z\"}"
    })
    void readsALineBehindWhateverOthersPutAroundIt(String around) throws IOException {
        String json = "{\"@timestamp\":\"2026-03-01T10:12:30.004+01:00\",\"message\":\"accepted\",\"logger_name\":\"mail\",\"level\":\"INFO\",\"id\":\""
                + ID + "\",\"from\":\"a@b.example\",\"to\":[\"b@b.example\"],\"size\":100}";

        for (String line : List.of(ACCEPTED, json)) {
            String quoted = "\"" + line.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
            assertThat(search(ID, around.replace("%s", line).replace("%j", quoted))).as(line).singleElement()
                    .satisfies(mail -> assertThat(mail.from()).isEqualTo("a@b.example"));
        }
    }

    @Test
    void readsACompressedLog() throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (GZIPOutputStream gz = new GZIPOutputStream(octets)) {
            gz.write((ACCEPTED + "\n" + DEFERRED).getBytes(StandardCharsets.UTF_8));
        }

        LogSearch search = new LogSearch(new TraceQuery(ID, null, null, null, null), 10);
        search.read(new ByteArrayInputStream(octets.toByteArray()));

        assertThat(search.found()).singleElement().satisfies(mail -> assertThat(mail.events()).hasSize(2));
    }

    @Test
    void readsBackWhatTheRelayWrites() throws IOException {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        LayoutWrappingEncoder<ILoggingEvent> text = new LayoutWrappingEncoder<>();
        text.setLayout(new LayoutBase<>() {
            @Override
            public String doLayout(ILoggingEvent event) { // as logback.xml has it
                return event.getInstant().truncatedTo(ChronoUnit.SECONDS).toString().replace("Z", ".004Z") + " INFO  mail " + event.getMessage()
                        + new FieldsConverter().convert(event) + "\n";
            }
        });

        for (Encoder<ILoggingEvent> format : List.of(text, new LogstashEncoder())) {
            ByteArrayOutputStream log = new ByteArrayOutputStream();
            OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
            appender.setContext(context);
            format.setContext(context);
            format.start();
            appender.setEncoder(format);
            appender.setOutputStream(log);
            appender.start();
            Logger logger = context.getLogger("mail");
            logger.setLevel(Level.INFO);
            logger.addAppender(appender);
            List<LoggedEvent> remembered = new ArrayList<>();
            Runnable unfollow = MailLog.follow(remembered::add);
            try {
                MailLog.accepted(ID, new ClientIdentity(new InetSocketAddress("192.0.2.7", 1), null, "a \"b\" \\ id=\"x\"", "ESMTP"),
                        new Envelope("", null, true, List.of("\"a,b\\\" mail lost id=\"@b.example", "caf\u00e9@b.example")), 7, null,
                        Reply.of(250, "2.0.0", "\u001b[31m{\"logger_name\":\"mail\"}"));
            } finally {
                unfollow.run();
                logger.detachAppender(appender);
                logger.setLevel(null);
            }

            assertThat(search(ID, log.toString(StandardCharsets.UTF_8))).as(format.toString()).singleElement().satisfies(mail ->
                    assertThat(mail.events().get(0).fields()).usingRecursiveComparison().withComparatorForType((a, b) -> 0, Number.class)
                            .isEqualTo(remembered.get(0).fields()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "\u0000\u0001\u001b[2J", "{", "{}", "{\"MESSAGE\":\"{\\\"MESSAGE\\\":1}\"}", "mail accepted id=\"" + ID,
        "2026-99-01T10:12:30.004Z INFO  mail accepted id=\"" + ID + "\"",
        "2026-03-01T10:12:30.004Z INFO  mail unheard-of id=\"" + ID + "\"",
        "{\"logger_name\":\"mail\",\"message\":\"accepted\",\"@timestamp\":\"now\",\"id\":\"" + ID + "\"}"
    })
    void passesOverWhatIsNoLineOfAMail(String line) throws IOException {
        assertThat(search(ID, line + "\n" + ACCEPTED.substring(0, 60) + "\n")).hasSizeBetween(0, 1);
    }

    @Test
    void showsNoControlCharacterOfALogThatWasTamperedWith() throws IOException {
        List<TracedMail> mails = search(ID, ACCEPTED.replace("a@b.example", "a\u001b[2J\u009b@b.example") + "\n"
                + "{\"@timestamp\":\"2026-03-01T10:12:30Z\",\"message\":\"lost\",\"logger_name\":\"mail\",\"id\":\"" + ID + "\",\"cause\":\"\\u001b[2J\"}");

        assertThat(mails).singleElement().satisfies(mail -> assertThat(mail.events()).hasSize(2).allSatisfy(event ->
                assertThat(event.toString()).doesNotContainPattern("[\\p{Cc}]")));
    }

    @Test
    void takesNothingForALineThatSomebodyHasSaid() throws IOException {
        assertThat(search(ID, "2026-03-01T10:12:30.004Z WARN  RouteVerdict the route failed: " + ACCEPTED)).isEmpty();
        assertThat(search(ID, "{\"logger_name\":\"RouteVerdict\",\"message\":\"" + ACCEPTED.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}")).isEmpty();
    }

    @Test
    void keepsTheLatestOfAGreatMany() throws IOException {
        StringBuilder log = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            log.append(ACCEPTED.replace(ID, "1M857J9QHYK51G" + (10 + i))).append('\n');
        }
        LogSearch search = new LogSearch(new TraceQuery(null, "b@b.example", null, null, null), 3);

        search.read(new ByteArrayInputStream(log.toString().getBytes(StandardCharsets.UTF_8)));

        assertThat(search.found()).extracting(TracedMail::id)
                .containsExactly("1M857J9QHYK51G57", "1M857J9QHYK51G58", "1M857J9QHYK51G59");
        assertThat(search.more()).isEqualTo(47);
    }

    private static List<TracedMail> search(String name, String log) throws IOException {
        LogSearch search = new LogSearch(new TraceQuery(name, null, null, null, null), 10);
        search.read(new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8)));
        return search.found();
    }
}
