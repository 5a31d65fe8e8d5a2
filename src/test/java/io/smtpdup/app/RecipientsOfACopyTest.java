package io.smtpdup.app;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import io.smtpdup.backup.Gates;
import io.smtpdup.spool.QueueState;
import io.smtpdup.testkit.ScriptedSmtpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Each recipient of a copy has a fate of its own, and gets the copy once. */
class RecipientsOfACopyTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private final RelayUnderTest relay = RelayUnderTest.withBackups(1).set("relay.retry_first", "1h");

    @AfterEach
    void close() {
        relay.close();
    }

    private void take(int most) {
        AtomicInteger taken = new AtomicInteger();
        backup().on("MAIL").when(line -> {
            taken.set(0);
            return false;
        }).replyAsUsual();
        backup().on("RCPT").when(line -> taken.incrementAndGet() > most).reply("452 4.5.3 Too many recipients");
    }

    private ScriptedSmtpServer backup() {
        return relay.backup(1);
    }

    private List<String> delivered() {
        return backup().messages().stream().flatMap(mail -> mail.recipients().stream()).toList();
    }

    private void awaitEmptySpool() {
        await().until(() -> relay.relay().spool().management().queues().stream()
                .mapToLong(QueueState::messages).sum() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"550 5.1.1 Duplicate recipient", "452 4.5.3 Duplicate recipient"})
    void aRecipientWhoIsNamedTwiceAndTakenOnceHasTheCopy(String refusal) {
        relay.start();
        Set<String> mentioned = ConcurrentHashMap.newKeySet();
        backup().on("RCPT").when(line -> !mentioned.add(line)).reply(refusal);

        relay.send("<a@b.example>", List.of("one@d.example", "two@d.example", "one@d.example"), HELLO, "250");

        backup().awaitMessages(1);
        awaitEmptySpool();
        assertThat(delivered()).containsExactly("one@d.example", "two@d.example");
        assertThat(relay.primary().messages().get(0).recipients())
                .containsExactly("one@d.example", "two@d.example", "one@d.example");
    }

    @Test
    void aThousandRecipientsGetItAtOnceFromABackupThatTakesAHundred() {
        relay.start();
        take(100);
        List<String> recipients = IntStream.range(0, 1000).mapToObj(n -> "user" + n + "@d.example").toList();

        relay.send("<a@b.example>", recipients, HELLO, "250");

        await().until(() -> delivered().size() >= 1000);
        awaitEmptySpool();
        assertThat(backup().messages()).hasSize(10);
        assertThat(delivered()).containsExactlyInAnyOrderElementsOf(recipients);
    }

    @Test
    void aStopInBetweenLosesNobodyAndRepeatsOneTransactionAtMost() {
        relay.set("relay.retry_first", "1s").start();
        take(100);
        backup().on("DOT").when(text -> backup().messages().size() == 4).once().stall();
        List<String> recipients = IntStream.range(0, 1000).mapToObj(n -> "user" + n + "@d.example").toList();
        relay.send("<a@b.example>", recipients, HELLO, "250");
        await().until(() -> backup().offeredMessages().size() == 5);

        relay.stop();
        relay.start();

        await().until(() -> Set.copyOf(delivered()).size() == 1000);
        awaitEmptySpool();
        assertThat(delivered()).hasSizeBetween(1000, 1100);
    }

    @Test
    void whoWasRefusedKeepsTheirReplyAndTheOthersTheirCopy() {
        relay.start();
        take(2);
        backup().on("RCPT").when(line -> line.contains("unknown@")).reply("550 5.1.1 nobody");

        relay.send("<a@b.example>", List.of("1@d.example", "unknown@d.example", "2@d.example", "3@d.example"), HELLO, "250");

        await().until(() -> delivered().size() == 3);
        String dead = "dead." + relay.relay().context().getRegistry().lookupByNameAndType("gates", Gates.class)
                .all().iterator().next().name();
        await().until(() -> relay.relay().spool().management().queues().stream()
                .filter(queue -> queue.messages() > 0).map(QueueState::name).toList().equals(List.of(dead)));
        assertThat(delivered()).containsExactly("1@d.example", "2@d.example", "3@d.example");
    }
}
