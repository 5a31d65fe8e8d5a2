package io.smtpdup.app;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

import com.fasterxml.jackson.databind.JsonNode;
import io.smtpdup.testkit.ReceivedMessage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Mails as files: what an operator exports, and replays to a backup, over HTTP as in docs/management.md. */
class ReplayTest extends SteeredRelay {

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
        assertThat(new String(export.body(), StandardCharsets.UTF_8).replaceFirst("Ok: queued as \\S+", "Ok")).startsWith("X-SMTP-Duplicator-Id: " + id + "\r\n"
                + "X-SMTP-Duplicator-Reverse-Path: <>\r\nX-SMTP-Duplicator-Recipient: <c@d.example>\r\n"
                + "X-SMTP-Duplicator-Body: 8BITMIME\r\nX-SMTP-Duplicator-SMTPUTF8: yes\r\n"
                + "X-SMTP-Duplicator-Primary: 250 2.0.0 Ok\r\n"
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

    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.writeBytes(first);
        joined.writeBytes(second);
        return joined.toByteArray();
    }
}
