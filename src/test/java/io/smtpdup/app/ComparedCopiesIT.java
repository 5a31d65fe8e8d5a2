package io.smtpdup.app;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.smtpdup.agreement.Agreement;
import io.smtpdup.agreement.AgreementSettings;
import io.smtpdup.agreement.AgreementWatcher;
import io.smtpdup.postfix.RelayProcess;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The packaged relay, killed between the primary's answer and the backup's. */
class ComparedCopiesIT {

    private static final int MAILS = 40;

    @Test
    void knowsWhatThePrimarySaidAfterAKill(@TempDir Path directory) throws Exception {
        try (ScriptedSmtpServer primary = ScriptedSmtpServer.start(); ScriptedSmtpServer backup = ScriptedSmtpServer.start()) {
            backup.on("RCPT").when(line -> line.contains("<gone")).reply("550 5.1.1 No such user here");
            backup.down();
            try (RelayProcess relay = RelayProcess.launch(directory, Map.of(
                    "relay.destination_primary", primary.address(), "relay.destination_backups", backup.address()))) {
                relay.awaitGreeting();
                IntStream.range(0, MAILS).forEach(i -> send(relay, List.of("m" + i + "@d.example", "gone" + i + "@d.example")));

                relay.kill();
                backup.up();
                relay.start();

                await().until(() -> backup.messages().size() >= MAILS);
                await().until(() -> relay.output().lines().filter(line -> line.contains("dead-lettered")).count() >= MAILS);
            }
            try (Agreement agreement = Agreement.open(
                    AgreementSettings.in(directory.resolve("spool/agreement")), Clock.systemUTC(), Clock.systemUTC(),
                    AgreementWatcher.LOG)) {
                Map<String, Long> counts = agreement.counts().stream().collect(Collectors.toMap(
                        count -> count.relation().text() + " " + count.category().text(), Agreement.Count::count, Long::sum));
                assertThat(counts).isEqualTo(Map.of("agreed none", (long) MAILS, "refused address", (long) MAILS));
            }
        }
    }

    private static void send(RelayProcess relay, List<String> recipients) {
        try (SmtpDialogue client = SmtpDialogue.connect(relay.port())) {
            client.expect("220");
            client.say("EHLO client.example", "250");
            RelayUnderTest.send(client, "<a@b.example>", recipients, "Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.UTF_8), "250");
        }
    }
}
