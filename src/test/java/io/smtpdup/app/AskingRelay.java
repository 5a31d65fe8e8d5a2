package io.smtpdup.app;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.agreement.Agreement;
import io.smtpdup.agreement.Report;
import io.smtpdup.spool.QueueState;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A relay between a primary that refuses recipients and two backups that are asked about them. */
abstract class AskingRelay {

    static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.US_ASCII);

    final RelayUnderTest relay = RelayUnderTest.withBackups(2).set("relay.backup_check_refused", "true")
            .set("relay.probe_first", "1s").set("relay.probe_longest", "1s");

    @AfterEach
    final void close() {
        relay.close();
    }

    /** Refuses everybody but these. */
    static void knowsOnly(ScriptedSmtpServer server, String... localParts) {
        server.on("RCPT").when(line -> Stream.of(localParts).noneMatch(one -> line.contains("<" + one + "@")))
                .reply("550 5.1.1 No such user here");
    }

    /** A client whose recipients the primary refuses all. */
    final void refuse(String from, String... recipients) {
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:" + from, "250");
            for (String recipient : recipients) {
                client.say("RCPT TO:<" + recipient + ">", "550 5.1.1 No such user here");
            }
            client.say("QUIT", "221");
        }
    }

    final String name(int backup) {
        return relay.backup(backup).address().replace(':', '-');
    }

    /** How many questions there are; -1 when that is not known. */
    final long waiting(int backup) {
        return relay.relay().spool().queue("question." + name(backup)).map(QueueState::messages).orElse(-1L);
    }

    /** Whom a backup was asked about, or got a mail for, without those that nobody has. */
    final List<String> recipients(int backup) {
        return relay.backup(backup).commands().stream().filter(line -> line.startsWith("RCPT TO:<"))
                .map(line -> line.substring(9, line.indexOf('>'))).filter(address -> !address.matches("no-such-mailbox-.*")).toList();
    }

    final Map<String, Long> counts(int backup) {
        Agreement agreement = relay.relay().agreement();
        return agreement.counts().stream().filter(count -> count.backup().equals(name(backup))).collect(Collectors.toMap(
                count -> count.relation().text() + " " + count.category().text(), Agreement.Count::count, Long::sum, TreeMap::new));
    }

    final void assertCounted(int backup, Map<String, Long> expected) {
        await().untilAsserted(() -> assertThat(counts(backup)).isEqualTo(new TreeMap<>(expected)));
    }

    final Report.Backup backup(int number) {
        return relay.relay().agreement().report(Map.of()).backups().stream().filter(one -> one.backup().equals(name(number)))
                .findFirst().orElseThrow();
    }
}
