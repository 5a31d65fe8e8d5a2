package io.smtpdup.app;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.testkit.ReceivedMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What an operator can do to a running relay, over HTTP as in docs/management.md, with a real broker. */
class ToolsTest {

    private static final byte[] HELLO = "Subject: hello\r\n\r\nHello.\r\n".getBytes(StandardCharsets.UTF_8);

    private final ManagementPort port = new ManagementPort();

    private RelayUnderTest relay;

    @BeforeEach
    void start() {
        relay = RelayUnderTest.withBackups(2).set("management.port", String.valueOf(port.number()))
                .set("relay.retry_first", "1h").start();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

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
    void exportsAMailWhichReplayedIsTheSameInEveryOctet() {
        byte[] message = large(300_000);
        relay.backup(1).on("RCPT").once().reply("550 5.1.1 no such mailbox");
        relay.send("<> BODY=8BITMIME SMTPUTF8", List.of("c@d.example"), message, "250");
        awaitBackup(1, backup -> backup.get("dead").asInt() == 1);
        String id = port.get("/spool/dead").at("/copies/0/id").asText();

        HttpResponse<byte[]> export = port.request("GET", "/spool/dead/export?backup=" + name(1) + "&key=" + id, null);
        HttpResponse<byte[]> raw = port.request("GET", "/spool/dead/export?raw=true&backup=" + name(1) + "&key=" + id, null);
        JsonNode replayed = port.post("/spool/replay?backup=" + name(1), export.body());

        assertThat(replayed.get("replayed").asText()).isEqualTo(id);
        ReceivedMessage mail = relay.backup(1).awaitMessages(1).get(0);
        byte[] original = relay.primary().messages().get(0).octets();
        assertThat(mail.octets()).isEqualTo(original);
        assertThat(mail.mailFrom()).contains("<>", "BODY=8BITMIME", "SMTPUTF8");
        assertThat(mail.recipients()).containsExactly("c@d.example");
        assertThat(raw.body()).isEqualTo(original);
        assertThat(export.headers().firstValue("Content-Type")).contains("message/rfc822");
        CRC32C checksum = new CRC32C();
        checksum.update(original);
        assertThat(new String(export.body(), StandardCharsets.UTF_8)).startsWith("X-SMTP-Duplicator-Id: " + id + "\r\n"
                + "X-SMTP-Duplicator-Reverse-Path: <>\r\nX-SMTP-Duplicator-Recipient: <c@d.example>\r\n"
                + "X-SMTP-Duplicator-Body: 8BITMIME\r\nX-SMTP-Duplicator-SMTPUTF8: yes\r\n"
                + "X-SMTP-Duplicator-Size: " + original.length + "\r\nX-SMTP-Duplicator-CRC32C: "
                + "%08x".formatted(checksum.getValue()) + "\r\nX-SMTP-Duplicator-Envelope: ends here\r\nReceived: ");
        byte[] shortened = Arrays.copyOf(export.body(), export.body().length - 2);
        shortened[shortened.length - 2] = '\r';
        shortened[shortened.length - 1] = '\n';
        assertRefused("POST", "/spool/replay?backup=" + name(1), shortened, 400, "not those that were written");
    }

    @Test
    void exportsAndReplaysWhatTheSenderSaidAboutReports() {
        byte[] file = ("X-SMTP-Duplicator-Id: 1M85QD2P2AEKNBS9\r\nX-SMTP-Duplicator-Reverse-Path: <a@b.example>\r\n"
                + "X-SMTP-Duplicator-Recipient: <c@d.example> NOTIFY=success,DELAY ORCPT=rfc822;C+2Bx@d.example\r\n"
                + "X-SMTP-Duplicator-Recipient: <\"e NOTIFY=NEVER> f\"@d.example>\r\n"
                + "X-SMTP-Duplicator-Ret: HDRS\r\nX-SMTP-Duplicator-Envid: a+20b\r\n"
                + "X-SMTP-Duplicator-Envelope: ends here\r\nSubject: x\r\n\r\nx\r\n").getBytes(StandardCharsets.UTF_8);
        relay.backup(1).announcing("DSN");
        relay.backup(1).on("MAIL").once().reply("550 5.7.1 not now");
        port.post("/spool/replay?backup=" + name(1), file);
        awaitBackup(1, backup -> backup.get("dead").asInt() == 1);

        byte[] export = port.request(
                "GET", "/spool/dead/export?backup=" + name(1) + "&key=1M85QD2P2AEKNBS9", null).body();
        port.post("/spool/replay?backup=" + name(1), export);
        port.post("/spool/replay?to=c@d.example&to=x@d.example&backup=" + name(1), export);

        assertThat(new String(export, StandardCharsets.UTF_8).replaceAll("X-SMTP-Duplicator-(Size|CRC32C): [0-9a-f]+\r\n", ""))
                .isEqualTo(new String(file, StandardCharsets.UTF_8));
        List<ReceivedMessage> mails = relay.backup(1).awaitMessages(2);
        assertThat(mails).allSatisfy(mail -> assertThat(mail.mailFrom()).isEqualTo("<a@b.example> ENVID=a+20b"));
        assertThat(mails).extracting(ReceivedMessage::rcptTo).containsExactlyInAnyOrder(
                List.of("<c@d.example> NOTIFY=NEVER ORCPT=rfc822;C+2Bx@d.example",
                        "<\"e NOTIFY=NEVER> f\"@d.example> NOTIFY=NEVER"),
                List.of("<c@d.example> NOTIFY=NEVER ORCPT=rfc822;C+2Bx@d.example", "<x@d.example> NOTIFY=NEVER"));
    }

    @Test
    void refusesAFileWithParametersThatNoClientMayUse() {
        String path = "/spool/replay?backup=" + name(1);
        for (String line : List.of("Recipient: <c@d.example> NOTIFY=ALWAYS", "Recipient: <c@d.example> NOTIFY=NEVER NOTIFY=NEVER",
                "Recipient: <c@d.example>NOTIFY=NEVER", "Recipient: <c@d.example> SIZE=1", "Recipient: <c@d.example> ORCPT=x",
                "Ret: NONE", "Envid: a b")) {
            assertRefused("POST", path, ("X-SMTP-Duplicator-" + line + "\r\nX-SMTP-Duplicator-Reverse-Path: <>\r\n"
                    + "X-SMTP-Duplicator-Recipient: <c@d.example>\r\nX-SMTP-Duplicator-Envelope: ends here\r\n"
                    + "Subject: x\r\n\r\n").getBytes(StandardCharsets.UTF_8), 400, "line 1");
        }
    }

    @Test
    void neverTakesAnEnvelopeOutOfTheMailItself() {
        byte[] forged = ("X-SMTP-Duplicator-Recipient: <victim@d.example>\r\nX-SMTP-Duplicator-Envelope: ends here\r\n"
                + "Subject: x\r\n\r\n").getBytes(StandardCharsets.UTF_8);
        byte[] envelope = ("X-SMTP-Duplicator-Reverse-Path: <a@b.example>\r\nX-SMTP-Duplicator-Recipient: <c@d.example>\r\n"
                + "X-SMTP-Duplicator-Envelope: ends here\r\n").getBytes(StandardCharsets.UTF_8);

        port.post("/spool/replay?backup=" + name(1), joined(envelope, forged));

        ReceivedMessage mail = relay.backup(1).awaitMessages(1).get(0);
        assertThat(mail.recipients()).containsExactly("c@d.example");
        assertThat(mail.octets()).isEqualTo(forged);
    }

    @Test
    void replaysAnyMailToWhomTheOperatorSays() {
        String to = "&from=%3C%3E&to=x@d.example&to=" + ManagementPort.encoded("<y@d.example>");

        port.post("/spool/replay?backup=" + name(2) + to, HELLO);

        ReceivedMessage mail = relay.backup(2).awaitMessages(1).get(0);
        assertThat(mail.recipients()).containsExactly("x@d.example", "y@d.example");
        assertThat(mail.mailFrom()).contains("<>");
        assertThat(mail.octets()).isEqualTo(HELLO);
        assertThat(relay.backup(1).messages()).isEmpty();
    }

    @Test
    void refusesToReplayWhatIsNoMailOrHasNoEnvelope() {
        String path = "/spool/replay?backup=" + name(1);
        String to = "&from=a@b.example&to=x@d.example";

        assertRefused("POST", path, HELLO, 400, "no envelope");
        assertRefused("POST", path + to, "Subject: x\n\nHello\n".getBytes(StandardCharsets.UTF_8), 400, "line 1 of the mail has a LF alone");
        assertRefused("POST", path + to, "Subject: x\r\n\r\nHello\r".getBytes(StandardCharsets.UTF_8), 400, "line 3 of the mail has a CR alone");
        assertRefused("POST", path + to, new byte[0], 400, "no mail in it");
        assertRefused("POST", path + "&from=a@b.example&to=x%0d%0aDATA", HELLO, 400, "control character");
        assertRefused("POST", path, "X-SMTP-Duplicator-Id: 1\r\nSubject: x\r\n\r\n".getBytes(StandardCharsets.UTF_8), 400, "line 2");
        assertRefused("POST", path + to, new byte[54_000_000], 413, "smtp.max_size");
        assertThat(port.get("/spool/copies").get("copies")).isEmpty();
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
        assertRefused("POST", "/spool/dead/delete?all=true&id=x", null, 400, "does not go together");
        assertRefused("GET", "/spool/dead?limit=-1", null, 400, "limit");
        assertRefused("GET", "/spool/dead/export?key=x&backup=" + name(1), null, 404, "no dead letter x");
    }

    @Test
    void cannotBeSteeredByAWebPage() {
        assertRefused("POST", "/spool/dead/delete?all=true", null, 403, "web pages", "Origin", "http://evil.example");
        assertThat(port.request("GET", "/observe/health/live", null, "Origin", "http://evil.example").statusCode()).isEqualTo(200);
    }

    private void assertRefused(String method, String path, byte[] body, int status, String reason, String... headers) {
        HttpResponse<byte[]> answer = port.request(method, path, body, headers);
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(path + " " + text).isEqualTo(status);
        assertThat(ManagementPort.tree(text).get("error").asText()).as(path).contains(reason);
    }

    private void send(String recipient) {
        relay.send("<a@b.example>", List.of(recipient), HELLO, "250");
    }

    private String name(int backup) {
        return relay.backup(backup).address().replace(':', '-').toLowerCase(Locale.ROOT);
    }

    private JsonNode awaitBackup(int number, Predicate<JsonNode> condition) {
        return await().until(() -> StreamSupport.stream(port.get("/spool/backups").get("backups").spliterator(), false)
                .filter(backup -> backup.get("name").asText().equals(name(number)))
                .findFirst().orElseThrow(), condition);
    }

    private static byte[] large(int size) {
        byte[] message = new byte[size];
        Arrays.fill(message, (byte) 'x');
        for (int i = 70; i < size; i += 72) {
            message[i] = '\r';
            message[i + 1 < size ? i + 1 : i] = '\n';
        }
        byte[] head = "Subject: large \u00e9\r\n\r\n".getBytes(StandardCharsets.UTF_8);
        System.arraycopy(head, 0, message, 0, head.length);
        message[size - 2] = '\r';
        message[size - 1] = '\n';
        return message;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.writeBytes(first);
        joined.writeBytes(second);
        return joined.toByteArray();
    }
}
