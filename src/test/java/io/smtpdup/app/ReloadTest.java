package io.smtpdup.app;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import io.smtpdup.config.KeyChange;
import io.smtpdup.postfix.FreePort;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.testkit.SmtpDialogue;
import io.smtpdup.tools.ReloadResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Settings and routes are read anew while clients are connected and copies are on their way. */
class ReloadTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private final ManagementPort port = new ManagementPort();

    private final RelayUnderTest relay = RelayUnderTest.withBackups(2).set("management.port", String.valueOf(port.number()))
            .set("relay.retry_first", "1h");

    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void stop() {
        release.countDown();
        relay.close();
    }

    private void only(int... backups) {
        relay.set("relay.destination_backups", String.join(",", Arrays.stream(backups).mapToObj(
                number -> relay.backup(number).address()).toList()));
    }

    private void send(SmtpDialogue client, String recipient) {
        RelayUnderTest.send(client, "<a@b.example>", List.of(recipient), HELLO, "250");
    }

    private ReloadResult reloaded() {
        ReloadResult result = relay.reload();
        assertThat(result.problems()).isEmpty();
        assertThat(result.reloaded()).isTrue();
        return result;
    }

    private void awaitEnd() {
        await().until(() -> relay.relay().endingGenerations() == 0);
    }

    private static List<String> recipients(List<ReceivedMessage> messages) {
        return messages.stream().flatMap(one -> one.recipients().stream()).toList();
    }

    @Test
    void givesMailsToANewBackupWithoutCuttingAClient() {
        only(1);
        relay.start();
        int before = relay.relay().port();
        try (SmtpDialogue client = relay.client()) {
            send(client, "one@d.example");
            only(1, 2);

            ReloadResult result = reloaded();

            assertThat(result.backups().added()).containsExactly(relay.backup(2).address());
            assertThat(result.changed()).extracting(KeyChange::key).containsExactly("relay.destination_backups");
            send(client, "two@d.example");
            assertThat(relay.relay().port()).isEqualTo(before);
        }
        assertThat(recipients(relay.backup(1).awaitMessages(2))).containsExactlyInAnyOrder("one@d.example", "two@d.example");
        assertThat(recipients(relay.backup(2).awaitMessages(1))).containsExactly("two@d.example");
        awaitEnd();
    }

    @Test
    void endsAMailWithWhatItBeganWith() {
        only(1);
        relay.start();
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<one@d.example>", "250");
            client.say("DATA", "354");
            client.sendRaw("Subject: hello\r\n");
            only(2);

            assertThat(reloaded().backups().removed()).containsExactly(relay.backup(1).address());

            client.sendRaw("\r\nHello.\r\n.\r\n");
            client.expect("250");
            send(client, "two@d.example");
        }
        assertThat(recipients(relay.backup(2).awaitMessages(1))).containsExactly("two@d.example");
        assertThat(recipients(relay.primary().awaitMessages(2))).containsExactly("one@d.example", "two@d.example");
        awaitEnd();
        // Nobody reads that queue any more, unless the earlier routes took the copy before they ended.
        int waiting = port.get("/spool/copies?backup=" + relay.backup(1).address()).get("copies").size();
        assertThat(waiting + relay.backup(1).messages().size()).isEqualTo(1);
    }

    @Test
    void answersAMailThatWaitsOverThreeReloads() {
        relay.start();
        relay.primary().on("DOT").once().waitFor(release).replyAsUsual();
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "250");
            client.say("RCPT TO:<slow@d.example>", "250");
            client.data(HELLO);
            await().until(() -> relay.primary().offeredMessages().size() == 1);
            for (int i = 1; i <= 3; i++) {
                relay.set("relay.backup_rate", String.valueOf(6000 + i));
                assertThat(reloaded().changed()).containsExactly(
                        new KeyChange("relay.backup_rate", i == 1 ? "0" : String.valueOf(5999 + i), String.valueOf(6000 + i)));
            }
            try (SmtpDialogue other = relay.client()) {
                send(other, "quick@d.example");
            }
            await().until(() -> relay.relay().endingGenerations() == 1); // the others have nothing to end

            release.countDown();

            client.expect("250");
            send(client, "next@d.example");
        }
        for (ScriptedSmtpServer backup : relay.backups()) {
            assertThat(recipients(backup.awaitMessages(3)))
                    .containsExactlyInAnyOrder("quick@d.example", "slow@d.example", "next@d.example");
        }
        awaitEnd();
    }

    @Test
    void swapsThePrimaryForTheNextMailOfAClientThatStays() {
        only(1);
        relay.start();
        ScriptedSmtpServer next = relay.backup(1);
        try (SmtpDialogue client = relay.client()) {
            send(client, "one@d.example");
            next.awaitMessages(1);
            relay.set("relay.destination_primary", next.address()).set("relay.destination_backups", relay.primary().address());

            reloaded();

            send(client, "two@d.example");
        }
        assertThat(recipients(next.awaitMessages(2))).containsExactly("one@d.example", "two@d.example");
        assertThat(recipients(relay.primary().awaitMessages(2))).containsExactly("one@d.example", "two@d.example");
        assertThat(port.get("/spool/backups").get("backups").get(0).get("address").asText()).isEqualTo(relay.primary().address());
    }

    @Test
    void changesNothingWhenAnythingIsWrong() {
        relay.start();
        String context = relay.relay().context().toString();
        relay.set("smtp.max_size", "many").set("relay.retry_for", "soon");

        assertThat(relay.reload().problems()).hasSize(2).anyMatch(line -> line.contains("smtp.max_size"))
                .anyMatch(line -> line.contains("relay.retry_for"));

        relay.set("smtp.max_size", "1000000").set("relay.retry_for", "1d").write("60-own.camel.yaml", "- route: {nonsense\n");
        assertThat(relay.reload().problems()).hasSize(1).first().asString().contains("60-own.camel.yaml");
        relay.write("60-own.camel.yaml", "- route:\n    id: own\n    from:\n      uri: direct:own\n      steps:\n        - to: direct:nowhere\n");
        assertThat(relay.reload().problems()).hasSize(1).first().asString().contains("direct:nowhere");
        assertThat(relay.relay().context().toString()).isEqualTo(context);
        relay.send("<a@b.example>", List.of("one@d.example"), HELLO, "250");
        relay.backups().forEach(backup -> backup.awaitMessages(1));
    }

    @Test
    void namesWhatNeedsARestartAndAppliesTheRest() {
        relay.start();
        relay.set("smtp.listen", "127.0.0.2:0").set("spool.min_free", "2000000").set("relay.backup_rate", "6000");

        ReloadResult result = reloaded();

        assertThat(result.needsRestart()).extracting(KeyChange::key).containsExactly("smtp.listen", "spool.min_free");
        assertThat(result.changed()).extracting(KeyChange::key).containsExactly("relay.backup_rate");
        relay.send("<a@b.example>", List.of("one@d.example"), HELLO, "250");
    }

    @Test
    void leavesACopyThatIsOnItsWayAndSendsItOnce() {
        relay.start();
        relay.backup(1).on("DOT").once().waitFor(release).replyAsUsual();
        relay.send("<a@b.example>", List.of("one@d.example"), HELLO, "250");
        await().until(() -> relay.backup(1).offeredMessages().size() == 1);

        reloaded();

        relay.send("<a@b.example>", List.of("two@d.example"), HELLO, "250");
        relay.backup(2).awaitMessages(2);
        await().until(() -> relay.relay().endingGenerations() == 1); // the others have nothing to end
        release.countDown();
        assertThat(recipients(relay.backup(1).awaitMessages(2))).containsExactlyInAnyOrder("one@d.example", "two@d.example");
        awaitEnd();
        assertThat(relay.backup(1).messages()).hasSize(2);
    }

    @Test
    void givesABackupNoMoreAtATimeThanItShould() {
        relay.set("relay.destination_backups", relay.backup(1).address() + "?concurrency=1," + relay.backup(2).address());
        relay.start();
        relay.backup(1).on("DOT").once().waitFor(release).replyAsUsual();
        relay.send("<a@b.example>", List.of("one@d.example"), HELLO, "250");
        await().until(() -> relay.backup(1).offeredMessages().size() == 1);
        relay.send("<a@b.example>", List.of("two@d.example"), HELLO, "250");
        int connections = relay.backup(1).connectionCount();

        reloaded();

        relay.send("<a@b.example>", List.of("three@d.example"), HELLO, "250");
        relay.backup(2).awaitMessages(3); // by then the other's copies could be on their way as well
        assertThat(relay.backup(1).connectionCount()).isEqualTo(connections);
        release.countDown();
        assertThat(recipients(relay.backup(1).awaitMessages(3)))
                .containsExactlyInAnyOrder("one@d.example", "two@d.example", "three@d.example");
        awaitEnd();
    }

    /** Whoever only says MAIL would otherwise keep what is not in force any more for days, and in the end each reload and rollback away. */
    @Test
    void isNotKeptAwayByClientsWhoOnlyBeginMails() {
        relay.start();
        List<SmtpDialogue> idle = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            SmtpDialogue client = relay.client();
            idle.add(client);
            client.say("MAIL FROM:<a@b.example>", "250");
            reloaded();
        }
        assertThat(relay.relay().endingGenerations()).isEqualTo(10);

        reloaded();

        for (SmtpDialogue client : idle) {
            client.expect("421");
            client.close();
        }
        awaitEnd();
    }

    @Test
    void hasTheNextMailOfAClientThatTheOldPrimaryRefused() {
        only(1);
        relay.start();
        relay.primary().on("MAIL").reply("451 4.3.0 not now");
        try (SmtpDialogue client = relay.client()) {
            client.say("MAIL FROM:<a@b.example>", "451");
            relay.set("relay.destination_primary", relay.backup(1).address()).set("relay.destination_backups", relay.primary().address());

            reloaded();

            send(client, "one@d.example");
        }
        assertThat(recipients(relay.backup(1).awaitMessages(1))).containsExactly("one@d.example");
    }

    @Test
    void servesNobodyAtANewAddressBeforeItIsInForce() throws Exception {
        relay.start();
        int free = FreePort.find();
        relay.write("60-second.camel.yaml", listener("second", free));
        relay.write("61-third.camel.yaml", listener("third", relay.primary().port())); // which only the start finds out
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Boolean> greeted = CompletableFuture.supplyAsync(() -> {
            boolean any = false;
            while (!over.get()) {
                any |= greets(free);
            }
            return any;
        });

        assertThat(relay.reload().problems()).hasSize(1).first().asString().contains("cannot listen");

        over.set(true);
        assertThat(greeted.get()).isFalse();
        relay.write("61-third.camel.yaml", listener("third", FreePort.find()));
        reloaded();
        assertThat(greets(free)).isTrue();
    }

    private static String listener(String name, int port) {
        return "- route:\n    id: " + name + "\n    from:\n      uri: smtp-server:127.0.0.1:" + port
                + "\n      steps:\n        - to: direct:copies\n";
    }

    private static boolean greets(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.getInputStream().read() == '2';
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void answersOverHttpAndCountsOn() {
        relay.start();
        relay.send("<a@b.example>", List.of("one@d.example"), HELLO, "250");
        relay.backups().forEach(backup -> backup.awaitMessages(1));
        await().until(() -> metric("camel_exchanges_succeeded_total", "routeId=\"relay\"") == 1);
        relay.set("relay.backup_rate", "6000");

        assertThat(port.post("/reload").get("reloaded").asBoolean()).isTrue();

        relay.send("<a@b.example>", List.of("two@d.example"), HELLO, "250");
        await().until(() -> metric("camel_exchanges_succeeded_total", "routeId=\"relay\"") == 2);
        assertThat(port.get("/observe/health").get("status").asText()).isEqualTo("UP");
        await().until(() -> metric("smtpdup_queue_length", relay.backup(1).address()) == 0);
        assertThat(metric("smtpdup_destination_up", "role=\"primary\"")).isEqualTo(1);
        relay.set("smtp.hop_limit", "none");
        String refused = new String(port.request("POST", "/reload", null).body(), StandardCharsets.UTF_8);
        assertThat(ManagementPort.tree(refused).get("error").asText()).contains("smtp.hop_limit");
    }

    private double metric(String name, String label) {
        String metrics = new String(port.request("GET", "/observe/metrics", null).body(), StandardCharsets.UTF_8);
        return metrics.lines().filter(line -> line.startsWith(name + "{") && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).findFirst().orElse(-1);
    }
}
