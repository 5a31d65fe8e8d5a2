package io.smtpdup.app;

import java.util.List;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.testkit.ReceivedMessage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What an operator can do to a running relay, over HTTP as in docs/management.md, with a real broker. */
class ToolsTest extends SteeredRelay {

    @Test
    void tellsHowEachBackupIsDoing() {
        relay.backup(1).down();
        send("one@d.example");
        send("two@d.example");
        relay.backup(2).awaitMessages(2);

        JsonNode away = awaitBackup(1, backup -> backup.get("state").asText().equals("away"));

        assertThat(away.get("address").asText()).isEqualTo(relay.backup(1).address());
        assertThat(away.get("name").asText()).isEqualTo(name(1));
        assertThat(away.get("waiting").asInt() + away.get("in_flight").asInt()).isEqualTo(2);
        assertThat(away.get("oldest").asText()).startsWith("20");
        assertThat(away.get("last_error").asText()).isNotEmpty();
        JsonNode active = awaitBackup(2, backup -> backup.get("waiting").asInt() == 0);
        assertThat(active.get("state").asText()).isEqualTo("active");
        assertThat(active.get("last_error").isNull()).isTrue();
    }

    @Test
    void listsWhatWaitsAndWhatIsDeferredAndWhatIsDead() {
        relay.backup(1).on("RCPT").when(line -> line.contains("busy@")).reply("450 4.2.1 mailbox busy");
        relay.backup(1).on("RCPT").when(line -> line.contains("gone@")).reply("550 5.1.1 no such mailbox");
        send("busy@d.example");
        send("gone@d.example");
        awaitBackup(1, backup -> backup.get("deferred").asInt() == 1 && backup.get("dead").asInt() == 1);
        port.post("/spool/pause?backup=" + name(1));
        send("later@d.example");
        relay.backup(2).awaitMessages(3);

        JsonNode copies = port.get("/spool/copies?backup=" + name(1));

        assertThat(copies.get("more").asInt()).isZero();
        assertThat(copies.get("copies")).extracting(copy -> copy.get("state").asText() + " " + copy.at("/recipients/0").asText())
                .containsExactly("waiting later@d.example", "deferred busy@d.example");
        JsonNode deferred = copies.at("/copies/1");
        assertThat(deferred.get("last_reply").asText()).contains("450 4.2.1 mailbox busy");
        assertThat(deferred.get("attempts").asInt()).isEqualTo(1);
        assertThat(deferred.get("next_attempt_at").asText()).isGreaterThan(deferred.get("last_attempt_at").asText());
        JsonNode dead = port.get("/spool/dead");
        assertThat(dead.get("copies")).hasSize(1);
        assertThat(dead.at("/copies/0/backup").asText()).isEqualTo(name(1));
        assertThat(dead.at("/copies/0/last_reply").asText()).contains("550 5.1.1 no such mailbox");
        assertThat(dead.at("/copies/0/from").asText()).isEqualTo("a@b.example");
        assertThat(dead.at("/copies/0/size").asInt()).isGreaterThan(HELLO.length);
    }

    @Test
    void findsCopiesByIdRecipientDomainAndReply() {
        relay.backup(1).on("RCPT").when(line -> line.contains("@gone.example")).reply("550 5.1.1 no such Mailbox");
        relay.backup(1).on("RCPT").when(line -> line.contains("@full.example")).reply("552 5.2.2 quota");
        send("one@gone.example");
        send("two@full.example");
        awaitBackup(1, backup -> backup.get("dead").asInt() == 2);
        String id = port.get("/spool/dead?recipient=one@gone.example").at("/copies/0/id").asText();

        for (String selection : List.of("recipient=ONE@Gone.example", "recipient=@gone.example", "reply=such+mailbox",
                "id=" + id, "id=" + id + "&reply=550")) {
            assertThat(port.get("/spool/dead?" + selection).get("copies")).as(selection)
                    .extracting(copy -> copy.at("/recipients/0").asText()).containsExactly("one@gone.example");
        }
        assertThat(port.get("/spool/dead?recipient=gone.example").get("copies")).isEmpty();
        assertThat(port.get("/spool/dead?id=nobody%27s+id").get("copies")).isEmpty();
    }

    @Test
    void asksABackupThatIsAwayAtOnceWhenTold() {
        relay.stop();
        relay.set("relay.probe_first", "1h").start();
        relay.backup(1).down();
        send("c@d.example");
        awaitBackup(1, backup -> backup.get("state").asText().equals("away") && !backup.get("next_try").isNull());
        relay.backup(1).up();

        JsonNode answer = port.post("/spool/retry?backup=" + name(1));

        assertThat(answer.at("/asked/0").asText()).isEqualTo(name(1));
        relay.backup(1).awaitMessages(1);
    }

    @Test
    void triesADeferredCopyAtOnceWhenToldAndNoOther() {
        relay.backup(1).on("RCPT").times(2).reply("450 4.2.1 mailbox busy");
        send("one@d.example");
        send("two@d.example");
        awaitBackup(1, backup -> backup.get("deferred").asInt() == 2);
        String id = port.get("/spool/copies?recipient=two@d.example&backup=" + name(1)).at("/copies/0/id").asText();

        JsonNode answer = port.post("/spool/retry?id=" + id);

        assertThat(answer.get("released").asInt()).isEqualTo(1);
        assertThat(relay.backup(1).awaitMessages(1).get(0).recipients()).containsExactly("two@d.example");
        assertThat(port.post("/spool/retry?all=true").get("released").asInt()).isEqualTo(1);
        relay.backup(1).awaitMessages(2);
    }

    @Test
    void givesAPausedBackupNothingAlsoAfterARestartUntilItIsResumed() {
        port.post("/spool/pause?backup=" + relay.backup(1).address());
        send("c@d.example");
        relay.backup(2).awaitMessages(1);
        relay.stop();
        relay.start();

        JsonNode paused = awaitBackup(1, backup -> backup.get("state").asText().equals("paused"));
        assertThat(paused.get("waiting").asInt()).isEqualTo(1);
        assertThat(relay.backup(1).messages()).isEmpty();

        assertThat(port.post("/spool/resume?all=true").get("resumed")).hasSize(2);
        relay.backup(1).awaitMessages(1);
        awaitBackup(1, backup -> backup.get("state").asText().equals("active"));
    }

    @Test
    void requeuesDeadLettersAsIfTheyHadJustBeenAccepted() {
        relay.backup(1).on("RCPT").times(2).reply("550 5.1.1 no such mailbox");
        send("one@d.example");
        send("two@d.example");
        awaitBackup(1, backup -> backup.get("dead").asInt() == 2);

        assertThat(port.post("/spool/dead/requeue?recipient=one@d.example").get("requeued").asInt()).isEqualTo(1);

        ReceivedMessage mail = relay.backup(1).awaitMessages(1).get(0);
        assertThat(mail.recipients()).containsExactly("one@d.example");
        assertThat(mail.belowReceived()).isEqualTo(HELLO);
        assertThat(awaitBackup(1, backup -> backup.get("dead").asInt() == 1)).isNotNull();
        assertThat(port.post("/spool/dead/requeue?all=true").get("requeued").asInt()).isEqualTo(1);
        relay.backup(1).awaitMessages(2);
        assertThat(port.post("/spool/dead/requeue?all=true").get("requeued").asInt()).isZero();
    }

    @Test
    void deletesTheDeadLettersThatAreMeantAndNoOthers() {
        relay.backup(1).on("RCPT").reply("550 5.1.1 no such mailbox");
        send("one@d.example");
        send("two@d.example");
        awaitBackup(1, backup -> backup.get("dead").asInt() == 2);

        assertThat(port.post("/spool/dead/delete?recipient=one@d.example&backup=" + name(1)).get("deleted").asInt()).isEqualTo(1);

        assertThat(port.get("/spool/dead").get("copies")).extracting(copy -> copy.at("/recipients/0").asText())
                .containsExactly("two@d.example");
    }

    @Test
    void findsADeadLetterThatLiesDeepInAQueueLongerThanMemory() {
        int count = 130;
        relay.backup(1).on("RCPT").times(count).reply("550 5.1.1 no such mailbox");
        byte[] message = large(90_000);
        for (int i = 0; i < count; i++) {
            relay.send("<a@b.example>", List.of("m" + i + "@d.example"), message, "250");
        }
        awaitBackup(1, backup -> backup.get("dead").asInt() == count);

        JsonNode list = port.get("/spool/dead?limit=3");
        assertThat(list.get("copies")).hasSize(3);
        assertThat(list.get("more").asInt()).isEqualTo(count - 3);
        assertThat(port.post("/spool/dead/delete?recipient=m" + (count - 1) + "@d.example").get("deleted").asInt()).isEqualTo(1);
        assertThat(port.post("/spool/dead/requeue?recipient=m" + (count - 2) + "@d.example").get("requeued").asInt()).isEqualTo(1);
        relay.backup(1).awaitMessages(1);
        assertThat(port.post("/spool/dead/requeue?all=true").get("requeued").asInt()).isEqualTo(count - 2);

        assertThat(relay.backup(1).awaitMessages(count - 1)).extracting(mail -> mail.recipients().get(0))
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, count - 1).mapToObj(i -> "m" + i + "@d.example").toList());
        assertThat(port.get("/spool/dead").get("copies")).isEmpty();
    }

    @Test
    void knowsABackupThatWasTakenOutOfTheListByWhatItLeft() {
        relay.backup(1).on("RCPT").once().reply("550 5.1.1 no such mailbox");
        send("c@d.example");
        awaitBackup(1, backup -> backup.get("dead").asInt() == 1);
        relay.stop();
        relay.set("relay.destination_backups", relay.backup(2).address()).start();

        JsonNode left = awaitBackup(1, backup -> true);

        assertThat(left.get("state").asText()).isEqualTo("unread");
        assertThat(left.get("address").isNull()).isTrue();
        assertThat(port.request("GET", "/spool/dead/export?backup=" + name(1) + "&key="
                + port.get("/spool/dead").at("/copies/0/key").asText(), null).statusCode()).isEqualTo(200);
        assertThat(port.post("/spool/dead/requeue?backup=" + name(1)).get("requeued").asInt()).isEqualTo(1);
        assertThat(port.get("/spool/copies").at("/copies/0/backup").asText()).isEqualTo(name(1));
        assertThat(port.post("/spool/dead/requeue?all=true").get("requeued").asInt()).isZero();
    }

    @Test
    void saysWhatIsWrongWithARequest() {
        assertRefused("GET", "/spool", null, 404, "backups");
        assertRefused("GET", "/spool/nothing", null, 404, "backups");
        assertRefused("GET", "/spool/retry", null, 405, "POST");
        assertRefused("POST", "/spool/copies", null, 405, "GET");
        assertRefused("GET", "/spool/copies?backup=nobody:25", null, 404, "there is no backup nobody:25, but " + relay.backup(1).address());
        assertRefused("POST", "/spool/dead/delete", null, 400, "all=true");
        assertRefused("POST", "/spool/dead/delete?recipent=x", null, 400, "no parameter recipent");
        assertRefused("POST", "/spool/dead/delete?all=true&id=x", null, 400, "cannot be combined");
        assertRefused("GET", "/spool/dead?limit=-1", null, 400, "limit");
        assertRefused("GET", "/spool/dead/export?key=x&backup=" + name(1), null, 404, "no dead letter x");
    }

    @Test
    void cannotBeSteeredByAWebPage() {
        assertRefused("POST", "/spool/dead/delete?all=true", null, 403, "web pages", "Origin", "http://evil.example");
        assertThat(port.request("GET", "/observe/health/live", null, "Origin", "http://evil.example").statusCode()).isEqualTo(200);
    }
}
