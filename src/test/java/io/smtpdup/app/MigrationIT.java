package io.smtpdup.app;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.smtpdup.agreement.Report;
import io.smtpdup.agreement.ReportJson;
import io.smtpdup.postfix.RelayProcess;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A migration in small: thousands of mails to two new servers that differ from the old one in all kinds of ways, the relay killed and
 * stopped in between. The report of the packaged relay has each difference as often as it was planted, and nothing else.
 */
class MigrationIT {

    private static final int MAILS = 2000;

    private static final int CLIENTS = 4;

    private final ScriptedSmtpServer old = ScriptedSmtpServer.start();

    private final ScriptedSmtpServer strict = ScriptedSmtpServer.start();

    private final ScriptedSmtpServer slow = ScriptedSmtpServer.start();

    private final Map<String, Long> atStrict = new TreeMap<>();

    private final Map<String, Long> atSlow = new TreeMap<>();

    private final List<Mail> mails = IntStream.range(0, MAILS).mapToObj(this::mail).toList();

    private record Mail(String from, List<String> recipients, String content) {
    }

    @AfterEach
    void close() {
        old.close();
        strict.close();
        slow.close();
    }

    @Test
    void findsEveryDifferenceAndInventsNone(@TempDir Path directory) throws Exception {
        beDifferent();
        try (RelayProcess relay = RelayProcess.launch(directory, Map.of("relay.destination_primary", old.address(),
                "relay.destination_backups", strict.address() + "," + slow.address() + "?retry_for=1s",
                "relay.retry_longest", "1s", "relay.probe_first", "1s", "relay.probe_longest", "1s"))) {
            relay.awaitGreeting();
            send(relay, mails.subList(0, 600));
            strict.down();
            send(relay, mails.subList(600, 900));
            // A kill may lose what was compared in the last second, and the report says so; here nothing shall be.
            long all = mails.subList(0, 900).stream().mapToLong(mail -> mail.recipients().size()).sum();
            await().until(() -> counts(report(directory), slow).values().stream().mapToLong(count -> count).sum() == all);
            relay.kill();
            strict.up();
            relay.start();
            send(relay, mails.subList(900, 1400));
            strict.down();
            send(relay, mails.subList(1400, 1600));
            relay.stop();
            strict.up();
            relay.start();
            send(relay, mails.subList(1600, MAILS));

            await().untilAsserted(() -> assertThat(counts(report(directory), strict)).isEqualTo(atStrict));
            await().untilAsserted(() -> assertThat(counts(report(directory), slow)).isEqualTo(atSlow));
            Report report = report(directory);
            assertThat(report.verdict()).isEqualTo("not-ready");
            assertThat(of(report, strict).reasons()).extracting(Report.Reason::code).contains("refused-address", "refused-mailbox",
                    "refused-size", "refused-relay-trust", "refused-tls", "refused-protocol", "content-stricter", "window");
            assertThat(of(report, strict).differences()).as("one for each kind that was planted").hasSize(9);
            assertThat(of(report, slow).differences()).as("the one that was planted, and what a kill in the middle may leave")
                    .filteredOn(one -> !one.relation().equals("healed")).hasSize(1);
            assertThat(of(report, strict).latency().primary().count()).as("one for each mail that both have taken for somebody")
                    .isEqualTo(of(report, strict).latency().backup().count()).isPositive();
        }
        assertThat(takenAt(strict)).as("who has a mail at the new server").isEqualTo(
                atStrict.get("agreed none") + atStrict.get("healed greylist"));
        assertThat(takenAt(slow)).isEqualTo(atSlow.get("agreed none"));
    }

    private void beDifferent() {
        strict.announcing("PIPELINING", "SIZE 4000", "8BITMIME", "ENHANCEDSTATUSCODES");
        Map<String, Integer> greeted = new ConcurrentHashMap<>();
        strict.on("RCPT").when(line -> line.contains("<gone")).reply("550 5.1.1 No such user here");
        strict.on("RCPT").when(line -> line.contains("<full")).reply("552 5.2.2 Mailbox is over quota");
        strict.on("RCPT").when(line -> line.contains("@elsewhere")).reply("554 5.7.1 Relay access denied");
        // The first 451 on a connection that has carried mails is asked about again at once.
        strict.on("RCPT").when(line -> line.contains("<grey") && greeted.merge(line, 1, Integer::sum) <= 2)
                .reply("451 4.7.1 Greylisted, please try again later");
        strict.on("MAIL").when(line -> line.matches(".* SIZE=[4-9][0-9]{3}.*")).reply("552 5.3.4 Message size exceeds fixed limit");
        strict.on("MAIL").when(line -> line.contains("spf@")).reply("550 5.7.23 SPF validation failed");
        strict.on("MAIL").when(line -> line.contains("tls@")).reply("530 5.7.0 Must issue a STARTTLS command first");
        strict.on("DOT").when(text -> text.contains("cheap pills")).reply("554 5.7.1 Message rejected as spam");
        slow.on("RCPT").when(line -> line.contains("<never")).reply("450 4.2.1 Mailbox is disabled for now");
    }

    /** The mail of this number, and what both servers are to say of it. */
    private Mail mail(int i) {
        String from = "a@b.example";
        String content = "Subject: " + i + "\r\n\r\nHello.\r\n";
        List<String> recipients = new ArrayList<>(List.of("user" + i % 500 + "@d.example"));
        String all = null;
        switch (i % 40) {
            case 1, 11, 21 -> add(recipients, "gone" + i + "@d.example", "refused address");
            case 2, 22 -> add(recipients, "full" + i + "@d.example", "refused mailbox");
            case 3 -> {
                from = "spf@b.example";
                all = "refused sender-auth";
            }
            case 4 -> {
                content += "cheap pills\r\n";
                all = "refused content";
            }
            case 5 -> {
                content += "0123456789\r\n".repeat(400);
                all = "refused size";
            }
            case 6 -> add(recipients, "user@elsewhere.example", "refused relay-trust");
            case 7 -> add(recipients, "m\u00fcller" + i + "@d.example", "refused protocol");
            case 8 -> add(recipients, "grey" + i + "@d.example", "healed greylist");
            case 9 -> {
                from = "tls@b.example";
                all = "refused tls";
            }
            case 12 -> {
                recipients.add("never" + i + "@d.example");
                atStrict.merge("agreed none", 1L, Long::sum);
                atSlow.merge("expired mailbox", 1L, Long::sum);
            }
            default -> { }
        }
        if (i % 40 == 7) { // without SMTPUTF8 the server can take none of it
            all = "refused protocol";
        }
        atStrict.merge(all == null ? "agreed none" : all, 1L, Long::sum);
        atSlow.merge("agreed none", 1L, Long::sum);
        return new Mail(from, recipients, content);
    }

    private void add(List<String> recipients, String recipient, String expected) {
        recipients.add(recipient);
        atStrict.merge(expected, 1L, Long::sum);
        atSlow.merge("agreed none", 1L, Long::sum);
    }

    /** All of them are answered when this returns. */
    private static void send(RelayProcess relay, List<Mail> some) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int n = 0; n < CLIENTS; n++) {
                int first = n;
                all.add(clients.submit(() -> {
                    try (SmtpDialogue client = SmtpDialogue.connect(relay.port())) {
                        client.expect("220");
                        client.say("EHLO client.example", "250");
                        for (int i = first; i < some.size(); i += CLIENTS) {
                            Mail mail = some.get(i);
                            String utf8 = mail.recipients().stream().anyMatch(one -> one.contains("\u00fc")) ? " SMTPUTF8" : "";
                            RelayUnderTest.send(client, "<" + mail.from() + ">" + utf8, mail.recipients(),
                                    mail.content().getBytes(StandardCharsets.UTF_8), "250");
                        }
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            clients.shutdownNow();
        }
    }

    private static Report report(Path directory) throws Exception {
        Properties settings = new Properties();
        try (var in = Files.newBufferedReader(directory.resolve("application.properties"))) {
            settings.load(in);
        }
        HttpResponse<String> answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + settings.getProperty("management.port") + "/agreement")).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return ReportJson.read(answer.body());
    }

    private static Report.Backup of(Report report, ScriptedSmtpServer backup) {
        return report.backups().stream().filter(one -> one.backup().equals(backup.address().replace(':', '-'))).findFirst().orElseThrow();
    }

    /** By relation and category; what agrees has none. */
    private static Map<String, Long> counts(Report report, ScriptedSmtpServer server) {
        Report.Backup backup = of(report, server);
        Map<String, Long> counts = backup.differences().stream()
                .collect(Collectors.toMap(one -> one.relation() + " " + one.category(), Report.Difference::count, Long::sum, TreeMap::new));
        counts.put("agreed none", backup.relations().get("agreed"));
        backup.relations().forEach((relation, count) -> assertThat(count).as(relation).isEqualTo(counts.entrySet().stream()
                .filter(one -> one.getKey().startsWith(relation + " ")).mapToLong(Map.Entry::getValue).sum()));
        return counts;
    }

    /** A mail may have come twice after a kill, which is the same mail. */
    private static long takenAt(ScriptedSmtpServer server) {
        return server.messages().stream().flatMap(mail -> mail.recipients().stream().map(recipient -> subject(mail) + recipient))
                .distinct().count();
    }

    private static String subject(ReceivedMessage mail) {
        return mail.text().lines().filter(line -> line.startsWith("Subject:")).findFirst().orElseThrow();
    }
}
