package io.smtpdup.app;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.smtpdup.backup.Gate;
import io.smtpdup.backup.Gates;
import io.smtpdup.spool.CopyConstants;
import io.smtpdup.spool.QueuedCopy;
import io.smtpdup.testkit.ReceivedMessage;
import org.apache.camel.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A backup has spoken, and the route's steps that should put the copy where it belongs fail. */
class FailurePathTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    /** A scheme that is not known before the step runs, so that no check can find what is wrong with it. */
    private static final String SCHEME = "smtpdup.test.scheme";

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private final RelayUnderTest relay = RelayUnderTest.withBackups(1);

    @BeforeEach
    void listen() {
        log.start();
        ((Logger) LoggerFactory.getLogger("io.smtpdup")).addAppender(log);
        System.setProperty(SCHEME, "jmz");
    }

    @AfterEach
    void stop() {
        ((Logger) LoggerFactory.getLogger("io.smtpdup")).detachAppender(log);
        relay.close();
        System.clearProperty(SCHEME);
    }

    @Test
    void asksTheBackupNoMoreThanOnceWhenTheDeadLetterCannotBeStored() throws Exception {
        relay.edit("40-undelivered.camel.yaml", "spool:dead.", "${sys." + SCHEME + "}:dead.").start();
        relay.backup(1).on("RCPT").when(line -> line.contains("refused@")).reply("550 5.1.1 no such user");
        relay.send("<a@b.example>", List.of("refused@d.example"), HELLO, "250");
        await().until(() -> gate().setbacks().size() == 1);
        assertThat(gate().snapshot().lastError()).contains("jmz");
        await().until(() -> scheduled() == 1);

        relay.send("<a@b.example>", List.of("welcome@d.example"), HELLO, "250");
        assertThat(relay.backup(1).awaitMessages(1)).extracting(ReceivedMessage::recipients)
                .containsExactly(List.of("welcome@d.example"));
        await().until(() -> listed().get(0).attempts() >= 2);
        assertThat(listed()).singleElement().satisfies(copy -> assertThat(copy.lastReply())
                .startsWith("cannot be put away: ").contains("jmz").endsWith("; the backup said: 550 5.1.1 no such user"));
        System.setProperty(SCHEME, "spool");

        Message dead = deadLetter();
        assertThat(dead.getHeader(CopyConstants.LAST_REPLY)).isEqualTo("550 5.1.1 no such user");
        assertThat(dead.getBody(byte[].class)).isEqualTo(relay.primary().messages().get(0).octets());
        await().until(() -> gate().setbacks().size() == 0);
        assertThat(relay.backup(1).commands()).filteredOn(line -> line.startsWith("RCPT TO:<refused@")).hasSize(1);
        assertThat(errors()).hasSize(1).allSatisfy(line -> assertThat(line).contains("cannot be put where it belongs", "jmz"));
    }

    @Test
    void splitsACopyOnceAlthoughAPartCannotBeStoredAtFirst() throws Exception {
        relay.edit("40-undelivered.camel.yaml", "spool:${header.CamelCopyQueue}",
                "${sys." + SCHEME + "}:${header.CamelCopyQueue}").start();
        relay.backup(1).on("RCPT").when(line -> line.contains("refused@")).reply("550 5.1.1 no such user");
        relay.send("<a@b.example>", List.of("refused@d.example", "welcome@d.example"), HELLO, "250");
        await().until(() -> gate().setbacks().size() == 1);

        System.setProperty(SCHEME, "spool");

        assertThat(deadLetter().getHeader(CopyConstants.LAST_REPLY)).isEqualTo("550 5.1.1 no such user");
        assertThat(relay.backup(1).awaitMessages(1)).extracting(ReceivedMessage::recipients)
                .containsExactly(List.of("welcome@d.example"));
        assertThat(relay.backup(1).commands()).filteredOn(line -> line.startsWith("RCPT TO:<refused@")).hasSize(1);
    }

    @Test
    void waitsLongerAndLongerWithACopyThatCannotBePutOff() {
        relay.edit("40-undelivered.camel.yaml", "spool:backup.${exchange", "${sys." + SCHEME + "}:backup.${exchange").start();
        AtomicInteger refusals = new AtomicInteger();
        relay.backup(1).on("RCPT").when(line -> line.contains("later@")
                && (refusals.get() < 2 || relay.backup(1).messages().isEmpty()) && refusals.incrementAndGet() > 0)
                .reply("450 4.2.0 come back");

        relay.send("<a@b.example>", List.of("later@d.example"), HELLO, "250");
        relay.send("<a@b.example>", List.of("welcome@d.example"), HELLO, "250");

        assertThat(relay.backup(1).awaitMessages(2)).extracting(ReceivedMessage::recipients)
                .containsExactly(List.of("welcome@d.example"), List.of("later@d.example"));
        assertThat(relay.backup(1).commands()).filteredOn(line -> line.startsWith("RCPT TO:<later@")).hasSize(refusals.get() + 1);
        await().until(() -> gate().setbacks().size() == 0);
    }

    @Test
    void keepsACopyThatNoStepTakesOffTheRoute() {
        relay.edit("40-undelivered.camel.yaml", "          handled:\n            constant:\n              expression: \"true\"\n", "")
                .start();
        relay.backup(1).on("RCPT").when(line -> line.contains("refused@")).reply("550 5.1.1 no such user");

        relay.send("<a@b.example>", List.of("refused@d.example"), HELLO, "250");
        relay.send("<a@b.example>", List.of("welcome@d.example"), HELLO, "250");

        relay.backup(1).awaitMessages(1);
        await().until(() -> gate().setbacks().size() == 1 && scheduled() == 1);
        assertThat(relay.backup(1).commands()).filteredOn(line -> line.startsWith("RCPT TO:<refused@")).hasSize(1);
    }

    private Gate gate() {
        return relay.relay().context().getRegistry().lookupByNameAndType("gates", Gates.class).all().iterator().next();
    }

    private String queue() {
        return "backup." + gate().name();
    }

    private long scheduled() {
        return relay.relay().spool().management().scheduled(queue()).size();
    }

    private List<QueuedCopy> listed() {
        List<QueuedCopy> copies = relay.relay().spool().management().scheduled(queue()).stream().map(QueuedCopy::of).toList();
        return copies.isEmpty() ? List.of(new QueuedCopy(null, "", "", List.of(), 0, 0, null, 0, null, "", null, null, null, null)) : copies;
    }

    private List<String> errors() {
        return List.copyOf(log.list).stream().filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage).toList();
    }

    private Message deadLetter() {
        return relay.deadLetter(gate().name());
    }
}
