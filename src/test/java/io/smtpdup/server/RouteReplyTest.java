package io.smtpdup.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.smtpdup.message.Reply;
import io.smtpdup.message.ReplyingException;
import io.smtpdup.message.SmtpServerConstants;
import io.smtpdup.testkit.SmtpDialogue;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The outcome of the route is what the client hears. */
class RouteReplyTest {

    /** A failure with words for the client. */
    private static final class Answered extends Exception implements ReplyingException {

        private static final long serialVersionUID = 1L;

        private final transient Reply reply;

        Answered(Reply reply) {
            super("for the log alone");
            this.reply = reply;
        }

        @Override
        public Reply reply() {
            return reply;
        }
    }

    private Listener listener;

    private SmtpDialogue client;

    @BeforeEach
    void connect() {
        listener = Listener.plain();
        client = listener.greetedClient();
    }

    @AfterEach
    void disconnect() {
        client.close();
        listener.close();
    }

    private String replyTo(Processor route) {
        listener.then(route);
        return Listener.mail(client, "Subject: x\r\n\r\nhello\r\n");
    }

    private String replyWhenTheRouteLeaves(Object reply) {
        return replyTo(exchange -> exchange.getMessage().setHeader(SmtpServerConstants.REPLY, reply));
    }

    @Test
    void answers250WithTheIdWhenTheRouteLeftNothing() {
        assertThat(replyTo(exchange -> {
        })).isEqualTo("250 2.0.0 Ok: queued as " + listener.onlyMail().headers().get(SmtpServerConstants.ID));
    }

    @Test
    void passesAReplyOnWordForWord() {
        assertThat(replyWhenTheRouteLeaves(Reply.of(250, "2.6.0", "<id@primary> Queued mail for delivery")))
                .isEqualTo("250 2.6.0 <id@primary> Queued mail for delivery");
    }

    @ParameterizedTest
    @CsvSource({
        "'250 2.0.0 Ok: queued as 4F2A', '250 2.0.0 Ok: queued as 4F2A'",
        "'250 anything goes', '250 anything goes'",
        "'550 5.7.1 Not here', '550 5.7.1 Not here'",
        "'452 4.2.2 Mailbox full', '452 4.2.2 Mailbox full'",
        "'550-5.7.1 No~550 5.7.1 never', '550-5.7.1 No~550 5.7.1 never'",
        "'550 5.7.1 Für Sie nicht', '550 5.7.1 Für Sie nicht'",
        "' 550 5.7.1 Blanks around~', '550 5.7.1 Blanks around'"})
    void understandsTheReplyAnOperatorWrote(String header, String heard) {
        assertThat(replyWhenTheRouteLeaves(header.replace("~", "\n"))).isEqualTo(heard.replace("~", "\n"));
        client.say("NOOP", "250 2.0.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"250", "250 ", "250 2.0.0", "250-2.0.0\n250 2.0.0 "})
    void putsTheIdIntoAReplyWithoutWords(String header) {
        assertThat(replyWhenTheRouteLeaves(header)).startsWith("250 2.0.0 Ok: queued as ");
    }

    @ParameterizedTest
    @CsvSource({"550, 550 5.0.0", "550 5.7.1, 550 5.7.1", "450 5.7.1, 450 4.0.0"})
    void givesARefusalWithoutWordsAnEnhancedCodeAndAText(String wire, String codes) {
        assertThat(replyTo(exchange -> {
            throw new Answered(Reply.parse(wire));
        })).isEqualTo(codes + " The next mail server gave no reason");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "999 no code", "250-a\n550 b", "354 Go on", "42"})
    void answers451WhenTheRouteLeftGarbage(String header) {
        assertThat(replyWhenTheRouteLeaves(header)).startsWith("451 4.3.0");
    }

    @Test
    void answers451WhenTheRouteLeftAnotherKindOfObject() {
        assertThat(replyWhenTheRouteLeaves(List.of(1, 2))).startsWith("451 4.3.0");
    }

    @Test
    void answers451WhenTheRouteLeftAReplyThatIsNone() {
        assertThat(replyWhenTheRouteLeaves(new Reply(354, List.of("Go on")))).startsWith("451 4.3.0");
    }

    @Test
    void letsNoReplyForgeAnother() {
        assertThat(replyWhenTheRouteLeaves(new Reply(250, List.of("2.0.0 Ok\r\n550 forged")))).isEqualTo("250 2.0.0 Ok  550 forged");
        client.say("NOOP", "250 2.0.0");
    }

    @Test
    void answers451AndNoneOfTheExceptionsTextWhenTheRouteFails() {
        assertThat(replyTo(exchange -> {
            throw new FileNotFoundException("/var/spool/secret");
        })).isEqualTo("451 4.3.0 Temporary failure, try again later");
    }

    @Test
    void answers451WhenTheRouteDiesOfAnError() {
        assertThat(replyTo(exchange -> {
            throw new AssertionError("not even an exception");
        })).startsWith("451 4.3.0");
        client.say("NOOP", "250 2.0.0");
        assertThat(listener.context().getInflightRepository().size("front")).isZero();
    }

    @Test
    void findsTheWordsBelowAnotherFailure() {
        assertThat(replyTo(exchange -> {
            throw new IllegalStateException(new Answered(Reply.of(550, "5.1.1", "User unknown")));
        })).isEqualTo("550 5.1.1 User unknown");
    }

    @Test
    void answersWithTheWordsOfAFailureThatHasSome() {
        assertThat(replyTo(exchange -> {
            throw new Answered(Reply.of(550, "5.1.1", "User unknown"));
        })).isEqualTo("550 5.1.1 User unknown");
    }

    @ParameterizedTest
    @ValueSource(ints = {250, 354})
    void neverTakesAFailureForASuccess(int code) {
        assertThat(replyTo(exchange -> {
            throw new Answered(new Reply(code, List.of("2.0.0 Ok")));
        })).startsWith("451 4.3.0");
    }

    @Test
    void letsAReplyStandWhenTheRouteFailsAfterIt() {
        assertThat(replyTo(exchange -> {
            exchange.getMessage().setHeader(SmtpServerConstants.REPLY, Reply.of(250, "2.0.0", "The primary has it"));
            throw new IllegalStateException("the copy failed");
        })).isEqualTo("250 2.0.0 The primary has it");
    }

    @Test
    void logsWhyTheRouteFailedOnOneLine() {
        Logger logger = (Logger) LoggerFactory.getLogger(RouteVerdict.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            replyTo(exchange -> {
                throw new IllegalStateException("no JSON: Subject: x\r\n2026-01-01T00:00:00Z INFO  mail delivered id=forged");
            });
        } finally {
            logger.detachAppender(log);
        }

        assertThat(log.list).filteredOn(event -> event.getLevel() == Level.ERROR).singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage()).contains("no JSON").doesNotContain("\r", "\n"));
    }

    @Test
    void answers451WhenTheRouteRolledBackWithoutAnException() {
        assertThat(replyTo(exchange -> exchange.setRollbackOnly(true))).startsWith("451 4.3.0");
    }

    @Test
    void closesAfterA421() {
        assertThat(replyWhenTheRouteLeaves("421 4.3.2 The primary is closing")).isEqualTo("421 4.3.2 The primary is closing");
        assertThat(client.isClosedByPeer()).isTrue();
    }
}
