package io.smtpdup.app;

import org.apache.activemq.artemis.api.core.Message;
import io.smtpdup.spool.BrokerSession;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.config.Destination;
import io.smtpdup.net.TlsMode;
import io.smtpdup.testkit.ReceivedMessage;
import io.smtpdup.testkit.ScriptedSmtpServer;
import io.smtpdup.tools.RequestException;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/** Copies that wait for a server which is no backup any more, after the swap of docs/migration.md and after other changes. */
class LeftQueuesTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private final ManagementPort port = new ManagementPort();

    private final RelayUnderTest relay = RelayUnderTest.withBackups(2).set("management.port", String.valueOf(port.number()))
            .set("relay.retry_first", "1h");

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void areDrainedByNobodyWhoHasHandedThemOver() throws Exception {
        Destination server = Destination.parse("gone.example:25", TlsMode.OFF);
        try (CamelContext context = new DefaultCamelContext()) {
            LeftQueues left = new LeftQueues(null, null, null, null);
            assertThatExceptionOfType(RequestException.class).isThrownBy(() -> left.drain("gone.example-25", server));
            left.attachTo(context);

            left.close();

            assertThatExceptionOfType(RequestException.class).as("an operator asks again").isThrownBy(() -> left.drain("gone.example-25", server));
            assertThat(left.target("gone.example-25")).isEmpty();
        }
    }

    @Test
    void goOnToTheServerThatIsThePrimaryNowEachOnce() {
        ScriptedSmtpServer next = relay.backup(1);
        // The way in which a server is written differs, and it is the same server.
        relay.set("relay.destination_backups", "LOCALHOST:" + next.port() + "," + relay.backup(2).address()).start();
        next.on("RCPT").when(line -> line.contains("dead@")).once().reply("550 5.1.1 no such mailbox");
        next.on("RCPT").when(line -> line.contains("deferred@")).once().reply("450 4.2.1 mailbox busy");
        send("dead@d.example", "deferred@d.example");
        await().until(() -> backup(next).get("dead").asInt() == 1 && backup(next).get("deferred").asInt() == 1);
        next.down();
        send("one@d.example", "two@d.example", "three@d.example");
        relay.backup(2).awaitMessages(5);
        relay.stop();
        next.up();

        relay.set("relay.destination_primary", "smtp://LocalHost:" + next.port() + "?tls=off")
                .set("relay.destination_backups", relay.primary().address() + "," + relay.backup(2).address()).start();

        assertThat(recipients(next.awaitMessages(3))).containsExactlyInAnyOrder("one@d.example", "two@d.example", "three@d.example");
        assertThat(backup(next).get("role").asText()).isEqualTo("primary");
        assertThat(backup(next).get("state").asText()).isEqualTo("active");
        assertThat(port.post("/spool/retry?backup=localhost:" + next.port()).get("released").asInt()).isEqualTo(1);
        assertThat(port.post("/spool/dead/requeue?backup=smtp://LOCALHOST:" + next.port()).get("requeued").asInt()).isEqualTo(1);
        next.awaitMessages(5);
        send("new@d.example");
        assertThat(recipients(next.awaitMessages(6))).containsExactlyInAnyOrder("one@d.example", "two@d.example", "three@d.example",
                "deferred@d.example", "dead@d.example", "new@d.example");
        assertThat(recipients(relay.primary().awaitMessages(6))).endsWith("new@d.example");
        await().until(() -> backups().noneMatch(backup -> backup.get("role").asText().equals("primary")));
    }

    @Test
    void canBeSeenAndSteeredWhenNobodyDeliversThem() {
        ScriptedSmtpServer gone = relay.backup(1);
        relay.start();
        gone.down();
        send("one@d.example", "two@d.example", "three@d.example", "four@d.example", "five@d.example");
        relay.backup(2).awaitMessages(5);
        port.post("/spool/pause?backup=" + name(gone));
        relay.stop();
        gone.up();
        relay.set("relay.destination_backups", relay.backup(2).address()).start();

        assertThat(backup(gone).get("role").asText()).isEqualTo("left");
        assertThat(backup(gone).get("state").asText()).isEqualTo("paused");
        assertThat(port.post("/spool/resume?backup=" + gone.address()).at("/resumed/0").asText()).isEqualTo(name(gone));
        assertThat(backup(gone).get("state").asText()).isEqualTo("unread");
        await().untilAsserted(() -> assertThat(metrics())
                .containsPattern("smtpdup_queue_length\\{destination=\"" + gone.address() + "\"[^}]*} 5"));
        HttpResponse<byte[]> health = port.request("GET", "/observe/health/ready", null);
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(new String(health.body(), StandardCharsets.UTF_8)).contains(gone.address() + " has left 5 copies");

        HttpResponse<byte[]> export = port.request("GET", "/spool/copies/export?backup=" + name(gone) + "&key="
                + port.get("/spool/copies?recipient=one@d.example").at("/copies/0/key").asText(), null);
        assertThat(new String(export.body(), StandardCharsets.UTF_8)).contains("X-SMTP-Duplicator-Recipient: <one@d.example>\r\n");
        assertThat(port.post("/spool/copies/delete?recipient=one@d.example").get("deleted").asInt()).isEqualTo(1);
        assertThat(port.post("/spool/copies/move?recipient=two@d.example&to=" + relay.backup(2).address()).get("moved").asInt()).isEqualTo(1);
        assertThat(recipients(relay.backup(2).awaitMessages(6))).endsWith("two@d.example");

        assertThat(port.post("/spool/drain?backup=" + gone.address()).get("draining").asText()).isEqualTo(name(gone));
        assertThat(recipients(gone.awaitMessages(3))).containsExactlyInAnyOrder("three@d.example", "four@d.example", "five@d.example");
        await().until(() -> backups().noneMatch(backup -> backup.get("role").asText().equals("left")));
    }

    @Test
    void goWhereAnOperatorSaysAndNotWhileTheyAreDelivered() {
        ScriptedSmtpServer gone = relay.backup(1);
        relay.start();
        gone.on("RCPT").times(2).reply("450 4.2.1 mailbox busy");
        send("one@d.example", "two@d.example");
        await().until(() -> backup(gone).get("deferred").asInt() == 2);
        String all = "/spool/copies/delete?backup=" + name(gone);
        assertThat(port.request("POST", all, null).statusCode()).isEqualTo(409);
        assertThat(port.request("POST", "/spool/drain?backup=" + name(gone), null).statusCode()).isEqualTo(409);
        port.post("/spool/pause?backup=" + name(gone));
        assertThat(port.post("/spool/copies/delete?backup=" + name(gone) + "&recipient=one@d.example").get("deleted").asInt()).isEqualTo(1);
        port.post("/spool/resume?backup=" + name(gone));
        gone.awaitMessages(1);
        gone.on("RCPT").reply("450 4.2.1 mailbox busy");
        send("three@d.example");
        await().until(() -> backup(gone).get("deferred").asInt() == 1);
        relay.stop();
        relay.set("relay.destination_backups", relay.backup(2).address()).start();
        relay.backup(2).awaitMessages(3);

        assertThat(port.post("/spool/drain?backup=" + name(gone) + "&to=" + relay.primary().address()).get("to").asText())
                .startsWith(relay.primary().address());
        port.post("/spool/retry?backup=" + name(gone));

        assertThat(recipients(relay.primary().awaitMessages(4))).endsWith("three@d.example");
        assertThat(gone.messages()).hasSize(1);
        assertThat(port.request("POST", "/spool/drain?backup=nobody:25", null).statusCode()).isEqualTo(404);
    }

    @Test
    void areNamedAlsoWhenNothingButADamagedCopyIsLeft() throws Exception {
        ScriptedSmtpServer gone = relay.backup(1);
        relay.start();
        try (BrokerSession session = relay.relay().spool().open(false)) {
            session.send("backup." + name(gone), session.session().createMessage(Message.TEXT_TYPE, true));
        }
        await().until(() -> backup(gone).get("damaged").asInt() == 1);
        relay.stop();
        relay.set("relay.destination_backups", relay.backup(2).address()).start();

        assertThat(backup(gone).get("role").asText()).isEqualTo("left");
        assertThat(backup(gone).get("damaged").asInt()).isEqualTo(1);
        await().untilAsserted(() -> assertThat(new String(port.request("GET", "/observe/health", null).body(), StandardCharsets.UTF_8))
                .contains("not in relay.destination_backups: " + gone.address() + " has left 1 damaged copy\""));
        await().untilAsserted(() -> assertThat(metrics())
                .containsPattern("smtpdup_damaged_length\\{destination=\"" + gone.address() + "\"[^}]*} 1"));
    }

    private void send(String... recipients) {
        for (String recipient : recipients) {
            relay.send("<a@b.example>", List.of(recipient), HELLO, "250");
        }
    }

    private JsonNode backup(ScriptedSmtpServer server) {
        return await().until(() -> backups().filter(backup -> backup.get("name").asText().endsWith("-" + server.port())).findFirst()
                .orElse(null), backup -> backup != null);
    }

    private Stream<JsonNode> backups() {
        return StreamSupport.stream(port.get("/spool/backups").get("backups").spliterator(), false);
    }

    private String metrics() {
        return new String(port.request("GET", "/observe/metrics", null).body(), StandardCharsets.UTF_8);
    }

    private static String name(ScriptedSmtpServer server) {
        return server.address().replace(':', '-');
    }

    private static List<String> recipients(List<ReceivedMessage> mails) {
        return mails.stream().map(mail -> mail.recipients().get(0)).toList();
    }
}
